import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildCube } from '../../src/build/build-cube.js';
import { buildReferences } from '../../src/build/build-references.js';
import type { CubeGroup } from '../../src/build/cube-info.js';
import { openCube, type CubeHandle } from '../../src/build/open-cube.js';
import { openRaster } from '../../src/build/raster-handle.js';
import { problemOf, type Problem } from '../../src/errors.js';
import { makeSample } from '../../src/sample/make-sample.js';
import { startFaultServer } from '../fault-server.js';
import { temporaryFolder } from '../lake/temporary.js';
import { icechunkAbsent, suiteName } from '../native/icechunk-store.js';
import { commitStore } from './icechunk-cube.js';
import { imagerySpec, SAMPLE_LABELS, SAMPLE_SIZE } from './sample-build.js';
import { buildSmall, extentOf, NORTH, SIDE, WEST, writeItems, type SmallItem } from './small-items.js';

const folder = temporaryFolder();
const BANDS = ['nir', 'red'];
const DAYS = [1, 2, 3].map((day) => Date.UTC(2024, 5, day, 10));

/** What a pixel holds, by band and day. */
function valueOf(band: string, day: number, row: number, col: number): number {
  return (BANDS.indexOf(band) + 1) * 20_000 + day * 4_000 + row * SIDE + col;
}

const ITEMS: readonly SmallItem[] = DAYS.map((time, day) => {
  const image = (band: string) => ({
    value: ({ row, col }: { row: number; col: number }) => valueOf(band, day, row, col),
    overviews: [({ row, col }: { row: number; col: number }) => valueOf(band, day, row, col) + 1],
    nodata: 0,
  });
  return {
    id: `i${day}`,
    datetime: new Date(time).toISOString(),
    images: { red: image('red'), nir: image('nir') },
  };
});

async function problem(promise: Promise<unknown>): Promise<Problem> {
  return promise.then(
    () => expect.fail('nothing failed'),
    (error: unknown) => problemOf(error),
  );
}

async function withCube<T>(place: string, use: (cube: CubeHandle) => Promise<T>): Promise<T> {
  const cube = await openCube(place);
  try {
    return await use(cube);
  } finally {
    await cube.close();
  }
}

/** The same cube in every kind of store. */
const STORES = [
  'zarr',
  'json',
  'parquet',
  'manifests',
  ...(icechunkAbsent === null ? ['virtual.icechunk', 'own.icechunk'] : []),
];
const places: Record<string, string> = {};

beforeAll(async () => {
  const stac = writeItems(folder, 'items', ITEMS);
  const spec = { name: 'refs', source: { stac }, bands: BANDS };
  await buildSmall(folder, 'built', stac, {
    bands: BANDS,
    grid: { extent: 'items', chunk: 16 },
    time: { groupby: 'id' },
  });
  places['zarr'] = join(folder, 'built', 'cube.zarr');
  for (const kind of ['json', 'parquet']) {
    places[kind] = join(folder, `refs.${kind}`);
    await buildReferences({ spec, kerchunk: places[kind] });
  }
  places['manifests'] = join(folder, 'manifests.zarr');
  await buildReferences({ spec, zarr: places['manifests'] });
  if (icechunkAbsent !== null) return;
  places['virtual.icechunk'] = join(folder, 'virtual.icechunk');
  places['own.icechunk'] = join(folder, 'own.icechunk');
  await buildReferences({ spec, icechunk: places['virtual.icechunk'] });
  await commitStore(places['zarr'], places['own.icechunk'], { message: 'built' });
});

