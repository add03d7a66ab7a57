import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { crc32c } from '../../../src/codec/crc32c.js';
import { isCubeError } from '../../../src/errors.js';
import { openZarr } from '../../../src/raster/zarr/open.js';
import { readWholeArray } from '../../../src/raster/zarr/read-array.js';
import { seededRandom } from '../cog/seeded.js';
import { arrayV2, arrayV3, coordinateV3, groupV3, memoryStore, steps, STORE } from './memory-store.js';

const SEED = 20_260_102;
const MUTANTS = 5000;
/** Far above what a sound store takes (milliseconds), far below what a loop over a hostile count would. */
const LONGEST_MS = 10_000;

type Content = Uint8Array | object;
type Store = Readonly<Record<string, Content>>;

const LITTLE = { name: 'bytes', configuration: { endian: 'little' } };
const sharding = {
  name: 'sharding_indexed',
  configuration: {
    chunk_shape: [1, 2, 2],
    codecs: [
      { name: 'transpose', configuration: { order: [2, 0, 1] } },
      LITTLE,
      { name: 'gzip', configuration: { level: 1 } },
    ],
    index_codecs: [LITTLE, { name: 'crc32c' }],
    index_location: 'end',
  },
};

/** A shard of two chunks of four int16 samples. */
function shard(): Uint8Array {
  const chunk = gzipSync(new Uint8Array(Int16Array.of(1, 2, 3, 4).buffer));
  const index = new DataView(new ArrayBuffer(36));
  [0, chunk.length].forEach((offset, i) => {
    index.setBigUint64(i * 16, BigInt(offset), true);
    index.setBigUint64(i * 16 + 8, BigInt(chunk.length), true);
  });
  index.setUint32(32, crc32c(new Uint8Array(index.buffer, 0, 32)), true);
  return Uint8Array.from([...chunk, ...chunk, ...new Uint8Array(index.buffer)]);
}

function v3(): Store {
  const attributes = {
    grid_mapping: 'crs',
    _FillValue: -1,
    scale_factor: 0.5,
    'spatial:transform': [10, 0, 0, 0, -10, 0],
  };
  const options = {
    shape: [2, 4, 4],
    dimensions: ['time', 'y', 'x'],
    dtype: 'int16',
    chunk: [1, 2, 4],
    codecs: [sharding],
  };
  const array = arrayV3({ ...options, attributes });
  const times = { units: 'hours since 2023-08-01', calendar: 'standard' };
  return {
    'zarr.json': groupV3({ multiscales: { layout: [{ asset: 'v' }] }, 'proj:code': 'EPSG:32633' }),
    'v/zarr.json': array,
    'v/c/0/0/0': shard(),
    'v/c/1/1/0': shard(),
    'crs/zarr.json': arrayV3({
      shape: [],
      attributes: {
        grid_mapping_name: 'transverse_mercator',
        longitude_of_central_meridian: 15,
        GeoTransform: '0 10 0 0 0 -10',
      },
    }),
    ...coordinateV3('x', steps(5, 10, 4), { units: 'm' }),
    ...coordinateV3('y', steps(-5, -10, 4), { units: 'm' }),
    ...coordinateV3('time', [0, 12], times),
  };
}

function v2(): Store {
  const filters = [
    { id: 'delta', dtype: '<i2', astype: '<i2' },
    { id: 'shuffle', elementsize: 2 },
  ];
  const chunk = gzipSync(new Uint8Array(8));
  const array = arrayV2(
    { shape: [4, 4], chunk: [2, 2], dtype: '<i2', fill: 7 },
    { order: 'F', filters, compressor: { id: 'gzip' } },
  );
  const coordinate = arrayV2({ shape: [4] });
  const metadata = {
    'v/.zarray': array,
    'v/.zattrs': { _ARRAY_DIMENSIONS: ['lat', 'lon'] },
    'lon/.zarray': coordinate,
    'lon/.zattrs': { _ARRAY_DIMENSIONS: ['lon'], units: 'degrees_east' },
    'lat/.zarray': coordinate,
    'lat/.zattrs': { _ARRAY_DIMENSIONS: ['lat'], units: 'degrees_north' },
  };
  return {
    '.zgroup': { zarr_format: 2 },
    '.zmetadata': { zarr_consolidated_format: 1, metadata },
    'v/0.0': chunk,
    'v/1.1': chunk,
    'lon/0': new Uint8Array(Float64Array.from(steps(10, 0.1, 4)).buffer),
    'lat/0': new Uint8Array(Float64Array.from(steps(50, -0.1, 4)).buffer),
  };
}

const VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1,
  1.5,
  2 ** 31,
  2 ** 53,
  1e300,
  '',
  'NaN',
  '../..',
  'time',
  '<f8',
  '|V8',
  'v',
  'uint8',
  'float16',
  [],
  [0],
  [1e9, 1e9, 1e9],
  [4, 4],
  ['x', 'y'],
  {},
  { name: 'zstd' },
  { name: 'sharding_indexed' },
  { id: 'blosc' },
  Array.from({ length: 40 }, () => 1),
  'days since 0000-00-00',
  'PROJCS[',
  '9'.repeat(400),
];

type Random = () => number;
const pick = <T>(list: readonly T[], random: Random): T | undefined => list[Math.floor(random() * list.length)];

/** Every place inside a JSON value, as the way to it. */
function places(value: unknown, way: readonly (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => [[...way, key], ...places(part, [...way, key])]);
}

/** A copy of a document with a member replaced or removed. */
function mutateJson(document: object, random: Random): object {
  const copy: unknown = structuredClone(document);
  const way = pick(places(copy), random);
  if (way === undefined) return document; // an earlier change left it empty
  let owner = copy as Record<string, unknown>;
  for (const step of way.slice(0, -1)) owner = owner[step] as Record<string, unknown>;
  if (random() < 0.1) delete owner[way.at(-1)!];
  else owner[way.at(-1)!] = pick(VALUES, random);
  return copy as object;
}

function mutateBytes(bytes: Uint8Array, random: Random): Uint8Array {
  const changed = bytes.slice(0, random() < 0.2 ? Math.floor(random() * bytes.length) : bytes.length);
  for (let i = 0; i < 3 && changed.length > 0; i++)
    changed[Math.floor(random() * changed.length)] = Math.floor(random() * 256);
  return changed;
}

function mutateStore(store: Store, random: Random): Store {
  const changed: Record<string, Content> = { ...store };
  for (let i = 1 + Math.floor(random() * 3); i > 0; i--) {
    const key = pick(Object.keys(changed), random)!;
    const content = changed[key]!;
    if (content instanceof Uint8Array) changed[key] = mutateBytes(content, random);
    else if (random() < 0.8) changed[key] = mutateJson(content, random);
    else changed[key] = mutateBytes(new TextEncoder().encode(JSON.stringify(content)), random);
  }
  return changed;
}

/** Open and read whatever opens; gives the kind of the outcome. Anything but a `CubeError` is thrown. */
async function outcome(store: Store, variable: string | null): Promise<string> {
  const sources = memoryStore(store);
  try {
    const raster = await openZarr(sources, STORE, variable === null ? {} : { variable });
    for (const level of raster.levels) await readWholeArray(level, sources, { maxSamples: 2 ** 20 });
    return 'read';
  } catch (error) {
    if (isCubeError(error)) return error.problem.kind;
    throw error;
  }
}

describe('mutated stores', () => {
  it('are sound before they are mutated', async () => {
    expect([await outcome(v3(), 'v'), await outcome(v2(), 'v')]).toEqual(['read', 'read']);
  });

  it(`give samples or a CubeError, soon (${MUTANTS} of them, seed ${SEED})`, async () => {
    const random = seededRandom(SEED);
    const counts = new Map<string, number>();
    let longest = 0;
    for (let i = 0; i < MUTANTS; i++) {
      const store = mutateStore(i % 2 === 0 ? v3() : v2(), random);
      const started = performance.now();
      const kind = await outcome(store, random() < 0.8 ? 'v' : null);
      longest = Math.max(longest, performance.now() - started);
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    expect(longest).toBeLessThan(LONGEST_MS);
    expect([...counts.keys()].filter((kind) => kind === 'worker')).toEqual([]);
    for (const kind of ['read', 'invalid-data', 'unsupported']) expect(counts.get(kind)).toBeGreaterThan(50);
  });
});
