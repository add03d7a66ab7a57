import { decodeChunk } from '../codec/decode-chunk.js';
import { prepareCodecs } from '../codec/prepare.js';
import { CubeError } from '../errors.js';
import { memoryBytes, newSamples, storedBytes, type Samples } from '../grid/dtype.js';
import type { Window } from '../grid/affine.js';
import type { SourceFactory } from '../io/byte-source.js';
import { fetchAndDecode } from './fetch-head.js';
import { headLength } from './head-length.js';
import type { ChunkRef } from './chunk-ref.js';
import { chunkRef, storedChunkShape, type PlaneAxes, type RasterLevel } from './level.js';
import { fillChunk, placeChunk } from './place-chunk.js';

export { placeChunk } from './place-chunk.js';

/** What reading a plane takes. */
export type ReadPlaneOptions = {
  readonly signal?: AbortSignal;
  /** Chunks in flight at a time. */
  readonly concurrency?: number;
};

/** Which samples: one plane, given by an index in every dimension but x and y, and a window of it inside the raster. */
export type PlaneWindow = { readonly at: readonly number[]; readonly window: Window };

/** Enough to keep one connection pool busy; encoded chunks in flight are some MiB each. */
const DEFAULT_CONCURRENCY = 16;
/** What one typed array of ours may take; larger planes are read in windows. */
const MAX_PLANE_BYTES = 2 ** 32;

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
  await prepareCodecs(level.codecs);
  const options = { identity: level.identity, ...(signal === undefined ? {} : { signal }) };
  const shape = storedChunkShape(level, index);
  const early = rows === undefined ? null : rowsFirst(level, shape);
  const layout = { dtype: level.dtype, shape: early ?? shape, codecs: level.codecs };
  const decodeOptions = { url: level.url, ...(early === null || rows === undefined ? {} : { rows }) };
  const ref = chunkRef(level, index);
  const head = early === null || rows === undefined ? null : headOf(level, index, ref, early, rows);
  return fetchAndDecode({ ref, headLength: head }, sources, options, (bytes) =>
    decodeChunk(layout, bytes, decodeOptions),
  );
}

/** Bytes from the chunk's start that most likely hold its first `rows` rows; `shape` has the rows first. */
function headOf(
  { axes, shape: whole, dtype, codecs }: RasterLevel,
  index: readonly number[],
  ref: ChunkRef,
  shape: readonly number[],
  rows: number,
): number | null {
  if (ref.kind !== 'range' || axes === null) return null;
  const height = shape[0]!;
  const rowBytes = shape.slice(1).reduce((product, size) => product * size, storedBytes(dtype));
  const filled = Math.min(height, whole[axes.y]! - index[axes.y]! * height);
  const needed = Math.min(rows, height);
  return headLength(codecs, ref.length, {
    needed: needed * rowBytes,
    filled: filled * rowBytes,
    total: height * rowBytes,
  });
}

/** The chunk's shape without the dimensions of size one before its rows, so that a decoder can stop early; null where rows do not come first. */
function rowsFirst({ axes, codecs }: RasterLevel, shape: readonly number[]): readonly number[] | null {
  if (axes === null || shape.slice(0, axes.y).some((size) => size !== 1)) return null;
  return codecs.some((codec) => codec.name === 'transpose') ? null : shape.slice(axes.y);
}

/**
 * A window of one plane, row-major, put together from the chunks that it touches; missing chunks hold the level's fill
 * value. The first chunk that fails fails the read. Errors: `invalid-argument` for a window or index outside the level.
 */
export async function readPlane(
  level: RasterLevel,
  { at, window }: PlaneWindow,
  sources: SourceFactory,
  options: ReadPlaneOptions = {},
): Promise<Samples> {
  const axes = checkedAxes(level, at, window);
  const data = newSamples(level.dtype, window.width * window.height);
  const indexes = chunkIndexes(level, axes, at, window);
  const failed = new AbortController();
  const signal = options.signal === undefined ? failed.signal : AbortSignal.any([options.signal, failed.signal]);
  const readNext = async (): Promise<void> => {
    for (const index of indexes) {
      const rows = window.row + window.height - index[axes.y]! * level.chunkShape[axes.y]!;
      const samples = await readChunk(level, index, sources, { signal, rows });
      if (samples === null) fillChunk(level, index, window, data);
      else placeChunk(level, index, samples, at, window, data);
    }
  };
  const lanes = Array.from({ length: Math.max(1, options.concurrency ?? DEFAULT_CONCURRENCY) }, readNext);
  try {
    await Promise.all(lanes);
  } catch (error) {
    // The other lanes stop before their next chunk; whatever they meet is the consequence of this error.
    failed.abort();
    await Promise.allSettled(lanes);
    throw error;
  }
  return data;
}

/** Places in the chunk grid of the chunks that a window of a plane touches, in C order. Shared by all lanes. */
function* chunkIndexes(
  level: RasterLevel,
  { x, y }: PlaneAxes,
  at: readonly number[],
  window: Window,
): Generator<number[]> {
  const [width, height] = [level.chunkShape[x]!, level.chunkShape[y]!];
  const fixed = level.chunkShape.map((size, d) => (d === x || d === y ? 0 : Math.floor(at[d]! / size)));
  for (let row = Math.floor(window.row / height); row * height < window.row + window.height; row++) {
    for (let col = Math.floor(window.col / width); col * width < window.col + window.width; col++) {
      yield fixed.map((value, d) => (d === x ? col : d === y ? row : value));
    }
  }
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
  const bytes = width * height * memoryBytes(level.dtype);
  if (bytes > MAX_PLANE_BYTES) {
    const fix = 'read it in smaller windows, or an overview';
    throw new CubeError({
      kind: 'budget',
      what: `a window of ${width} by ${height}`,
      needed: bytes,
      limit: MAX_PLANE_BYTES,
      fix,
    });
  }
  return axes;
}