describe.each(STORES)('openCube of a store of kind %s', (kind) => {
  const open = <T>(use: (cube: CubeHandle) => Promise<T>) => withCube(places[kind]!, use);

  it('tells bands, grid, times and items', () =>
    open(async ({ info }) => {
      expect(info.groups).toHaveLength(1);
      const [group] = info.groups;
      expect(group!.bands.map(({ name, dtype, nodata, timed }) => ({ name, dtype, nodata, timed }))).toEqual(
        BANDS.map((name) => ({ name, dtype: 'uint16', nodata: [0], timed: true })),
      );
      expect(group).toMatchObject({
        path: '',
        crs: { kind: 'epsg', code: 32_633 },
        transform: [10, 0, WEST, 0, -10, NORTH],
        width: SIDE,
        height: SIDE,
        timesMs: DAYS,
        items: [['i0'], ['i1'], ['i2']],
        problems: [],
      });
      const layers = kind.startsWith('own') || kind === 'zarr' ? ['coverage', 'label', 'reason'] : [];
      expect(group!.layers.map(({ name }) => name)).toEqual(layers);
    }));

  it('reads a band as (time, y, x), as the array itself is read', () =>
    open(async (cube) => {
      const { data, timesMs, steps, window, transform } = await cube.read({ band: 'red' });
      expect(data.shape).toEqual([3, SIDE, SIDE]);
      expect({ timesMs, steps }).toEqual({ timesMs: DAYS, steps: [0, 1, 2] });
      expect(window).toEqual({ col: 0, row: 0, width: SIDE, height: SIDE });
      expect(transform).toEqual([10, 0, WEST, 0, -10, NORTH]);
      const raster = await openRaster(places[kind]!, { variable: 'red' });
      expect(data.data).toEqual((await raster.read()).data);
      await raster.close();
    }));

  it('reads bands, times and windows as (time, band, y, x)', () =>
    open(async (cube) => {
      const window = { col: 9, row: 3, width: 20, height: 27 };
      const { data, timesMs, bands, transform } = await cube.read({ bands: ['red', 'nir'], time: [2, 0], window });
      expect(data.shape).toEqual([2, 2, 27, 20]);
      expect(timesMs).toEqual([DAYS[2], DAYS[0]]);
      expect(bands.map(({ name }) => name)).toEqual(['red', 'nir']);
      expect(transform).toEqual([10, 0, WEST + 90, 0, -10, NORTH - 30]);
      for (const [t, day] of [2, 0].entries()) {
        for (const [b, band] of ['red', 'nir'].entries()) {
          for (let row = 0; row < 27; row++) {
            for (let col = 0; col < 20; col++)
              expect(data.get(t, b, row, col)).toBe(valueOf(band, day, row + 3, col + 9));
          }
        }
      }
      const all = await cube.read();
      expect(all.data.shape).toEqual([3, 2, SIDE, SIDE]);
      const into = new Uint16Array(SIDE * SIDE * 2 * 3);
      expect((await cube.read({ into })).data.data).toBe(into);
      expect(into).toEqual(all.data.data);
    }));

  it('finds times by interval and pixels by bounds', () =>
    open(async (cube) => {
      const [xmin, ymin, xmax, ymax] = extentOf(4, 5, 6, 7) as [number, number, number, number];
      const bounds = { xmin, ymin, xmax, ymax };
      const { data, timesMs, window } = await cube.read({ band: 'nir', time: { from: '2024-06-02' }, bounds });
      expect(timesMs).toEqual(DAYS.slice(1));
      expect(window).toEqual({ col: 4, row: 5, width: 6, height: 7 });
      expect(data.get(0, 0, 0)).toBe(valueOf('nir', 1, 5, 4));
      const touched = { xmin: xmin - 1, ymin: ymin + 1, xmax: xmax + 1, ymax: ymax - 1 };
      expect((await cube.read({ bounds: touched })).window).toEqual({ col: 3, row: 5, width: 8, height: 7 });
      const over = { ...bounds, xmin: WEST - 1000 };
      expect((await cube.read({ bounds: over })).window).toEqual({ col: 0, row: 5, width: 10, height: 7 });
      for (const time of [{ to: '2024-06-01' }, { to: new Date(DAYS[0]!) }, { from: 0, to: DAYS[0]! }])
        expect((await cube.read({ time })).steps).toEqual([0]);
      expect(await problem(cube.read({ time: { from: '2025' } }))).toMatchObject({ kind: 'no-data' });
      expect(await problem(cube.read({ bounds: { ...bounds, xmin: 0, xmax: 10 } }))).toMatchObject({ kind: 'no-data' });
    }));

  it('refuses what is not there', () =>
    open(async (cube) => {
      const window = { col: 20, row: 0, width: 20, height: 1 };
      const wrong = [
        { band: 'blue' },
        { bands: ['red', 'blue'] },
        { bands: [] },
        { band: 'red', bands: ['red'] },
        { group: 'x' },
        { level: 7 },
        { time: [3] },
        { time: [] },
        { time: { from: 'yesterday' } },
        { window },
        { window: { ...window, col: 0 }, bounds: { xmin: 0, ymin: 0, xmax: 1, ymax: 1 } },
        { into: new Uint16Array(7) },
      ];
      for (const input of wrong)
        expect(await problem(cube.read(input)), JSON.stringify(input)).toMatchObject({ kind: 'invalid-argument' });
      const expected = kind === 'zarr' || kind.startsWith('own') ? /label 1$/ : /no labels/;
      expect(await problem(cube.readLabel(1))).toMatchObject({
        kind: 'no-data',
        what: expect.stringMatching(expected),
      });
    }));
});

