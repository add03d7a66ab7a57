import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildReferences, type ReferencesSummary } from '../../src/build/build-references.js';
import { openRaster } from '../../src/build/raster-handle.js';
import { isCubeError } from '../../src/errors.js';
import { icechunkStatus } from '../../src/native/load.js';
import { createSources } from '../../src/io/sources.js';
import { openAllRasters } from '../../src/raster/open-all.js';
import { openRaster as openLevels } from '../../src/raster/open.js';
import { hasShared, sharedPath } from '../shared.js';
import { writeItems, type SmallItem } from './small-items.js';

const hash = (a: number, b: number, seed: number) => ((a * 31 + b * 17 + seed * 101) * 2_654_435_761) % 65_536;

/** An image whose pixels differ from all others', with one overview. */
function image(seed: number, more: object = {}): SmallItem['images'][string] {
  return {
    value: ({ row, col }) => hash(row, col, seed),
    overviews: [({ row, col }) => hash(row, col, seed + 1000)],
    nodata: 0,
    ...more,
  };
}

const ITEMS: readonly SmallItem[] = [
  { id: 'b', datetime: '2024-06-02T10:00:00Z', images: { red: image(1), nir: image(2) } },
  { id: 'a', datetime: '2024-06-01T10:00:00Z', images: { red: image(3), nir: image(4) } },
  { id: 'c', datetime: '2024-06-03T10:00:00Z', images: { red: image(5), nir: image(6) } },
];

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'references-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** References of small items at `folder/output`. */
function build(
  name: string,
  output: string,
  items: readonly SmallItem[],
  more: object = {},
): Promise<ReferencesSummary> {
  const spec = { name, source: { stac: writeItems(folder, name, items) }, bands: Object.keys(items[0]!.images) };
  const path = join(folder, output);
  const kind = output.endsWith('.icechunk') ? 'icechunk' : output.endsWith('.zarr') ? 'zarr' : 'kerchunk';
  const place = { [kind]: path };
  return buildReferences({ spec, ...place, ...more });
}

async function samples(place: string, variable?: string, level = 0): Promise<number[]> {
  const raster = await openRaster(place, variable === undefined ? {} : { variable });
  try {
    return Array.from((await raster.read({ level })).data, Number);
  } finally {
    await raster.close();
  }
}

async function problemOf(promise: Promise<unknown>) {
  const error: unknown = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!isCubeError(error)) throw new Error(`no CubeError but ${String(error)}`);
  return error.problem;
}

const PLACES = [
  'kerchunk.json',
  'kerchunk.parquet',
  'manifests.zarr',
  ...(icechunkStatus().kind === 'loaded' ? ['refs.icechunk'] : []),
];

