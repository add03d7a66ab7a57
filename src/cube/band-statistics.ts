import { isFloatType, type DataType } from '../grid/dtype.js';
import { weightedStatistics } from '../native/statistics.js';
import type { BandStatistics } from './task-result.js';

/**
 * The statistics of `label_stats` from values of a band and their coverage. The median of an integer band is an integer,
 * cut toward zero, because exactextract gives quantiles in the raster's type.
 */
export function bandStatistics(values: Float64Array, weights: Float64Array, dtype: DataType): BandStatistics {
  const { count, sum, mean, stdev, min, max, median } = weightedStatistics(values, weights);
  const whole = median === null || isFloatType(dtype) ? median : Math.trunc(median);
  return { count, sum, mean, stdev, min, max, median: whole };
}
