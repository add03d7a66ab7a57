import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as zarrita from 'zarrita';
import { z } from 'zod';
import type { EncodeSpec } from '../../../src/codec/encode-chunk.js';
import type { CubeLayout } from '../../../src/cube/writer/layout.js';
import { sampleBytes } from '../../../src/cube/writer/sample-bytes.js';
import { DATA_TYPES, type DataType, type Samples } from '../../../src/grid/dtype.js';
import { createSources } from '../../../src/io/sources.js';
import { openZarr } from '../../../src/raster/zarr/open.js';
import { readWholeArray } from '../../../src/raster/zarr/read-array.js';
import { pythonWithOracles, runPython } from '../../python.js';
import { hasShared, sharedPath } from '../../shared.js';
import { arraySamples, BLOSC, cubeInput, GRID, TIMES, writeCube } from './sample-cube.js';

const SCRIPT = fileURLToPath(new URL('read_store.py', import.meta.url));

let folder = '';
let written = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zarr-writer-'));
});
afterAll(() => rm(folder, { recursive: true }));

const fresh = () => join(folder, `cube-${written++}.zarr`);

const hash = (samples: Samples, dtype: DataType) =>
  createHash('sha256').update(sampleBytes(samples, dtype)).digest('hex');

/** Hash of what every array and coordinate must hold, by name. */
function expectedHashes({ arrays, coordinates }: CubeLayout): Record<string, string> {
  const samples = arrays.map((array) => [array.name, hash(arraySamples(array), array.dtype)]);
  const values = coordinates.map((coordinate) => [coordinate.name, hash(coordinate.values, coordinate.dtype)]);
  return Object.fromEntries([...samples, ...values]) as Record<string, string>;
}

const CODECS: readonly (readonly [string, EncodeSpec, number | null])[] = [
  ['blosc', BLOSC, null],
  ['blosc, sharded', BLOSC, 32],
  ['blosc lz4 bitshuffle', { name: 'blosc', cname: 'lz4', level: 5, shuffle: 'bitshuffle' }, null],
  ['zstd', { name: 'zstd', level: 3 }, null],
  ['zstd, sharded', { name: 'zstd', level: 3 }, 48],
  ['gzip', { name: 'gzip', level: 6 }, null],
  ['none', { name: 'none' }, null],
  ['none, sharded', { name: 'none' }, 32],
];
const withShard = (codec: EncodeSpec, shard: number | null) => (shard === null ? { codec } : { codec, shard });

describe('our own reader', () => {
  it.each(DATA_TYPES.flatMap((dtype) => [[dtype, null] as const, [dtype, 32] as const]))(
    'gives back every sample of %s, shard %s',
    async (dtype, shard) => {
      const path = fresh();
      const { arrays } = await writeCube(path, cubeInput(dtype, withShard(BLOSC, shard)));
      const sources = createSources();
      const { levels, bands, dimensions, problems } = await openZarr(sources, path, { variable: 'red' });
      const samples = await readWholeArray(levels[0]!, sources, { maxSamples: 2 ** 20 });
      expect(samples).toEqual(arraySamples(arrays[0]!));
      expect(levels[0]!.crs).toEqual(GRID.crs);
      expect(levels[0]!.transform).toEqual(GRID.transform);
      expect(dimensions[0]!.timesMs).toEqual(TIMES);
      expect(bands[0]!.nodata).toEqual(dtype === 'bool' || dtype.startsWith('float') ? [] : [1]);
      expect(problems).toEqual([]);
      await sources.close();
    },
  );
});

describe('zarrita', () => {
  it.each(CODECS)('reads the same samples (W2): %s', async (_name, codec, shard) => {
    const path = fresh();
    const { arrays } = await writeCube(path, cubeInput('int16', withShard(codec, shard)));
    const store = { get: (key: string) => readFile(path + key).catch(() => undefined), getRange: rangeOf(path) };
    for (const array of arrays) {
      const opened = await zarrita.open.v3(zarrita.root(store).resolve(array.name), { kind: 'array' });
      const { data } = await zarrita.get(opened);
      expect(data).toEqual(arraySamples(array));
    }
  });
});

/** The partial reads that zarrita needs for shards. */
function rangeOf(path: string) {
  return async (key: string, range: { suffixLength: number } | { offset: number; length: number }) => {
    const bytes = await readFile(path + key).catch(() => undefined);
    if (bytes === undefined) return undefined;
    if ('suffixLength' in range) return bytes.subarray(bytes.length - range.suffixLength);
    return bytes.subarray(range.offset, range.offset + range.length);
  };
}

