import { FIXED_STATISTICS } from '../statistics-contract.js';
import { commonest, quantile, withPlaces, type Distinct } from './distinct.js';

type Pixel = { readonly value: number; readonly weight: number };

/** As the addon's `weightedStatistics`: 1, 0 where nothing counts, -1 for arguments that do not fit. */
export function weightedStatisticsTwin(
  values: Float64Array,
  weights: Float64Array,
  quantiles: Float64Array,
  out: Float64Array,
): number {
  if (values.length !== weights.length || out.length !== FIXED_STATISTICS + quantiles.length) return -1;
  if (!quantiles.every((q) => q >= 0 && q <= 1)) return -1;
  const pixels = orderedPixels(values, weights);
  if (pixels.length === 0) return 0;
  const distinct = distinctValues(pixels);
  const count = total(pixels, ({ weight }) => weight);
  const sum = total(pixels, ({ value, weight }) => value * weight);
  const mean = sum / count;
  const variance = total(pixels, ({ value, weight }) => weight * (value - mean) * (value - mean)) / count;
  const [majority, minority] = commonest(distinct);
  const [first, last] = [distinct.values[0]!, distinct.values.at(-1)!];
  out.set([
    count,
    sum,
    mean,
    variance,
    first,
    last,
    quantile(distinct, 0.5),
    majority,
    minority,
    distinct.values.length,
  ]);
  for (const [i, q] of quantiles.entries()) out[FIXED_STATISTICS + i] = quantile(distinct, q);
  return 1;
}

function orderedPixels(values: Float64Array, weights: Float64Array): Pixel[] {
  const pixels: Pixel[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]! + 0; // -0 is 0
    const weight = weights[i]!;
    if (!Number.isNaN(value) && weight > 0 && weight < Infinity) pixels.push({ value, weight });
  }
  return pixels.sort((a, b) => (a.value === b.value ? a.weight - b.weight : a.value < b.value ? -1 : 1));
}

function distinctValues(pixels: readonly Pixel[]): Distinct {
  const values: number[] = [];
  const weights: number[] = [];
  for (const { value, weight } of pixels) {
    if (values.length > 0 && values.at(-1) === value) weights[weights.length - 1]! += weight;
    else {
      values.push(value);
      weights.push(weight);
    }
  }
  return withPlaces(values, weights);
}

/** Sum over all pixels, compensated (Neumaier). */
function total(pixels: readonly Pixel[], term: (pixel: Pixel) => number): number {
  let sum = 0;
  let lost = 0;
  for (const pixel of pixels) {
    const next = term(pixel);
    const together = sum + next;
    lost += Math.abs(sum) >= Math.abs(next) ? sum - together + next : next - together + sum;
    sum = together;
  }
  return Number.isFinite(lost) ? sum + lost : sum;
}
