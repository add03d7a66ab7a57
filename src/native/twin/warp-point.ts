import { holds, indexOf, isValid, type Plane } from './warp-plane.js';

/** Least sum of weights of valid pixels that still gives a value (GDAL's bound). */
const LEAST_WEIGHT = 1e-5;

/** A kernel: the value at a position in raster pixels, NaN where there is none. The pixel there is valid. */
export type Kernel = (plane: Plane, x: number, y: number) => number;

/** The pixel that holds the position; ties were settled before. */
export function nearestKernel(plane: Plane, x: number, y: number): number {
  return plane.data[indexOf(plane, Math.trunc(x), Math.trunc(y))]!;
}

/** Two by two pixels; those outside the raster or without data give their weight to the others. */
export function bilinearKernel(plane: Plane, x: number, y: number): number {
  const col = Math.trunc(x + 0.5);
  const row = Math.trunc(y + 0.5);
  return interpolate(plane, col - 1, row - 1, x + 0.5 - col, y + 0.5 - row);
}

function interpolate(plane: Plane, col: number, row: number, right: number, lower: number): number {
  if (holds(plane, col, col + 2, row, row + 2)) {
    const i = indexOf(plane, col, row);
    const j = i + plane.windowWidth;
    if (isValid(plane, i) && isValid(plane, i + 1) && isValid(plane, j) && isValid(plane, j + 1)) {
      const d = plane.data;
      const upper = d[i]! * (1 - right) + d[i + 1]! * right;
      const under = d[j]! * (1 - right) + d[j + 1]! * right;
      return upper * (1 - lower) + under * lower;
    }
  }
  return interpolateSome(plane, col, row, right, lower);
}

function interpolateSome(plane: Plane, col: number, row: number, right: number, lower: number): number {
  let sum = 0;
  let weights = 0;
  for (let y = 0; y < 2; y++) {
    for (let x = 0; x < 2; x++) {
      const c = col + x;
      const r = row + y;
      if (c < 0 || r < 0 || c >= plane.width || r >= plane.height) continue;
      if (!holds(plane, c, c + 1, r, r + 1)) {
        plane.missing = true;
        return NaN;
      }
      const index = indexOf(plane, c, r);
      if (!isValid(plane, index)) continue;
      const weight = (x === 0 ? 1 - right : right) * (y === 0 ? 1 - lower : lower);
      weights += weight;
      sum += plane.data[index]! * weight;
    }
  }
  return weights < LEAST_WEIGHT ? NaN : sum / weights;
}

/** Cubic convolution with a = -0.5. Where one of the 16 pixels is outside the raster or without data: bilinear, as GDAL. */
export function cubicKernel(plane: Plane, x: number, y: number): number {
  const col = Math.trunc(x + 0.5) - 1;
  const row = Math.trunc(y + 0.5) - 1;
  const right = x + 0.5 - (col + 1);
  const lower = y + 0.5 - (row + 1);
  if (col < 1 || row < 1 || col + 2 >= plane.width || row + 2 >= plane.height)
    return interpolate(plane, col, row, right, lower);
  if (!holds(plane, col - 1, col + 3, row - 1, row + 3)) {
    plane.missing = true;
    return NaN;
  }
  const d = plane.data;
  let sum = 0;
  for (let j = 0; j < 4; j++) {
    const i = indexOf(plane, col - 1, row - 1 + j);
    const whole = isValid(plane, i) && isValid(plane, i + 1) && isValid(plane, i + 2) && isValid(plane, i + 3);
    if (!whole) return interpolate(plane, col, row, right, lower);
    const line =
      d[i]! * cubicWeight(0, right) +
      d[i + 1]! * cubicWeight(1, right) +
      d[i + 2]! * cubicWeight(2, right) +
      d[i + 3]! * cubicWeight(3, right);
    sum += line * cubicWeight(j, lower);
  }
  return sum;
}

/** Weight of the `n`-th of the four pixels around a position that is `t` right of the second. */
function cubicWeight(n: number, t: number): number {
  const half = 0.5 * t;
  const square = half * t;
  if (n === 0) return half * (t * (2 - t) - 1);
  if (n === 1) return 1 + square * (3 * t - 5);
  if (n === 2) return half * (1 + t * (4 - 3 * t));
  return square * (t - 1);
}
