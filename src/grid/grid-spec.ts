import type { Affine, Size, Window } from './affine.js';
import type { Crs } from './crs.js';

/** Where every output pixel sits on the ground, and how the pixels are cut into chunks. North up: b = d = 0, a > 0, e < 0. */
export type GridSpec = {
  readonly crs: Crs;
  /** Pixel corner (col, row) → CRS (x, y). */
  readonly transform: Affine;
  readonly size: Size;
  /** Chunk size in pixels; chunks at the right and lower edge are partly outside the grid. */
  readonly chunk: Size;
};

/** Number of chunk columns and rows. */
export function chunkCounts(grid: GridSpec): Size {
  return {
    width: Math.ceil(grid.size.width / grid.chunk.width),
    height: Math.ceil(grid.size.height / grid.chunk.height),
  };
}

/** The pixels of one chunk that lie inside the grid. */
export function chunkWindow(grid: GridSpec, yIndex: number, xIndex: number): Window {
  const col = xIndex * grid.chunk.width;
  const row = yIndex * grid.chunk.height;
  return {
    col,
    row,
    width: Math.min(grid.chunk.width, grid.size.width - col),
    height: Math.min(grid.chunk.height, grid.size.height - row),
  };
}
