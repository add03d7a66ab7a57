import { groupItems } from '../../src/stac/group.js';
import type { StacItem } from '../../src/stac/item.js';
import type { Affine } from '../../src/grid/affine.js';
import { newSamples, type DataType, type Samples } from '../../src/grid/dtype.js';
import type { GridSpec } from '../../src/grid/grid-spec.js';
import type { SourceFactory } from '../../src/io/byte-source.js';
import type { ChunkRef } from '../../src/raster/chunk-ref.js';
import type { RasterLevel } from '../../src/raster/level.js';
import type { Raster } from '../../src/raster/raster.js';
import type { PlacedLabel } from '../../src/vector/clip-window.js';
import type { BandSource, Candidate } from '../../src/cube/candidate.js';
import { checkSpec } from '../../src/cube/parse-spec.js';
import { planTasks } from '../../src/cube/plan.js';
import { planBands } from '../../src/cube/plan-bands.js';
import { createTaskRunner, runTask } from '../../src/cube/run-task.js';
import type { BuildSpec } from '../../src/cube/spec.js';
import type { PlanContext } from '../../src/cube/task.js';
import type { TaskResult } from '../../src/cube/task-result.js';
import { TileCache } from '../../src/cube/tile-cache.js';
import type { ArrayLayout } from '../../src/cube/writer/layout.js';
import { CubeError } from '../../src/errors.js';

/** UTM 33 N, upper left corner of all tiny rasters: x 0, y 0, pixels of one metre at level 0. */
export const TINY_CRS = { kind: 'epsg', code: 32_633 } as const;

/** A raster in memory. Tiles are `tile` pixels a side; those of `broken` (index in C order) cannot be read. */
export type TinyLevel = {
  readonly dtype: DataType;
  readonly width: number;
  readonly height: number;
  /** Row-major; a bigint for 64-bit integers. */
  readonly value: (col: number, row: number) => number | bigint;
  /** Metres along a pixel's side. */
  readonly pixel?: number;
  readonly tile?: number;
  readonly broken?: readonly number[];
};

/** One resolution whose tiles hold raw samples. */
export function tinyLevel(level: TinyLevel): RasterLevel {
  const { dtype, width, height, pixel = 1, tile = 16, broken = [] } = level;
  const refs: ChunkRef[] = [];
  for (let top = 0; top < height; top += tile) {
    for (let left = 0; left < width; left += tile) {
      const lost = broken.includes(refs.length);
      const bytes = tileBytes(level, tile, { left, top });
      refs.push(lost ? { kind: 'range', url: LOST, offset: refs.length, length: 1 } : { kind: 'inline', bytes });
    }
  }
  return {
    url: `memory:${nextUrl++}`,
    identity: null,
    dtype,
    shape: [height, width],
    chunkShape: [tile, tile],
    edge: 'padded',
    codecs: [{ name: 'bytes', endian: 'little' }],
    fill: 0,
    axes: { y: 0, x: 1, band: null },
    crs: TINY_CRS,
    transform: [pixel, 0, 0, 0, -pixel, 0],
    refs: { kind: 'list', refs },
  };
}

const LOST = 'https://example.com/lost.tif';
let nextUrl = 0;

function tileBytes({ dtype, value, width, height }: TinyLevel, tile: number, at: { left: number; top: number }) {
  const samples = newSamples(dtype, tile * tile);
  for (let row = 0; row < Math.min(tile, height - at.top); row++) {
    for (let col = 0; col < Math.min(tile, width - at.left); col++) {
      samples[row * tile + col] = value(at.left + col, at.top + row);
    }
  }
  return new Uint8Array(samples.buffer);
}

/** One band of one item: a raster of the given levels (and masks), and what is known of its values. */
export function tinyBand(
  levels: readonly RasterLevel[],
  more: Partial<Omit<BandSource, 'raster'>> & { readonly masks?: readonly (RasterLevel | null)[] } = {},
): BandSource {
  const { masks = levels.map(() => null), ...fields } = more;
  const raster: Raster = {
    url: levels[0]!.url,
    driver: 'geotiff',
    levels,
    masks,
    bands: [],
    dimensions: [],
    problems: [],
  };
  return { raster, at: [0, 0], nodata: [], scale: 1, offset: 0, classes: false, href: raster.url, ...fields };
}

/** An item that has the bands of the specification in their order. */
export function tinyCandidate(id: string, bands: readonly BandSource[], timeMs = 0): Candidate {
  const item: StacItem = {
    id,
    collection: null,
    url: `memory:${id}`,
    timeMs,
    geometry: null,
    bbox: null,
    properties: {},
    assets: [],
  };
  return { item, id, timeMs, properties: {}, bands, broken: null };
}

