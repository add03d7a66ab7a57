import type { SampleArray } from '../kernels.js';
import type { WarpRequest } from '../warp-contract.js';

/**
 * Positions this far below a pixel's lower edge count as on it, so that exact ties go to the lower right pixel whatever
 * rounding did to them.
 */
export const TIE = 1e-7;

/** Arrays whose elements are numbers: all kernels but nearest work on these. */
export type NumberArray = Exclude<SampleArray, BigInt64Array<ArrayBufferLike> | BigUint64Array<ArrayBufferLike>>;

/** The source of a warp. Positions are in pixels of the raster, of which the window holds a part. */
export type Plane<D extends SampleArray = NumberArray> = {
  readonly data: D;
  readonly valid: Uint8Array | null;
  readonly floats: boolean;
  readonly windowWidth: number;
  /** The window's corner in the raster. */
  readonly col: number;
  readonly row: number;
  readonly width: number;
  readonly height: number;
  /** Half-open ranges of raster columns and rows that the window holds. */
  readonly firstCol: number;
  readonly endCol: number;
  readonly firstRow: number;
  readonly endRow: number;
  /** Set by a kernel that needs pixels of the raster which the window lacks. */
  missing: boolean;
};

/** The source of a warp, in the raster's own pixel numbers. */
export function sourcePlane<D extends SampleArray>(data: D, { source, raster }: WarpRequest): Plane<D> {
  const col = 0 - raster.col;
  const row = 0 - raster.row;
  return {
    data,
    valid: source.valid,
    floats: data instanceof Float32Array || data instanceof Float64Array,
    windowWidth: source.width,
    col,
    row,
    width: raster.width,
    height: raster.height,
    firstCol: Math.max(col, 0),
    endCol: Math.min(col + source.width, raster.width),
    firstRow: Math.max(row, 0),
    endRow: Math.min(row + source.height, raster.height),
    missing: false,
  };
}

/** Whether the window holds the half-open ranges of columns and rows, which lie in the raster. */
export function holds(
  plane: Plane<SampleArray>,
  firstCol: number,
  endCol: number,
  firstRow: number,
  endRow: number,
): boolean {
  return firstCol >= plane.firstCol && endCol <= plane.endCol && firstRow >= plane.firstRow && endRow <= plane.endRow;
}

/** Index in the data of a raster pixel that the window holds. */
export function indexOf(plane: Plane<SampleArray>, col: number, row: number): number {
  return (row - plane.row) * plane.windowWidth + col - plane.col;
}

/** Whether a source pixel has a value. */
export function isValid(plane: Plane<SampleArray>, index: number): boolean {
  if (plane.valid !== null && plane.valid[index] !== 1) return false;
  return !plane.floats || !Number.isNaN(plane.data[index]);
}
