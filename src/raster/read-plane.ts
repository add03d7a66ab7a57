import { CubeError } from '../errors.js';
import { memoryBytes, newSamples, type Samples } from '../grid/dtype.js';
import type { Window } from '../grid/affine.js';
import type { SourceFactory } from '../io/byte-source.js';
import { storedChunkShape, type PlaneAxes, type RasterLevel, type StoredLevel } from './level.js';
import { planTiles, type PlaneWindow, type WantedPart } from './plan-tiles.js';
import { readTiles, type ReadTilesOptions } from './read-tiles.js';

/** What reading a plane takes. */
export type ReadPlaneOptions = ReadTilesOptions;

/** What one typed array of ours may take; what is larger is read in parts. */
const MAX_ARRAY_BYTES = 2 ** 32;

/** Refuse an array that one typed array of ours does not hold. Problem: `budget`. */
export function assertArrayFits(what: string, needed: number, fix: string): void {
  if (needed > MAX_ARRAY_BYTES) throw new CubeError({ kind: 'budget', what, needed, limit: MAX_ARRAY_BYTES, fix });
}

/** What reading a chunk takes. */
export type ReadChunkOptions = {
  readonly signal?: AbortSignal;
  /** Only the chunk's first `rows` rows are needed; what lies behind them is undefined. */
  readonly rows?: number;
};

/** One chunk fetched and decoded, in C order of its stored shape; null where it is missing. */
export async function readChunk(
  level: RasterLevel,
  index: readonly number[],
  sources: SourceFactory,
  { signal, rows }: ReadChunkOptions = {},
): Promise<Samples | null> {
  const part = wholeChunk(level, index, rows);
  const samples = newSamples(level.dtype, storedChunkShape(level, index).reduce(product, 1));
  if (part.width === 0 || part.height === 0) return samples;
  const wanted = { level, tiles: [{ index, parts: [part] }], destinations: [samples] };
  const options = { threads: 1, ...(signal === undefined ? {} : { signal }) };
  return (await readTiles(wanted, sources, options)).length === 0 ? samples : null;
}

/** All of a chunk as it lies, or its first rows where rows come first. */
export function wholeChunk(level: StoredLevel, index: readonly number[], rows = Infinity): WantedPart {
  const shape = storedChunkShape(level, index);
  const y = level.axes?.y ?? 0;
  const cut = level.axes !== null && shape.slice(0, y).every((size) => size === 1);
  const height = cut ? Math.max(1, Math.min(rows, shape[y]!)) : 1;
  const width = cut ? shape.slice(y + 1).reduce(product, 1) : shape.reduce(product, 1);
  return {
    plane: 0,
    from: { start: 0, rowStride: width, colStride: 1 },
    to: { start: 0, rowStride: width },
    width,
    height,
  };
}

function product(a: number, b: number): number {
  return a * b;
}

/**
 * A window of one plane, row-major, put together from the chunks that it touches; missing chunks hold the level's fill
 * value. The first chunk that fails fails the read. Errors: `invalid-argument` for a window or index outside the level.
 */
export async function readPlane(
  level: RasterLevel,
  plane: PlaneWindow,
  sources: SourceFactory,
  options: ReadPlaneOptions = {},
): Promise<Samples> {
  checkedAxes(level, plane.at, plane.window);
  const data = newSamples(level.dtype, plane.window.width * plane.window.height);
  await readTiles({ level, tiles: planTiles(level, [plane]), destinations: [data] }, sources, options);
  return data;
}

function checkedAxes(level: RasterLevel, at: readonly number[], window: Window): PlaneAxes {
  const fail = (what: string) => new CubeError({ kind: 'invalid-argument', what: `${level.url}: ${what}` });
  const { axes, shape } = level;
  if (axes === null) throw fail('not a raster: it has no x and y dimension');
  const { col, row, width, height } = window;
  const whole = [col, row, width, height].every(Number.isInteger);
  const inside = col >= 0 && row >= 0 && col + width <= shape[axes.x]! && row + height <= shape[axes.y]!;
  if (!whole || !inside || width < 1 || height < 1) {
    const text = `window ${col},${row},${width},${height}`;
    throw fail(`${text} is not inside the raster of ${shape[axes.x]} by ${shape[axes.y]} pixels`);
  }
  for (let d = 0; d < shape.length; d++) {
    if (d === axes.x || d === axes.y) continue;
    const value = at[d];
    if (value === undefined || !Number.isInteger(value) || value < 0 || value >= shape[d]!) {
      throw fail(`index ${value ?? 'none'} in dimension ${d}, which has ${shape[d]}`);
    }
  }
  const fix = 'read it in smaller windows, or an overview';
  assertArrayFits(`a window of ${width} by ${height}`, width * height * memoryBytes(level.dtype), fix);
  return axes;
}
