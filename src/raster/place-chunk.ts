import { intersectWindows, type Window } from '../grid/affine.js';
import type { Samples } from '../grid/dtype.js';
import { storedChunkShape, type RasterLevel } from './level.js';

/** The part of a level that says where a chunk's samples belong. */
export type ChunkPlacement = Pick<RasterLevel, 'shape' | 'chunkShape' | 'edge' | 'axes'>;

/**
 * Copy one plane of a decoded chunk into a window. `index` is the chunk's place in the chunk grid, `samples` hold it in C
 * order of its stored shape, `at` gives the plane: an index in every dimension but x and y (those entries are ignored).
 * `destination` holds the window row-major, in the chunk's type. Pixels that the chunk does not cover are left alone.
 */
export function placeChunk(
  level: ChunkPlacement,
  index: readonly number[],
  samples: Samples,
  at: readonly number[],
  window: Window,
  destination: Samples,
): void {
  const part = chunkPart(level, index, window);
  if (part === null) return;
  const { x, y } = level.axes!;
  const shape = storedChunkShape(level, index);
  const strides = cStrides(shape);
  let start = 0;
  for (let d = 0; d < shape.length; d++) {
    const first = index[d]! * level.chunkShape[d]!;
    const position = d === x ? part.col - first : d === y ? part.row - first : at[d]! - first;
    start += position * strides[d]!;
  }
  const target = (part.row - window.row) * window.width + part.col - window.col;
  const to = { start: target, rowStride: window.width };
  copyPlane(samples, { start, rowStride: strides[y]!, colStride: strides[x]! }, destination, to, part);
}

/** Fill the part of a window that one chunk covers, for a chunk that is missing. */
export function fillChunk(
  level: ChunkPlacement & Pick<RasterLevel, 'fill'>,
  index: readonly number[],
  window: Window,
  destination: Samples,
): void {
  const part = chunkPart(level, index, window);
  if (part === null) return;
  for (let row = 0; row < part.height; row++) {
    const from = (part.row - window.row + row) * window.width + part.col - window.col;
    const line = destination.subarray(from, from + part.width);
    if (line instanceof BigInt64Array || line instanceof BigUint64Array) line.fill(BigInt(level.fill));
    else line.fill(Number(level.fill));
  }
}

/** The pixels of a window that one chunk holds, inside the raster; null where there are none. */
function chunkPart(level: ChunkPlacement, index: readonly number[], window: Window): Window | null {
  const { x, y } = level.axes!;
  const [width, height] = [level.chunkShape[x]!, level.chunkShape[y]!];
  const tile = { col: index[x]! * width, row: index[y]! * height, width, height };
  const inside = intersectWindows(tile, { col: 0, row: 0, width: level.shape[x]!, height: level.shape[y]! });
  return inside === null ? null : intersectWindows(inside, window);
}

function cStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let d = shape.length - 2; d >= 0; d--) strides[d] = strides[d + 1]! * shape[d + 1]!;
  return strides;
}

type Size = { readonly width: number; readonly height: number };
type From = { readonly start: number; readonly rowStride: number; readonly colStride: number };
type To = { readonly start: number; readonly rowStride: number };

/** Whole rows at once where columns are neighbours, else sample by sample. Bits are moved, never values. */
function copyPlane(samples: Samples, from: From, destination: Samples, to: To, size: Size): void {
  const source = rawView(samples);
  const target = rawView(destination);
  const words = source.words;
  const view = source.view;
  for (let row = 0; row < size.height; row++) {
    const read = (from.start + row * from.rowStride) * words;
    const write = (to.start + row * to.rowStride) * words;
    if (from.colStride === 1) target.view.set(view.subarray(read, read + size.width * words), write);
    else if (words === 1) copyRow(view, read, from.colStride, target.view, write, size.width);
    else copyPairs(view, read, from.colStride * 2, target.view, write, size.width);
  }
}

type RawView = { readonly view: Uint8Array | Uint16Array | Uint32Array; readonly words: number };

/** The memory of samples as unsigned words: one a sample, two for 64-bit types. */
function rawView({ buffer, byteOffset, length, BYTES_PER_ELEMENT }: Samples): RawView {
  switch (BYTES_PER_ELEMENT) {
    case 1:
      return { view: new Uint8Array(buffer, byteOffset, length), words: 1 };
    case 2:
      return { view: new Uint16Array(buffer, byteOffset, length), words: 1 };
    case 4:
      return { view: new Uint32Array(buffer, byteOffset, length), words: 1 };
    default:
      return { view: new Uint32Array(buffer, byteOffset, length * 2), words: 2 };
  }
}

function copyRow(
  from: RawView['view'],
  read: number,
  step: number,
  to: RawView['view'],
  write: number,
  count: number,
): void {
  for (let i = 0, at = read; i < count; i++, at += step) to[write + i] = from[at]!;
}

function copyPairs(
  from: RawView['view'],
  read: number,
  step: number,
  to: RawView['view'],
  write: number,
  count: number,
): void {
  for (let i = 0, at = read; i < count; i++, at += step) {
    to[write + 2 * i] = from[at]!;
    to[write + 2 * i + 1] = from[at + 1]!;
  }
}