describe.each(PLACES)('references of items × bands in %s', (output) => {
  it('are arrays over (time, y, x) whose pixels are the files', async () => {
    const summary = await build('plain', output, ITEMS, { overwrite: true });
    expect(summary).toMatchObject({ references: 2 * 3 * (4 + 1), refused: [], ignored: ['time.groupby'] });
    expect(summary.groups.map(({ path, times }) => ({ path, times }))).toEqual([
      { path: '', times: 3 },
      { path: '1', times: 3 },
    ]);
    for (const band of ['red', 'nir']) {
      for (const level of [0, 1]) {
        const files = await Promise.all(
          ['a', 'b', 'c'].map((id) => samples(join(folder, `plain-${id}-${band}.tif`), undefined, level)),
        );
        expect(await samples(join(folder, output), band, level)).toEqual(files.flat());
      }
    }
  });

  it('tell times, CRS, transform, nodata and overviews', async () => {
    await build('facts', output, ITEMS, { overwrite: true });
    const sources = createSources();
    try {
      const raster = await openLevels(sources, join(folder, output), { variable: 'red' });
      expect(raster.driver).toBe(/(icechunk|zarr)$|^kerchunk/.exec(output)![0]);
      expect(raster.problems).toEqual([]);
      expect(
        raster.levels.map(({ shape, chunkShape, crs, transform }) => ({ shape, chunkShape, crs, transform })),
      ).toEqual([
        {
          shape: [3, 32, 32],
          chunkShape: [1, 16, 16],
          crs: { kind: 'epsg', code: 32_633 },
          transform: [10, 0, 5e5, 0, -10, 53e5],
        },
        {
          shape: [3, 16, 16],
          chunkShape: [1, 16, 16],
          crs: { kind: 'epsg', code: 32_633 },
          transform: [20, 0, 5e5, 0, -20, 53e5],
        },
      ]);
      expect(raster.dimensions[0]!.timesMs).toEqual([1, 2, 3].map((day) => Date.UTC(2024, 5, day, 10)));
      expect(raster.bands[0]!.nodata).toEqual([0]);
      expect((await openAllRasters(sources, join(folder, output))).map(({ url }) => url.split('/').at(-1))).toEqual([
        'nir',
        'red',
      ]);
    } finally {
      await sources.close();
    }
  });

  it('leave a step without pixels where an item has no such band', async () => {
    const [first, second] = [ITEMS[0]!, { ...ITEMS[1]!, images: { red: image(3), nir: image(4) } }];
    const elsewhere = {
      ...ITEMS[2]!,
      images: { red: image(5), nir: image(6, { dtype: 'uint8', value: () => 7, overviews: [() => 7] }) },
    };
    const summary = await build('gap', output, [first, second, elsewhere], { overwrite: true, allowIncomplete: true });
    expect(summary.refused).toMatchObject([{ item: 'c', band: 'nir', property: 'dtype' }]);
    const nir = await samples(join(folder, output), 'nir');
    expect(nir.slice(2 * 1024)).toEqual(new Array(1024).fill(0));
    expect(nir.slice(0, 1024)).toEqual(await samples(join(folder, 'gap-a-nir.tif')));
  });

  it('are refused with item and property where files do not fit each other', async () => {
    const odd = { ...ITEMS[2]!, images: { red: image(5), nir: image(6, { dtype: 'uint8', value: () => 7 }) } };
    const problem = await problemOf(build('odd', output, [ITEMS[0]!, ITEMS[1]!, odd], { overwrite: true }));
    expect(problem).toMatchObject({
      kind: 'conflict',
      what: expect.stringMatching(/c, band "nir": dtype: uint8, .*uint16/),
    });
  });

  it('have a group a grid where items lie elsewhere', async () => {
    const east = { ...ITEMS[2]!, images: { red: image(5, { col: 64 }), nir: image(6, { col: 64 }) } };
    const summary = await build('grids', output, [ITEMS[0]!, ITEMS[1]!, east], { overwrite: true });
    const paths = summary.groups.filter(({ arrays }) => arrays.length > 0).map(({ path, times }) => [path, times]);
    expect(paths).toEqual([
      ['EPSG_32633_10_500000_5300000', 2],
      ['EPSG_32633_10_500000_5300000/1', 2],
      ['EPSG_32633_10_500640_5300000', 1],
      ['EPSG_32633_10_500640_5300000/1', 1],
    ]);
    expect(await samples(join(folder, output), 'EPSG_32633_10_500640_5300000/nir')).toEqual(
      await samples(join(folder, 'grids-c-nir.tif')),
    );
  });

  it('keep scale and offset beside each time step, and say that they differ', async () => {
    const scaled = (offset: number) => ({ red: { 'raster:bands': [{ scale: 0.0001, offset }] } });
    const items = [
      { ...ITEMS[1]!, assets: scaled(0) },
      { ...ITEMS[0]!, assets: scaled(-0.1) },
    ];
    const summary = await build('scales', output, items, { overwrite: true });
    expect(summary.notes).toEqual(['offset of red differs between time steps (0, -0.1): kept in red_offset']);
    const sources = createSources();
    const raster = await openLevels(sources, join(folder, output), { variable: 'red' });
    await sources.close();
    expect(raster.bands[0]).toMatchObject({ scale: 1, offset: 0 });
  });

  it('find out that a file is another', async () => {
    await build('drift', output, ITEMS, { overwrite: true });
    const file = join(folder, 'drift-a-red.tif');
    await writeFile(file, (await readFile(file)).toReversed());
    // Icechunk counts whole seconds.
    await utimes(file, new Date(), new Date(Date.now() + 5000));
    expect(await problemOf(samples(join(folder, output), 'red'))).toMatchObject({ kind: 'changed' });
    expect(await samples(join(folder, output), 'nir')).toHaveLength(3 * 1024);
  });

  it('do not replace what is there', async () => {
    await build('twice', output, ITEMS, { overwrite: true });
    expect(await problemOf(build('twice', output, ITEMS))).toMatchObject({ kind: 'exists' });
  });
});

