import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildCube } from '../../src/build/build-cube.js';
import { planCube } from '../../src/build/plan-cube.js';
import { openRaster } from '../../src/build/raster-handle.js';
import { problemOf, formatProblem } from '../../src/errors.js';
import { encodeGeoTiff } from '../../src/sample/write-geotiff.js';
import { temporaryFolder } from '../lake/temporary.js';

const folder = temporaryFolder();
const SIZE = 64;
const GEO_KEYS = 34_735;

type Image = {
  readonly data?: Uint8Array | Uint16Array;
  readonly epsg?: number;
  readonly nodata?: number;
  /** Tag that is left out. */
  readonly without?: number;
};

/** An image of 64 × 64 pixels of 10 m; its values are 1 to 64 along each row. */
function writeImage(name: string, { data, epsg = 32_632, nodata = 0, without }: Image = {}): void {
  const values = data ?? Uint16Array.from({ length: SIZE * SIZE }, (_, i) => (i % SIZE) + 1);
  const transform = [10, 0, 500_000, 0, -10, 5_300_000] as const;
  const bytes = encodeGeoTiff(
    { data: values, width: SIZE, height: SIZE, transform, epsg, nodata },
    { tile: 64, overviews: 0, classes: false },
  );
  // A neighbouring private number keeps the tags in order and means nothing.
  if (without !== undefined) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const count = view.getUint16(8, true);
    const at = Array.from({ length: count }, (_, i) => 10 + 12 * i).find(
      (tag) => view.getUint16(tag, true) === without,
    );
    view.setUint16(at!, without + 1, true);
  }
  writeFileSync(join(folder, name), bytes);
}

/** A collection of items with one asset each, in the order given. */
function writeItems(name: string, items: readonly (readonly [id: string, href: string])[], asset = 'v'): string {
  const features = items.map(([id, href], i) => ({
    type: 'Feature',
    stac_version: '1.0.0',
    id,
    properties: { datetime: `2024-06-0${i + 1}T10:00:00Z`, cloud: i },
    geometry: null,
    links: [],
    assets: { [asset]: { href } },
  }));
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify({ type: 'FeatureCollection', features }));
  return path;
}

const specOf = (stac: string, more: object) => ({ name: 'a', source: { stac }, bands: ['v'], ...more });
const GRID = { crs: 'EPSG:32632', resolution: 10, chunk: 64 };

const plan = (stac: string, more: object = {}) => planCube({ spec: specOf(stac, { grid: GRID, ...more }) as never });

async function refusal(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'no problem',
    (error: unknown) => formatProblem(problemOf(error)),
  );
}

let builds = 0;

/** Build and read arrays of the cube. */
async function build(stac: string, more: object, ...arrays: string[]): Promise<number[][]> {
  const out = join(folder, `out-${builds++}`);
  await buildCube({ spec: specOf(stac, { grid: GRID, output: { lake: 'none' }, ...more }) as never, out, workers: 0 });
  const read: number[][] = [];
  for (const array of arrays) {
    const raster = await openRaster(join(out, 'cube.zarr', array));
    read.push(Array.from((await raster.read()).data as Uint16Array));
    await raster.close();
  }
  return read;
}

let one = '';

beforeAll(() => {
  writeImage('one.tif');
  one = writeItems('one.json', [['A', './one.tif']]);
});

describe('N4 several nodata values', () => {
  it('N4 values and closed ranges have no data, and the first of them is written', async () => {
    const data = Uint8Array.from({ length: SIZE * SIZE }, (_, i) => i % 256);
    writeImage('bytes.tif', { data });
    const stac = writeItems('bytes.json', [['A', './bytes.tif']]);
    const [values, reasons] = await build(stac, { nodata: { v: [[249, 255], 3] } }, 'v', 'reason');
    for (const [i, value] of data.entries()) {
      const none = value >= 249 || value === 3;
      expect([values![i], reasons![i]]).toEqual(none ? [249, 2] : [value, 0]);
    }
    const hash = async (nodata: object) => (await plan(stac, { nodata })).hash;
    expect(await hash({ v: [[249, 255], 3] })).toBe(await hash({ v: [[249, 255], 3] }));
    expect(await hash({ v: [[249, 255], 3] })).not.toBe(await hash({ v: [[249, 254], 3] }));
  });

  it('N4 kernels leave ranges out, and nothing valid is rounded into one', async () => {
    const data = Uint8Array.from({ length: SIZE * SIZE }, (_, i) => [100, 110, 105, 104][i % 4]!);
    writeImage('mean.tif', { data });
    const stac = writeItems('mean.json', [['A', './mean.tif']]);
    const coarse = { grid: { ...GRID, resolution: 20, chunk: 32 }, resampling: 'average' };
    // Means are 105 and 104.5, which rounds to 105: the nearest value beside [104, 106] that is not smaller is 107.
    const [both] = await build(stac, { ...coarse, nodata: { v: [0, [200, 255]] } }, 'v');
    expect(new Set(both)).toEqual(new Set([105]));
    const [apart, reasons] = await build(stac, { ...coarse, nodata: { v: [[104, 105]] } }, 'v', 'reason');
    expect(apart!.slice(0, 4)).toEqual([106, 104, 106, 104]);
    expect(reasons!.slice(0, 4)).toEqual([0, 2, 0, 2]);
  });
});

