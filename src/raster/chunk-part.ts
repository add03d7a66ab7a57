import { intersectWindows, type Window } from '../grid/affine.js';
import { cStrides } from '../grid/flat-index.js';
import { storedChunkShape, type RasterLevel } from './level.js';

/** The part of a level that says where a chunk's samples belong. */
export type ChunkPlacement = Pick<RasterLevel, 'shape' | 'chunkShape' | 'edge' | 'axes'>;

/** The pixels that a chunk and a window of a plane share, and where they lie in both. Places and strides are in samples. */
export type ChunkPart = {
  /** In the chunk, in C order of its stored shape. */
  readonly from: { readonly start: number; readonly rowStride: number; readonly colStride: number };
  /** In the window, row-major. */
  readonly to: { readonly start: number; readonly rowStride: number };
  readonly width: number;
  readonly height: number;
};

/**
 * What of a chunk lies in a window; null where nothing does. `index` is the chunk's place in the chunk grid, `at` gives the
 * plane: an index in every dimension but x and y (those entries are ignored).
 */
export function chunkPart(
  level: ChunkPlacement,
  index: readonly number[],
  at: readonly number[],
  window: Window,
): ChunkPart | null {
  const part = sharedPixels(level, index, window);
  if (part === null) return null;
  const { x, y } = level.axes!;
  const strides = cStrides(storedChunkShape(level, index));
  let start = 0;
  for (let d = 0; d < strides.length; d++) {
    const first = index[d]! * level.chunkShape[d]!;
    const position = d === x ? part.col - first : d === y ? part.row - first : at[d]! - first;
    start += position * strides[d]!;
  }
  return {
    from: { start, rowStride: strides[y]!, colStride: strides[x]! },
    to: { start: (part.row - window.row) * window.width + part.col - window.col, rowStride: window.width },
    width: part.width,
    height: part.height,
  };
}

/** The pixels of a window that one chunk holds, inside the raster; null where there are none. */
function sharedPixels(level: ChunkPlacement, index: readonly number[], window: Window): Window | null {
  const { x, y } = level.axes!;
  const [width, height] = [level.chunkShape[x]!, level.chunkShape[y]!];
  const tile = { col: index[x]! * width, row: index[y]! * height, width, height };
  const inside = intersectWindows(tile, { col: 0, row: 0, width: level.shape[x]!, height: level.shape[y]! });
  return inside === null ? null : intersectWindows(inside, window);
}
