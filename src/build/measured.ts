import { isFloatType, type DataType } from '../grid/dtype.js';
import { FIXED_STATISTICS } from '../native/statistics-contract.js';
import type { Statistic, Statistics } from './statistic.js';

/** What has to be computed for a list of statistics: the variance, and those that need the values in order. */
export type Needs = { readonly spread: boolean; readonly order: boolean };

const NEED_ORDER: readonly Statistic[] = ['median', 'majority', 'minority', 'variety'];
const NEED_SPREAD: readonly Statistic[] = ['stdev', 'variance'];

/** What a list of statistics needs. */
export function needsOf(statistics: readonly Statistic[]): Needs {
  return {
    spread: statistics.some((name) => NEED_SPREAD.includes(name)),
    order: statistics.some((name) => NEED_ORDER.includes(name)),
  };
}

/**
 * The statistics that a kernel measured, `FIXED_STATISTICS` numbers from `at` on, of samples of a type. exactextract gives
 * quantiles in the raster's type, so the median of integers is cut toward zero.
 */
export function statisticsOf(numbers: Float64Array, at: number, covered: number, dtype: DataType): Statistics {
  const [count, sum, mean, variance, min, max, median, majority, minority, variety] = numbers.subarray(
    at,
    at + FIXED_STATISTICS,
  );
  const none = count === 0;
  const known = (value: number | undefined) => (none ? null : value!);
  return {
    count: count!,
    sum: sum!,
    mean: known(mean),
    stdev: none ? null : Math.sqrt(variance!),
    variance: known(variance),
    min: known(min),
    max: known(max),
    median: none ? null : isFloatType(dtype) ? median! : Math.trunc(median!),
    majority: known(majority),
    minority: known(minority),
    variety: variety!,
    coverage: covered,
  };
}

/** What a label that misses a raster has there. */
export function nothingMeasured(): Statistics {
  const numbers = new Float64Array(FIXED_STATISTICS);
  return statisticsOf(numbers, 0, 0, 'float64');
}