describe('G4 the CRS of most items', () => {
  const zones = () => {
    writeImage('east.tif', { epsg: 32_633 });
    return writeItems('zones.json', [
      ['A', './east.tif'],
      ['B', './one.tif'],
      ['C', './one.tif'],
    ]);
  };
  const extent = [500_000, 5_299_360, 500_640, 5_300_000];

  it.each([{}, { resolution: 20 }])('G4 is taken, with a grid of %j', async (grid) => {
    expect((await plan(zones(), { grid: { ...grid, extent, chunk: 64 } })).grid.crs).toBe('EPSG:32632');
  });
});

describe('what a build refuses', () => {
  it('half floats, which would be written as something else', async () => {
    expect(await refusal(plan(one, { dtype: 'float16' }))).toMatch(/^invalid-spec: dtype: .*float16 is not written/);
    expect(await refusal(plan(one, { dtype: { v: 'float16' } }))).toMatch(/^invalid-spec: dtype.v: .*float16/);
  });

  it('files without a CRS, with what helps', async () => {
    writeImage('nowhere.tif', { without: GEO_KEYS });
    const stac = writeItems('nowhere.json', [['A', './nowhere.tif']]);
    for (const grid of [{}, GRID]) {
      expect(await refusal(plan(stac, { grid }))).toMatch(
        /^invalid-data: .*nowhere.tif: the file has no CRS.*gdal_edit/,
      );
    }
  });

  it('items of which none can be opened, though it may be incomplete', async () => {
    const stac = writeItems('gone.json', [
      ['A', './gone.tif'],
      ['B', './gone.tif'],
    ]);
    const spec = specOf(stac, { grid: {} }) as never;
    expect(await refusal(planCube({ spec, allowIncomplete: true }))).toMatch(
      /^no-data: none of 2 items can be opened, such as A, band "v": not-found: .*gone.tif/,
    );
  });

  it('names of bands and properties that no item has, under the key that gives them', async () => {
    expect(await refusal(plan(one, { mask: { band: 'nope', values: [1] } }))).toMatch(/^invalid-spec: mask.band: /);
    expect(await refusal(plan(one, { bands: ['nope'] }))).toMatch(/^invalid-spec: bands: /);
    expect(await refusal(plan(one, { sortby: ['-nope'] }))).toMatch(
      /^invalid-spec: sortby: no item has the property "nope" .*cloud/,
    );
    expect(await refusal(plan(one, { sortby: ['-cloud', 'id', 'datetime'] }))).toBe('no problem');
  });

  it('its own settings before anything is made', async () => {
    const out = join(folder, 'never');
    const run = (more: object, options: object = {}) =>
      refusal(buildCube({ spec: specOf(one, { grid: GRID, ...more }) as never, out, workers: 0, ...options }));
    expect(await run({ output: { codec: { level: 20 } } })).toMatch(/^invalid-spec: output.codec.level: .*0 to 9/);
    expect(await run({}, { maxMemory: 2 ** 20, workers: 2 })).toBe(
      'budget: 2 workers: 64 MiB needed, the limit is 1 MiB (raise --max-memory or lower --workers)',
    );
    expect(existsSync(out)).toBe(false);
  });

  it('a local file that a remote item names, with the item and the band', async () => {
    const item = {
      type: 'Feature',
      stac_version: '1.0.0',
      id: 'R',
      properties: { datetime: '2024-06-01T10:00:00Z' },
      geometry: null,
      links: [],
      assets: { v: { href: `file://${join(folder, 'one.tif')}` } },
    };
    const server = createServer((_, response) => response.end(JSON.stringify(item)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/item.json`;
    const found = await refusal(plan(url));
    server.close();
    expect(found).toMatch(/^forbidden: .*item R, band "v"/);
  });
});
