import { KERNEL_REACH, type PointKernel } from '../kernels.js';
import type { Kernel } from './warp-point.js';
import { holds, indexOf, isValid, type Plane } from './warp-plane.js';

/** GDAL widens interpolating kernels where a target pixel is larger than this many source pixels. */
export const WIDE_SCALE = 1 / 0.95;
/** Least sum of weights that still gives a value (GDAL's bound). */
const LEAST_WEIGHT = 1e-6;
/** A radius beyond this is the whole raster anyway. */
const MAX_RADIUS = 2 ** 30;

/** One axis: kernel units a source pixel, and source pixels that the kernel reaches. */
type Axis = { readonly ratio: number; readonly radius: number };

/**
 * A kernel of any width: widened for targets that are coarser than the source (GDAL's antialiasing); cubic B-spline and
 * Lanczos always.
 */
export function wideKernel(kernel: PointKernel, scale: { readonly x: number; readonly y: number }): Kernel {
  const reach = KERNEL_REACH[kernel];
  const weight = { bilinear: triangleWeight, cubic: cubicWeight, cubicspline: splineWeight, lanczos }[kernel];
  const axis = (size: number): Axis => ({
    ratio: Math.min(1 / size, 1),
    radius: size > WIDE_SCALE ? Math.min(Math.ceil(reach * size), MAX_RADIUS) : reach,
  });
  const axes = { x: axis(scale.x), y: axis(scale.y) };
  const weights: number[] = [];
  return (plane, x, y) => sample(plane, { x, y }, axes, weight, weights);
}

function sample(
  plane: Plane,
  at: { readonly x: number; readonly y: number },
  axes: { readonly x: Axis; readonly y: Axis },
  weightOf: (x: number) => number,
  weights: number[],
): number {
  const col = Math.trunc(at.x + 0.5) - 1;
  const row = Math.trunc(at.y + 0.5) - 1;
  const right = at.x + 0.5 - (col + 1);
  const lower = at.y + 0.5 - (row + 1);
  const firstCol = Math.max(col - axes.x.radius + 1, 0);
  const endCol = Math.min(col + axes.x.radius + 1, plane.width);
  const firstRow = Math.max(row - axes.y.radius + 1, 0);
  const endRow = Math.min(row + axes.y.radius + 1, plane.height);
  if (!holds(plane, firstCol, endCol, firstRow, endRow)) {
    plane.missing = true;
    return NaN;
  }
  for (let c = firstCol; c < endCol; c++) weights[c - firstCol] = weightOf((c - col - right) * axes.x.ratio);
  let sum = 0;
  let total = 0;
  for (let r = firstRow; r < endRow; r++) {
    const weight = weightOf((r - row - lower) * axes.y.ratio);
    const first = indexOf(plane, firstCol, r);
    let rowSum = 0;
    let rowTotal = 0;
    for (let k = 0; k < endCol - firstCol; k++) {
      if (!isValid(plane, first + k)) continue;
      rowSum += plane.data[first + k]! * weights[k]!;
      rowTotal += weights[k]!;
    }
    sum += rowSum * weight;
    total += rowTotal * weight;
  }
  return total < LEAST_WEIGHT ? NaN : sum / total;
}

function triangleWeight(x: number): number {
  const distance = Math.abs(x);
  return distance < 1 ? 1 - distance : 0;
}

/** Cubic convolution with a = -0.5. */
function cubicWeight(x: number): number {
  const d = Math.abs(x);
  if (d <= 1) return 1 + d * d * (1.5 * d - 2.5);
  return d <= 2 ? 2 + d * (d * (2.5 - 0.5 * d) - 4) : 0;
}

/** The cubic B-spline. */
function splineWeight(x: number): number {
  const d = Math.abs(x);
  if (d <= 1) return 2 / 3 + d * d * (0.5 * d - 1);
  return d < 2 ? ((2 - d) * (2 - d) * (2 - d)) / 6 : 0;
}

/** 1 / ((2 k + 2) (2 k + 3)): what turns one term of the sine's series into the next. */
const SINE = [6, 20, 42, 72, 110, 156, 210, 272, 342, 420].map((divisor) => 1 / divisor);

/**
 * Three lobes: sinc(x) · sinc(x / 3), where sinc(x) is sin(πx) / (πx); with a third of the angle both have one sine, since
 * sin 3a = sin a (3 - 4 sin² a). The sine is its series up to half a turn: Math.sin does not give the addon's bits.
 */
function lanczos(x: number): number {
  const d = Math.abs(x);
  if (d === 0) return 1;
  if (d >= 3) return 0;
  const third = d / 3;
  const angle = Math.PI * Math.min(third, 1 - third);
  const square = angle * angle;
  const series = SINE.reduceRight((sum, term) => 1 - square * term * sum, 1);
  const sine = angle * series;
  const sinc = sine / (Math.PI * third);
  return sinc * sinc * (1 - sine * sine * (4 / 3));
}
