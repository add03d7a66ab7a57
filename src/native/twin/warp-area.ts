import { holds, indexOf, isValid, TIE, type Plane } from './warp-plane.js';

/** Kernels that reduce all source pixels under a target pixel. */
export type AreaReduction = 'average' | 'mode' | 'min' | 'max' | 'med' | 'q1' | 'q3' | 'sum' | 'rms';

/** Corners of a target pixel in raster pixels, x and y in turn: upper left, upper right, lower left, lower right. */
export type Corners = Float64Array;

/** One axis of the covered box: its ends, and the half-open range of pixels that it covers. */
type Span = { readonly from: number; readonly to: number; readonly first: number; readonly end: number };

/**
 * Reduce all source pixels that lie under a target pixel; NaN where none is valid. Average, sum, rms and mode weigh them by
 * the covered part. Where a corner cannot be mapped the pixel under the centre (`x`, `y`) stands for the area.
 */
export function areaKernel(plane: Plane, x: number, y: number, corners: Corners, how: AreaReduction): number {
  const spans = covered(plane, corners);
  if (spans === null) return single(plane, Math.trunc(x + TIE), Math.trunc(y + TIE));
  const { cols, rows } = spans;
  if (!holds(plane, cols.first, cols.end, rows.first, rows.end)) {
    plane.missing = true;
    return NaN;
  }
  switch (how) {
    case 'average': {
      const { sum, total } = weighted(plane, cols, rows, (value) => value);
      return total > 0 ? sum / total : NaN;
    }
    case 'mode':
      return mode(plane, cols, rows);
    case 'min':
    case 'max':
      return extreme(plane, cols, rows, how);
    case 'q1':
      return quantile(plane, cols, rows, 0.25);
    case 'med':
      return quantile(plane, cols, rows, 0.5);
    case 'q3':
      return quantile(plane, cols, rows, 0.75);
    case 'sum': {
      const { sum, total } = weighted(plane, cols, rows, (value) => value);
      return total > 0 ? sum : NaN;
    }
    case 'rms': {
      const { sum, total } = weighted(plane, cols, rows, (value) => value * value);
      return total > 0 ? Math.sqrt(sum / total) : NaN;
    }
  }
}

function single(plane: Plane, col: number, row: number): number {
  if (!holds(plane, col, col + 1, row, row + 1)) {
    plane.missing = true;
    return NaN;
  }
  const index = indexOf(plane, col, row);
  return isValid(plane, index) ? plane.data[index]! : NaN;
}

/**
 * The box between the upper left and the lower right corner, as GDAL; where the pixel is turned by more than about 20
 * degrees that box shrinks to nothing at 45 degrees, so the box around all four corners is taken.
 */
function covered(plane: Plane, c: Corners): { readonly cols: Span; readonly rows: Span } | null {
  if (!c.every(Number.isFinite)) return null;
  const along = Math.abs(c[2]! - c[0]!) + Math.abs(c[5]! - c[1]!);
  const across = Math.abs(c[3]! - c[1]!) + Math.abs(c[4]! - c[0]!);
  const turned = across > 0.35 * along;
  const xs = turned ? [c[0]!, c[2]!, c[4]!, c[6]!] : [c[0]!, c[6]!];
  const ys = turned ? [c[1]!, c[3]!, c[5]!, c[7]!] : [c[1]!, c[7]!];
  const cols = span(Math.min(...xs), Math.max(...xs), plane.width);
  const rows = span(Math.min(...ys), Math.max(...ys), plane.height);
  return cols.first < cols.end && rows.first < rows.end ? { cols, rows } : null;
}

function span(from: number, to: number, size: number): Span {
  const first = Math.trunc(Math.min(Math.max(from + TIE, 0), size));
  const end = Math.ceil(Math.min(Math.max(to - TIE, 0), size));
  return { from, to, first, end: Math.min(Math.max(end, first + 1), size) };
}

/** Covered part of a pixel's width. */
function weightIn({ from, to }: Span, pixel: number): number {
  return Math.max(Math.min(to, pixel + 1) - Math.max(from, pixel), 0);
}

/** Sum of a function of the valid values, each as far as its pixel is covered, and sum of these weights. */
function weighted(
  plane: Plane,
  cols: Span,
  rows: Span,
  of: (value: number) => number,
): { readonly sum: number; readonly total: number } {
  let sum = 0;
  let total = 0;
  for (let row = rows.first; row < rows.end; row++) {
    let rowSum = 0;
    let rowTotal = 0;
    for (let col = cols.first; col < cols.end; col++) {
      const index = indexOf(plane, col, row);
      if (!isValid(plane, index)) continue;
      const weight = weightIn(cols, col);
      rowSum += of(plane.data[index]!) * weight;
      rowTotal += weight;
    }
    const weight = weightIn(rows, row);
    sum += rowSum * weight;
    total += rowTotal * weight;
  }
  return { sum, total };
}

/** The value with most weight; on a tie the one that reached it first in row order. */
function mode(plane: Plane, cols: Span, rows: Span): number {
  const weights = new Map<number, number>();
  let best = NaN;
  let most = -1;
  for (let row = rows.first; row < rows.end; row++) {
    const weightY = weightIn(rows, row);
    for (let col = cols.first; col < cols.end; col++) {
      const index = indexOf(plane, col, row);
      if (!isValid(plane, index)) continue;
      const value = plane.data[index]!;
      const weight = (weights.get(value) ?? 0) + weightIn(cols, col) * weightY;
      weights.set(value, weight);
      if (weight > most) {
        most = weight;
        best = value;
      }
    }
  }
  return best;
}

function extreme(plane: Plane, cols: Span, rows: Span, how: 'min' | 'max'): number {
  let best = NaN;
  for (let row = rows.first; row < rows.end; row++) {
    const first = indexOf(plane, cols.first, row);
    for (let index = first; index < first + cols.end - cols.first; index++) {
      if (!isValid(plane, index)) continue;
      const value = plane.data[index]!;
      if (Number.isNaN(best) || (how === 'min' ? value < best : value > best)) best = value;
    }
  }
  return best;
}

/**
 * The sorted values' number ceil(quantile · count - 1), from 0 on (GDAL's rule): the lower of the two middle values for the
 * median of an even number.
 */
function quantile(plane: Plane, cols: Span, rows: Span, part: number): number {
  const values: number[] = [];
  for (let row = rows.first; row < rows.end; row++) {
    const first = indexOf(plane, cols.first, row);
    for (let index = first; index < first + cols.end - cols.first; index++) {
      if (isValid(plane, index)) values.push(plane.data[index]!);
    }
  }
  values.sort((a, b) => a - b);
  return values[Math.max(0, Math.ceil(part * values.length - 1))] ?? NaN;
}
