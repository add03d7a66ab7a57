import type { Affine, Point, Size } from './affine.js';

/** How target pixels are found in the source without resampling. */
export type PasteOffset = {
  /** Source pixels per target pixel: 1 is a byte-exact copy. */
  readonly scale: number;
  /** Target pixel (c, r) takes source pixel (col + scale·c, row + scale·r). */
  readonly col: number;
  readonly row: number;
  /** Centre of target pixel (0, 0) less the centre of its source pixel, in source pixels. */
  readonly shift: Point;
};

/** A scale this close to an integer is that integer (G9). */
const SCALE_SLACK = 1e-3;
/** Largest misplacement, in source pixels, that counts as none for kernels that would interpolate. */
const SHIFT_SLACK = 0.05;
/** Arithmetic noise around an exact edge, in source pixels. */
const TIE_SLACK = 1e-6;
/** Where the caller does not say how large the grid is: a tile of Sentinel-2. */
const USUAL_SIZE: Size = { width: 10_980, height: 10_980 };

/**
 * Whether a source in the grid's own CRS can be copied (rule G9): no rotation, and a whole number of source pixels a target
 * pixel, over the whole grid. Interpolating kernels copy only pixels that coincide to 0.05; nearest takes the pixel that
 * holds the centre, on an exact edge the lower right one. Null where the source must be warped.
 */
export function pasteOffset(
  target: Affine,
  source: Affine,
  nearest: boolean,
  size: Size = USUAL_SIZE,
): PasteOffset | null {
  if ([target[1], target[3], source[1], source[3]].some((value) => value !== 0)) return null;
  const x = pasteAxis({ origin: target[2], step: target[0] }, { origin: source[2], step: source[0] }, size.width);
  const y = pasteAxis({ origin: target[5], step: target[4] }, { origin: source[5], step: source[4] }, size.height);
  if (x === null || y === null || x.scale !== y.scale) return null;
  const exact = x.scale === 1 && Math.abs(x.shift) < SHIFT_SLACK && Math.abs(y.shift) < SHIFT_SLACK;
  if (!nearest && !exact) return null;
  return { scale: x.scale, col: x.first, row: y.first, shift: { x: x.shift, y: y.shift } };
}

type Axis = { readonly origin: number; readonly step: number };

function pasteAxis(target: Axis, source: Axis, length: number): { scale: number; first: number; shift: number } | null {
  const ratio = target.step / source.step;
  const scale = Math.round(ratio);
  // A small error of the scale grows along the grid: at its far end it must not have moved the pixels either.
  const drift = Math.abs(ratio - scale);
  if (!(scale >= 1) || drift > SCALE_SLACK || drift * length > SHIFT_SLACK) return null;
  const centre = scale / 2 + (target.origin - source.origin) / source.step;
  const first = Math.floor(centre + TIE_SLACK);
  return Number.isSafeInteger(first) ? { scale, first, shift: centre - (first + 0.5) } : null;
}
