import type { SampleArray } from '../kernels.js';
import type { MeasureRequest } from '../measure-contract.js';
import { FIXED_STATISTICS } from '../statistics-contract.js';
import { CompensatedSum } from './compensated-sum.js';
import { commonest, quantile, withPlaces } from './distinct.js';

/** Sums go in so many lanes: value i in lane i mod 8. */
const LANES = 8;

/** Values that count whole, and values that count in part with their weights, in the order of their pixels. */
type Gathered = { readonly whole: Float64Array; readonly part: readonly Pixel[] };
type Pixel = { readonly value: number; readonly weight: number };

/** As the addon's `measureLabels`: 0, or -1 for arguments that do not fit together. */
export function measureLabelsTwin(request: MeasureRequest, out: Float64Array): number {
  const { samples, valid, coverage, which, places } = request;
  const fits =
    out.length === FIXED_STATISTICS * which.length &&
    places.length === 4 * which.length &&
    coverage.cells.length === coverage.fractions.length &&
    (valid === null || valid.length === samples.length);
  if (!fits) return -1;
  for (const [i, label] of which.entries()) {
    const gathered = gather(request, label, places.subarray(4 * i, 4 * i + 4));
    if (gathered === null) return -1;
    const numbers = out.subarray(FIXED_STATISTICS * i, FIXED_STATISTICS * (i + 1));
    moments(gathered, request.spread, numbers);
    if (request.order && numbers[0]! > 0) inOrder(gathered, numbers);
  }
  return 0;
}

function gather(request: MeasureRequest, label: number, place: Float64Array): Gathered | null {
  const { samples, coverage } = request;
  const [offset, stride, width, height] = [place[0]!, place[1]!, place[2]!, place[3]!];
  if (![...place].every((v) => Number.isInteger(v) && v >= 0 && v <= 0xffff_ffff) || width > stride) return null;
  if (width * height > 0 && offset + (height - 1) * stride + width > samples.length) return null;
  if (2 * label + 1 >= coverage.ends.length) return null;
  const start = label === 0 ? [0, 0] : [coverage.ends[2 * label - 2]!, coverage.ends[2 * label - 1]!];
  const end = [coverage.ends[2 * label]!, coverage.ends[2 * label + 1]!];
  if (end[0]! > coverage.cells.length || end[1]! > coverage.runs.length) return null;
  const indexOf = (cell: number, count: number): number | null => {
    const row = Math.floor(cell / width);
    const col = cell - row * width;
    return row < height && col + count <= width ? offset + row * stride + col : null;
  };
  const whole: number[] = [];
  for (let i = start[1]!; i < end[1]!; i += 2) {
    const first = indexOf(coverage.runs[i]!, coverage.runs[i + 1]!);
    if (first === null) return null;
    for (let at = first; at < first + coverage.runs[i + 1]!; at++) {
      const value = valueAt(request, samples, at);
      if (value !== null) whole.push(value);
    }
  }
  const part: Pixel[] = [];
  for (let i = start[0]!; i < end[0]!; i++) {
    const at = indexOf(coverage.cells[i]!, 1);
    if (at === null) return null;
    const weight = coverage.fractions[i]!;
    const value = valueAt(request, samples, at);
    if (value !== null && weight > 0 && weight <= 1) part.push({ value, weight });
  }
  return { whole: Float64Array.from(whole), part };
}

/** Null where the sample has no data. */
function valueAt({ valid, nodata }: MeasureRequest, samples: SampleArray, at: number): number | null {
  const value = Number(samples[at]) + 0; // -0 is 0
  const counts = !Number.isNaN(value) && !nodata.includes(value) && (valid === null || valid[at] !== 0);
  return counts ? value : null;
}

/** Count, sum, mean, variance, min and max; the rest as where nothing is known. */
function moments({ whole, part }: Gathered, spread: boolean, out: Float64Array): void {
  out.fill(NaN);
  const weights = new CompensatedSum();
  for (const { weight } of part) weights.add(weight);
  weights.add(whole.length);
  const count = weights.value;
  out[0] = count;
  out[1] = 0;
  if (count === 0) {
    out[9] = 0;
    return;
  }
  const sums = Array.from({ length: LANES + 1 }, () => new CompensatedSum());
  let [least, largest] = [Infinity, -Infinity];
  for (let i = 0; i < whole.length; i++) {
    const value = whole[i]!;
    sums[i % LANES]!.add(value);
    least = Math.min(least, value);
    largest = Math.max(largest, value);
  }
  for (const { value, weight } of part) {
    sums[LANES]!.add(value * weight);
    least = Math.min(least, value);
    largest = Math.max(largest, value);
  }
  const sum = together(sums);
  out[1] = sum;
  out[2] = sum / count;
  if (spread) out[3] = squares({ whole, part }, sum / count) / count;
  out[4] = least;
  out[5] = largest;
}

function together(sums: readonly CompensatedSum[]): number {
  const all = new CompensatedSum();
  for (const { total } of sums) all.add(total);
  for (const { lost } of sums) all.add(Number.isFinite(lost) ? lost : 0);
  return all.value;
}

/** Σ w·(v - mean)². */
function squares({ whole, part }: Gathered, mean: number): number {
  const sums = new Float64Array(LANES + 1);
  for (let i = 0; i < whole.length; i++) sums[i % LANES]! += (whole[i]! - mean) * (whole[i]! - mean);
  for (const { value, weight } of part) sums[LANES]! += weight * (value - mean) * (value - mean);
  return sums.reduce((sum, one) => sum + one, 0);
}

/** Median, majority, minority and variety. The weight of a value: its parts in their order, then its whole pixels. */
function inOrder({ whole, part }: Gathered, out: Float64Array): void {
  const parts = new Map<number, number>();
  for (const { value, weight } of part) parts.set(value, (parts.get(value) ?? 0) + weight);
  const counts = new Map<number, number>();
  for (const value of whole) counts.set(value, (counts.get(value) ?? 0) + 1);
  const values = [...new Set([...parts.keys(), ...counts.keys()])].sort((a, b) => a - b);
  const distinct = withPlaces(
    values,
    values.map((value) => (parts.get(value) ?? 0) + (counts.get(value) ?? 0)),
  );
  const [majority, minority] = commonest(distinct);
  out.set([quantile(distinct, 0.5), majority, minority, values.length], 6);
}