describe('openCube of references', () => {
  it('reads overviews', () =>
    withCube(places['json']!, async (cube) => {
      expect(cube.info.groups[0]!.bands[0]!.levels).toBe(2);
      const { data, transform } = await cube.read({ level: 1, time: [1] });
      expect(data.shape).toEqual([1, 2, SIDE / 2, SIDE / 2]);
      expect(data.get(0, 1, 3, 5)).toBe(valueOf('red', 1, 3, 5) + 1);
      expect(transform).toEqual([20, 0, WEST, 0, -20, NORTH]);
    }));

  it('names the groups of several grids', async () => {
    const [first, second] = [ITEMS[0]!, ITEMS[1]!];
    const image = { ...second.images['red']!, col: 64 };
    const items = [first, { ...second, images: { red: image, nir: image } }];
    const stac = writeItems(folder, 'grids', items);
    const kerchunk = join(folder, 'grids-refs.json');
    await buildReferences({ spec: { name: 'grids', source: { stac }, bands: BANDS }, kerchunk });
    await withCube(kerchunk, async (cube) => {
      const paths = cube.info.groups.map(({ path }) => path);
      expect(paths).toEqual(['EPSG_32633_10_500000_5300000', 'EPSG_32633_10_500640_5300000']);
      expect(await problem(cube.read())).toMatchObject({
        kind: 'invalid-argument',
        what: expect.stringContaining(paths[1]!),
      });
      const { data, timesMs } = await cube.read({ group: paths[1]!, band: 'nir' });
      expect(timesMs).toEqual([DAYS[1]]);
      expect(data.get(0, 2, 3)).toBe(valueOf('red', 1, 2, 3));
    });
  });
});

describe('openCube', () => {
  it('refuses what is no cube, and a version of what has none', async () => {
    const image = join(folder, 'items-i0-red.tif');
    expect(await problem(openCube(image))).toMatchObject({ kind: expect.stringMatching(/not-found|io/) });
    expect(await problem(openCube(join(folder, 'nothing')))).toMatchObject({ kind: 'not-found' });
    expect(await problem(openCube(places['zarr']!, { version: { tag: 'v1' } }))).toMatchObject({
      kind: 'invalid-argument',
      what: expect.stringContaining('it has no versions'),
    });
  });
});

describe('openCube over HTTP', () => {
  it('reads a store as from the disk', async () => {
    const root = places['zarr']!;
    const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const paths = entries.map((entry) => join(entry.parentPath, entry.name));
    const keyOf = (path: string) => `cube.zarr/${relative(root, path).split(sep).join('/')}`;
    const files = Object.fromEntries(paths.map((path) => [keyOf(path), readFileSync(path)]));
    const server = await startFaultServer({ files });
    const window = { col: 5, row: 6, width: 20, height: 21 };
    const [remote, local] = await Promise.all(
      [`${server.url}cube.zarr`, root].map((place) =>
        withCube(place, async (cube) => [cube.info.groups, await cube.read({ window })]),
      ),
    );
    await server.close();
    expect(remote).toEqual(local);
  });
});