const seen = z.object({
  zarr: z.record(z.string(), z.string()),
  tensorstore: z.record(z.string(), z.string()),
  warnings: z.array(z.string()),
  coords: z.array(z.string()),
  times: z.array(z.string()),
  solar_days: z.array(z.string()),
  epsg: z.number(),
  transform: z.array(z.number()),
  x: z.array(z.number()),
  y: z.array(z.number()),
  red_dtype: z.string(),
  red_missing: z.number(),
  reason_dtype: z.string(),
  reason_missing: z.number(),
  items: z.array(z.array(z.string())),
  cf: z.record(z.string(), z.unknown()),
  pyproj_cf: z.record(z.string(), z.unknown()),
});

const TYPES = ['int8', 'int32', 'uint32', 'int64', 'uint64', 'float16', 'float32', 'float64', 'bool'] as const;
const SYSTEMS = [4326, 3035, 2154, 5070, 3031, 6933, 32_733, 27_700, 3857];

describe.skipIf(pythonWithOracles() === null)('zarr-python, TensorStore, xarray and rioxarray', () => {
  const layouts: CubeLayout[] = [];
  let found: z.infer<typeof seen>[] = [];
  beforeAll(async () => {
    const inputs = [
      ...CODECS.map(([, codec, shard]) => cubeInput('uint16', withShard(codec, shard))),
      ...TYPES.map((dtype) => cubeInput(dtype, { shard: 32 })),
      ...SYSTEMS.map((code) => cubeInput('uint8', { grid: { ...GRID, crs: { kind: 'epsg', code } } })),
    ];
    const paths = inputs.map(() => fresh());
    for (const [i, input] of inputs.entries()) layouts.push(await writeCube(paths[i]!, input));
    found = z.array(seen).parse(await runPython(SCRIPT, paths));
  });

  it.each([...CODECS.map(([name]) => name), ...TYPES].map((name, i) => [name, i] as const))(
    'read the same samples (W2): %s',
    (_name, i) => {
      expect(found[i]!.zarr).toEqual(expectedHashes(layouts[i]!));
      expect(found[i]!.tensorstore).toEqual(expectedHashes(layouts[i]!));
    },
  );

  it('see CRS, centres, times, masks and items (W2, G3)', () => {
    const cube = found[0]!;
    expect(cube.warnings).toEqual([]);
    expect(cube.coords).toEqual(['red_offset', 'red_scale', 'solar_day', 'spatial_ref', 'time', 'x', 'y']);
    expect(cube.times).toEqual(['2023-08-01T10:01:02.345000000', '2023-08-06T10:01:02.000000000']);
    expect(cube.solar_days).toEqual(['2023-08-01', '2023-08-06']);
    expect(cube.epsg).toBe(32_633);
    expect(cube.transform).toEqual(GRID.transform);
    expect(cube.x).toEqual([399_965, 400_455]);
    expect(cube.y).toEqual([5_200_015, 5_199_655]);
    const missing = Array.from(arraySamples(layouts[0]!.arrays[0]!), Number).filter((value) => value === 1).length;
    expect([cube.red_dtype, cube.red_missing]).toEqual(['float32', missing]);
    expect([cube.reason_dtype, cube.reason_missing]).toEqual(['uint8', 0]);
    expect(cube.items).toEqual([['a', 'b'], ['c']]);
  });

  it.each(SYSTEMS.map((code, i) => [code, i] as const))('agree with our CF words for EPSG:%s', (code, i) => {
    const { epsg, cf, pyproj_cf: own } = found[CODECS.length + TYPES.length + i]!;
    expect(epsg).toBe(code);
    if (code !== 3857) expect(own).toHaveProperty('grid_mapping_name'); // CF has no web Mercator
    for (const [name, value] of Object.entries(own)) {
      if (typeof value === 'number') expect(Number(cf[name]), name).toBeCloseTo(value, 6);
      else expect(cf[name], name).toEqual(value);
    }
  });
});

describe.skipIf(!hasShared || pythonWithOracles() === null)('the strict check of a store', () => {
  it.each([
    ['uint16', BLOSC, null],
    ['float32', BLOSC, 32],
    ['int64', { name: 'gzip', level: 6 }, null],
  ] as const)('finds no problem: %s', async (dtype, codec, shard) => {
    const path = fresh();
    await writeCube(path, cubeInput(dtype, withShard(codec, shard)));
    const { status, stdout } = spawnSync(pythonWithOracles()!, [sharedPath('tools/check_zarr.py'), path], {
      encoding: 'utf8',
    });
    expect(stdout.split('\n').filter((line) => line.startsWith('PROBLEM'))).toEqual([]);
    expect(status).toBe(0);
  });
});