/** A specification with defaults for what is not given. */
export function tinySpec(fields: object = {}): BuildSpec {
  return checkSpec({ name: 'tiny', source: { stac: 'x' }, bands: ['a'], ...fields });
}

/** The pixels of a cube of one time step, and the receipts of its tasks. */
export type TinyCube = { readonly arrays: Readonly<Record<string, Samples>>; readonly results: readonly TaskResult[] };

/** Samples as a plain list, for comparisons: the first `count` from `from` on. */
export function listOf(samples: Samples, count: number, from = 0): (number | bigint)[] {
  return Array.from({ length: count }, (_, i) => samples[from + i]!);
}

/** How a tiny cube is made. The grid has its corner where the rasters have theirs. */
export type TinyOptions = {
  readonly size: number;
  readonly pixel?: number;
  readonly allowIncomplete?: boolean;
  readonly labels?: readonly PlacedLabel[];
  readonly context?: Partial<PlanContext>;
};

/** Plan and run a cube of one chunk in memory. */
export async function buildTiny(
  spec: BuildSpec,
  candidates: readonly Candidate[],
  { size, pixel = 1, allowIncomplete = false, labels = [], context: changes = {} }: TinyOptions,
): Promise<TinyCube> {
  const transform: Affine = [pixel, 0, 0, 0, -pixel, 0];
  const square = { width: size, height: size };
  const grid: GridSpec = { crs: TINY_CRS, transform, size: square, chunk: square };
  const none = { x: 0, y: 0 };
  const context: PlanContext = {
    grid,
    bands: planBands(spec, candidates),
    mask: null,
    mosaic: spec.mosaic,
    clip: { mode: 'none', bufferPx: none },
    allowIncomplete,
    ...changes,
  };
  const times = groupItems(candidates, { groupby: 'solar_day', sortby: spec.sortby, midLon: 0 });
  const plan = planTasks({ spec, grid, context, times, labels, cell: size });
  const arrays = emptyArrays(context, size);
  const store = {
    arrays: new Map(Object.keys(arrays).map((name) => [name, layoutOf(name, context, size)])),
    async writeObject(key: string, bytes: Uint8Array) {
      const samples = arrays[key.split('/')[0]!]!;
      new Uint8Array(samples.buffer).set(bytes);
    },
    async removeObject() {},
  };
  const tiles = new TileCache(LOST_FILES, 2 ** 24);
  const runner = createTaskRunner({ context, store, sources: LOST_FILES, tiles, workBytes: 2 ** 28, aheadBytes: 0 });
  const results: TaskResult[] = [];
  for (const group of plan.groups()) for (const task of group) results.push(await runTask(task, runner));
  return { arrays, results };
}

/** Nothing that is not in memory can be read. */
const LOST_FILES: SourceFactory = {
  open: (url) => ({ url, read: () => Promise.reject(new CubeError({ kind: 'not-found', url })) }),
  close: () => Promise.resolve(),
};

function emptyArrays({ bands, mosaic }: PlanContext, size: number): Record<string, Samples> {
  const arrays: Record<string, Samples> = { reason: new Uint8Array(size * size).fill(5) };
  if (mosaic !== 'first' && mosaic !== 'last') arrays['count'] = new Uint16Array(size * size);
  arrays['coverage'] = new Float32Array(size * size);
  arrays['label'] = new Uint32Array(size * size);
  for (const { name, dtype, written, fill } of bands) {
    if (!written) continue;
    const samples = newSamples(dtype, size * size);
    if (samples instanceof BigInt64Array || samples instanceof BigUint64Array) samples.fill(BigInt(fill ?? 0));
    else samples.fill(fill ?? 0);
    arrays[name] = samples;
  }
  return arrays;
}

function layoutOf(name: string, { bands }: PlanContext, size: number): ArrayLayout {
  const band = bands.find((one) => one.name === name);
  const plane = name === 'coverage' || name === 'label';
  const shape = plane ? [size, size] : [1, size, size];
  const own: Readonly<Record<string, DataType>> = {
    reason: 'uint8',
    count: 'uint16',
    coverage: 'float32',
    label: 'uint32',
  };
  return {
    name,
    dtype: band?.dtype ?? own[name]!,
    dimensions: plane ? ['y', 'x'] : ['time', 'y', 'x'],
    shape,
    chunk: shape,
    shard: null,
    codec: { name: 'none' },
    fill: name === 'reason' ? 5 : (band?.fill ?? 0),
    attributes: {},
  };
}