describe('references', () => {
  it('need a place, of a known kind', async () => {
    expect(await problemOf(build('nowhere', 'a.txt', ITEMS))).toMatchObject({ kind: 'invalid-argument' });
    const spec = { name: 'none', source: { stac: writeItems(folder, 'none', ITEMS) }, bands: ['red'] };
    await expect(async () => buildReferences({ spec })).rejects.toMatchObject({
      problem: { kind: 'invalid-argument' },
    });
  });

  it('name the keys that do not apply to them', async () => {
    const spec = {
      name: 'ignored',
      source: { stac: writeItems(folder, 'ignored', ITEMS) },
      bands: ['red'],
      grid: { resolution: 20 },
      mask: { band: 'nir', values: [3] },
      mosaic: 'median',
      resampling: 'bilinear',
      time: { groupby: 'id' },
    };
    const summary = await buildReferences({ spec, kerchunk: join(folder, 'ignored-refs.json') });
    expect(summary.ignored).toEqual(['grid', 'mask', 'mosaic', 'resampling']);
    expect(summary.groups[0]!.arrays.map(({ name }) => name)).toEqual(['red']);
  });

  it('are not made of a file that is cut off', async () => {
    writeItems(folder, 'short', ITEMS);
    const file = join(folder, 'short-a-red.tif');
    const whole = await readFile(file);
    const spec = { name: 'short', source: { stac: join(folder, 'short.json') }, bands: ['red'] };
    await writeFile(file, whole.subarray(0, whole.length - 100));
    const place = { kerchunk: join(folder, 'short-refs.json') };
    expect(await problemOf(buildReferences({ spec, ...place }))).toMatchObject({
      kind: 'conflict',
      what: expect.stringMatching(/a, band "red": file: it is cut off/),
    });
    expect(await buildReferences({ spec, ...place, allowIncomplete: true })).toMatchObject({
      refused: [{ item: 'a' }],
    });
  });

  it('find out that a file has another length than they say', async () => {
    await build('cut', 'cut-refs.json', ITEMS);
    const file = join(folder, 'cut-a-red.tif');
    await writeFile(file, (await readFile(file)).subarray(0, 600));
    expect(await problemOf(samples(join(folder, 'cut-refs.json'), 'red'))).toMatchObject({ kind: 'changed' });
  });
});

describe.skipIf(!hasShared)('references of real scenes', () => {
  it.each(['real.json', 'real.parquet'])('%s holds every pixel of the files', { timeout: 120_000 }, async (output) => {
    const spec = sharedPath('specs', 's2-austria.yaml');
    const summary = await buildReferences({ spec, kerchunk: join(folder, output) });
    expect(summary).toMatchObject({
      references: 525,
      items: 5,
      refused: [],
      ignored: ['labels', 'grid', 'time.groupby', 'mask'],
    });
    const root = sharedPath('data', 'imagery', 's2-earthsearch-static', 'sentinel-2-l2a');
    const days = ['S2B_33TWM_20230810', 'S2B_33TWM_20230813', 'S2A_33TWM_20230815', 'S2B_33TWM_20230820'];
    for (const [band, file] of [
      ['blue', 'B02'],
      ['nir', 'B08'],
      ['scl', 'SCL'],
    ] as const) {
      for (const level of [0, 1, 2]) {
        const files = await Promise.all(
          days.map((day) => samples(join(root, `${day}_0_L2A`, `${file}.tif`), undefined, level)),
        );
        const found = await samples(join(folder, output), `EPSG_32633_120_499980_5200020/${band}`, level);
        expect(found.length).toBe(files.flat().length);
        expect(
          found.every((value, i) => value === files[Math.floor(i / files[0]!.length)]![i % files[0]!.length]),
        ).toBe(true);
      }
    }
  });
});
