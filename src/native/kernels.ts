/**
 * The types of the numeric kernels. `load.ts` picks the addon's or the TypeScript twin's implementation; both are held
 * to the same tests.
 */

/** Kernels by GDAL's names, in the order of the addon's numbers. */
export const RESAMPLINGS = [
  'nearest',
  'bilinear',
  'cubic',
  'cubicspline',
  'lanczos',
  'average',
  'mode',
  'min',
  'max',
  'med',
  'q1',
  'q3',
  'sum',
  'rms',
] as const;

/** One of GDAL's names. */
export type Resampling = (typeof RESAMPLINGS)[number];

/** Kernels that weigh the pixels around a position; how far they reach, in source pixels where they are not widened. */
export const KERNEL_REACH = { bilinear: 1, cubic: 2, cubicspline: 2, lanczos: 3 } as const;

/** A kernel that does. */
export type PointKernel = keyof typeof KERNEL_REACH;

/** Whether a kernel weighs the pixels around a position. */
export function isPointKernel(kernel: Resampling): kernel is PointKernel {
  return Object.hasOwn(KERNEL_REACH, kernel);
}

/** State of one target pixel of one source: 0 outside the source's raster, 1 valid, 2 inside but no data. */
export const OUTSIDE = 0;
/** The pixel has a value; see `OUTSIDE`. */
export const VALID = 1;
/** The pixel lies inside the raster and has no value; see `OUTSIDE`. */
export const NODATA = 2;

/** Arrays that the kernels read and write: the sample arrays of the engine. */
export type SampleArray =
  | Int8Array<ArrayBufferLike>
  | Uint8Array<ArrayBufferLike>
  | Int16Array<ArrayBufferLike>
  | Uint16Array<ArrayBufferLike>
  | Int32Array<ArrayBufferLike>
  | Uint32Array<ArrayBufferLike>
  | BigInt64Array<ArrayBufferLike>
  | BigUint64Array<ArrayBufferLike>
  | Float32Array<ArrayBufferLike>
  | Float64Array<ArrayBufferLike>;

/** Half-open window of pixels. */
export type PixelWindow = {
  readonly col: number;
  readonly row: number;
  readonly width: number;
  readonly height: number;
};
/** A size in pixels. */
export type PixelSize = { readonly width: number; readonly height: number };
/** A fractional position in pixels. */
export type PixelPosition = { readonly col: number; readonly row: number };

/**
 * Edge of a map's cells in target pixels. Cells lie at multiples of it in the target grid, whatever window is asked
 * for, so that a pixel's source position does not depend on the window it is computed in.
 */
export const MAP_CELL = 128;
/** `splits` of a cell that lies outside the source CRS's domain altogether. */
export const MAP_CELL_EMPTY = 0;
/** `splits` of a cell with exact positions at every half pixel. */
export const MAP_CELL_EXACT = 255;

/**
 * Where the pixels of a window of the target grid lie in a source raster, in fractional pixels of the whole raster.
 * Plain data, a few kilobytes. Positions are asked for in pixels of the target grid (not of the window).
 */
export type PixelMap =
  /** Same CRS: x = a·col + b·row + c, y = d·col + e·row + f, in the order of an affine transform. */
  | (PixelWindow & {
      readonly kind: 'affine';
      readonly matrix: readonly [number, number, number, number, number, number];
    })
  /**
   * Cells of `MAP_CELL` pixels that cover the window, row-major. A cell is cut into `splits` by `splits` patches, each a
   * bicubic polynomial through exact positions at 0, ¼, ¾ and 1 of its sides; neighbours share the nodes of a side, so
   * a cell has (3·splits + 1)² nodes. `offsets[i]` is where cell i's nodes begin in `nodes` (x, y pairs, row-major).
   */
  | (PixelWindow & {
      readonly kind: 'cells';
      readonly splits: Uint8Array;
      readonly offsets: Uint32Array;
      readonly nodes: Float64Array;
    });