/** A Zarr store of arrays without chunks: every pixel is the fill value. */
function emptyStore(
  name: string,
  arrays: Readonly<Record<string, readonly [type: string, ...shape: number[]]>>,
  attributes: object,
) {
  const root = join(folder, name);
  const write = (path: string, json: object) => {
    mkdirSync(join(root, path), { recursive: true });
    writeFileSync(join(root, path, 'zarr.json'), JSON.stringify({ zarr_format: 3, ...json }));
  };
  write('', { node_type: 'group', attributes });
  for (const [array, [type, ...shape]] of Object.entries(arrays)) {
    const own = array === 'time' ? { units: 'milliseconds since 1970-01-01', calendar: 'proleptic_gregorian' } : {};
    write(array, {
      node_type: 'array',
      shape,
      data_type: type,
      chunk_grid: { name: 'regular', configuration: { chunk_shape: shape.map((size) => Math.min(size, 64)) } },
      chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
      fill_value: 0,
      codecs: [{ name: 'bytes', configuration: { endian: 'little' } }],
      attributes: own,
      dimension_names: array === 'time' ? ['time'] : ['time', 'y', 'x'].slice(3 - shape.length),
      storage_transformers: [],
    });
  }
  return root;
}

describe('openCube of a store that lies', () => {
  it('takes no more from it than it can hold', async () => {
    const side = 2 ** 31;
    const arrays = { v: ['uint8', 2, side, side], label: ['uint32', side, side], time: ['int64', 2] } as const;
    await withCube(emptyStore('huge.zarr', arrays, { items: [['a'], 7] }), async (cube) => {
      expect(cube.info.groups[0]).toMatchObject({ items: null, timesMs: [0, 0], width: side });
      expect(await problem(cube.read())).toMatchObject({ kind: 'budget' });
      expect(await problem(cube.readLabel(1))).toMatchObject({ kind: 'unsupported' });
      const window = { col: side - 2, row: side - 1, width: 2, height: 1 };
      expect((await cube.read({ window })).data.shape).toEqual([2, 1, 1, 2]);
    });
  });

  it('keeps bands of other sizes apart, and odd names plain', async () => {
    const arrays = { a: ['uint8', 2, 8, 8], ['__proto__']: ['uint8', 2, 8, 8], w: ['uint8', 2, 9, 8] } as const;
    const all = { ...arrays, label: ['uint32', 9, 8], time: ['int64', 2] } as const;
    await withCube(emptyStore('odd.zarr', all, {}), async (cube) => {
      const [{ bands, layers }] = cube.info.groups as [CubeGroup];
      expect(bands.map(({ name }) => name)).toEqual(['__proto__', 'a']);
      expect(layers.map(({ name }) => name)).toEqual(['label', 'w']);
      expect(await problem(cube.read({ bands: ['a', 'w'] }))).toMatchObject({ kind: 'invalid-argument' });
      expect(await problem(cube.read({ bands: ['a', 'label'] }))).toMatchObject({ kind: 'invalid-argument' });
      expect(await problem(cube.readLabel(0))).toMatchObject({ kind: 'no-data' });
      expect((await cube.read({ band: 'w' })).data.shape).toEqual([2, 9, 8]);
    });
  });
});

