import { CubeError } from '../errors.js';
import type { SampleArray } from './kernels.js';
import { nativeFunctions } from './load.js';
import { FIXED_STATISTICS, type ComputeStatistics, type WeightedStatistics } from './statistics-contract.js';
import { weightedStatisticsTwin } from './twin/statistics.js';

export type { WeightedStatistics } from './statistics-contract.js';

type StatisticsFunctions = { weightedStatistics: ComputeStatistics };

/**
 * Statistics of values and their weights (covered fractions of valid pixels). Values that are NaN and weights that are not
 * above 0 do not count. Computed in the order of (value, weight): neither pixel nor chunk order changes a bit.
 */
export function weightedStatistics(
  values: SampleArray | readonly number[],
  weights: ArrayLike<number>,
  compute: ComputeStatistics = nativeStatistics() ?? weightedStatisticsTwin,
): WeightedStatistics {
  const out = run(values, weights, [], compute);
  if (out === null) return EMPTY;
  const [count, sum, mean, variance, min, max, median, majority, minority, variety] = out;
  return {
    count: count!,
    sum: sum!,
    mean: mean!,
    variance: variance!,
    stdev: Math.sqrt(variance!),
    min: min!,
    max: max!,
    median: median!,
    majority: majority!,
    minority: minority!,
    variety: variety!,
  };
}

/** Weighted quantiles (0 to 1, exactextract's definition) in the order asked for, or null where nothing counts. */
export function weightedQuantiles(
  values: SampleArray | readonly number[],
  weights: ArrayLike<number>,
  quantiles: readonly number[],
  compute: ComputeStatistics = nativeStatistics() ?? weightedStatisticsTwin,
): number[] | null {
  const out = run(values, weights, quantiles, compute);
  return out === null ? null : Array.from(out.subarray(FIXED_STATISTICS));
}

/** The addon's implementation, or null where there is no addon. */
export function nativeStatistics(): ComputeStatistics | null {
  return nativeFunctions<StatisticsFunctions>(['weightedStatistics'])?.weightedStatistics ?? null;
}

const EMPTY: WeightedStatistics = {
  count: 0,
  sum: 0,
  mean: null,
  variance: null,
  stdev: null,
  min: null,
  max: null,
  median: null,
  majority: null,
  minority: null,
  variety: 0,
};

function run(
  values: SampleArray | readonly number[],
  weights: ArrayLike<number>,
  quantiles: readonly number[],
  compute: ComputeStatistics,
): Float64Array | null {
  const out = new Float64Array(FIXED_STATISTICS + quantiles.length);
  const floats = [asFloats(values), asFloats(weights), Float64Array.from(quantiles)] as const;
  const code = compute(...floats, out);
  if (code >= 0) return code === 0 ? null : out;
  const what = `statistics of ${values.length} values with ${weights.length} weights and the quantiles [${quantiles}]`;
  const fix = 'give as many weights as values, and quantiles from 0 to 1';
  throw new CubeError({ kind: 'invalid-argument', what, fix });
}

function asFloats(values: SampleArray | ArrayLike<number>): Float64Array {
  if (values instanceof Float64Array) return values;
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) return Float64Array.from(values, Number);
  return Float64Array.from(values);
}