describe('labels of a cube', () => {
  const stores: Record<string, string> = {};
  beforeAll(async () => {
    const source = join(folder, 'sample');
    await makeSample(source, { size: SAMPLE_SIZE, labels: SAMPLE_LABELS });
    const labels = { path: join(source, 'labels.geojson') };
    const spec = imagerySpec(join(source, 'catalog.json'), { labels });
    const { cube } = await buildCube({ spec: spec as never, out: join(folder, 'labelled'), workers: 0 });
    stores['zarr'] = cube;
    if (icechunkAbsent !== null) return;
    const output = { cube: { icechunk: 'any' }, lake: 'none' };
    const own = imagerySpec(join(source, 'catalog.json'), { labels, output });
    const built = await buildCube({ spec: own as never, out: join(folder, 'labelled-icechunk'), workers: 0 });
    stores['icechunk'] = built.cube;
  });

  it.each(['zarr', ...(icechunkAbsent === null ? ['icechunk'] : [])])('are read by their box in %s', (kind) =>
    withCube(stores[kind]!, async (cube) => {
      const { data: ids } = await cube.read({ band: 'label' });
      const [height, width] = ids.shape as [number, number];
      const pixels = Array.from({ length: height * width }, (_, i) => {
        const [row, col] = [Math.floor(i / width), i % width];
        return { id: Number(ids.get(row, col)), row, col };
      }).filter(({ id }) => id > 0);
      const known = [...new Set(pixels.map(({ id }) => id))];
      expect(known.length).toBeGreaterThan(SAMPLE_LABELS / 2);
      const reason = (await cube.read({ band: 'reason' })).data;
      const nir = (await cube.read({ band: 'nir' })).data;
      const coverage = (await cube.read({ band: 'coverage' })).data;
      const found = await Promise.all(known.map((id) => cube.readLabel(id)));
      for (const label of found) {
        const own = pixels.filter(({ id }) => id === label.labelId);
        const rows = own.map(({ row }) => row);
        const cols = own.map(({ col }) => col);
        const [row, col] = [Math.min(...rows), Math.min(...cols)];
        const size = { width: Math.max(...cols) - col + 1, height: Math.max(...rows) - row + 1 };
        expect(label.window).toEqual({ col, row, ...size });
        expect(Object.keys(label.bands)).toEqual(['blue', 'nir', 'scl']);
        const steps = label.timesMs.length;
        expect(label.bands['nir']!.shape).toEqual([steps, size.height, size.width]);
        for (let y = 0; y < size.height; y++) {
          for (let x = 0; x < size.width; x++) {
            expect(label.label.get(y, x)).toBe(ids.get(row + y, col + x));
            expect(label.coverage!.get(y, x)).toBe(coverage.get(row + y, col + x));
            for (let t = 0; t < steps; t++) {
              expect(label.bands['nir']!.get(t, y, x)).toBe(nir.get(t, row + y, col + x));
              expect(label.reason!.get(t, y, x)).toBe(reason.get(t, row + y, col + x));
            }
          }
        }
      }
      const one = await cube.readLabel(known[0]!, { bands: ['scl'], time: [0] });
      expect(one.bands['scl']!.shape[0]).toBe(1);
      expect(await problem(cube.readLabel(1_000_000))).toMatchObject({ kind: 'no-data' });
    }),
  );
});

describe.skipIf(icechunkAbsent !== null)(suiteName('versions of a cube in Icechunk'), () => {
  it('are opened by branch, tag, snapshot and time', async () => {
    const place = join(folder, 'versions.icechunk');
    const { openIcechunk } = await import('../../src/native/icechunk.js');
    const stac = writeItems(folder, 'later', [
      { ...ITEMS[0]!, images: { red: { value: () => 7 }, nir: { value: () => 8 } } },
    ]);
    await buildSmall(folder, 'later', stac, { bands: BANDS, grid: { extent: 'items', chunk: 16 } });
    const first = await commitStore(places['zarr']!, place, { message: 'first' });
    const repository = await openIcechunk({ kind: 'local', path: place });
    await repository.createTag('v1', first);
    await repository.createBranch('old', first);
    const { timeMs } = (await repository.ancestry({ branch: 'main' }, 1))[0]!;
    repository.close();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await commitStore(join(folder, 'later', 'cube.zarr'), place, { message: 'second' });
    const read = async (version?: Parameters<typeof openCube>[1]) => {
      const cube = await openCube(place, version);
      const { data } = await cube.read({ band: 'red' });
      await cube.close();
      return [data.shape[0], data.get(0, 0, 0)];
    };
    expect(await read()).toEqual([1, 7]);
    const versions = [{ branch: 'old' }, { tag: 'v1' }, { snapshot: first }, { branch: 'main', asOfMs: timeMs }];
    for (const version of versions) {
      expect(await read({ version })).toEqual([3, valueOf('red', 0, 0, 0)]);
      const raster = await openRaster(place, { variable: 'red', version });
      expect(raster.info.levels[0]!.shape[0]).toBe(3);
      await raster.close();
    }
    expect(await problem(openCube(place, { version: { tag: 'v2' } }))).toMatchObject({ kind: 'not-found' });
    expect(await problem(openRaster(places['zarr']!, { version: { tag: 'v2' } }))).toMatchObject({
      kind: expect.stringMatching(/invalid-argument/),
    });
  });
});
