/** Weighted statistics by exactextract's definitions. Where nothing counts: count, sum and variety 0, the others null. */
export type WeightedStatistics = {
  /** Sum of the weights. */
  readonly count: number;
  /** Σ w·v. */
  readonly sum: number;
  readonly mean: number | null;
  /** Population variance Σ w·(v - mean)² / Σ w, and its root. */
  readonly variance: number | null;
  readonly stdev: number | null;
  readonly min: number | null;
  readonly max: number | null;
  /** The weighted quantile 0.5. */
  readonly median: number | null;
  /** Values with the most weight (ties: the highest) and the least (ties: the lowest). */
  readonly majority: number | null;
  readonly minority: number | null;
  /** Number of distinct values. */
  readonly variety: number;
};

/** Numbers written before the quantiles: count, sum, mean, variance, min, max, median, majority, minority, variety. */
export const FIXED_STATISTICS = 10;

/** Writes `FIXED_STATISTICS` numbers and the quantiles; answers 1, 0 where nothing counts, or a negative code. */
export type ComputeStatistics = (
  values: Float64Array,
  weights: Float64Array,
  quantiles: Float64Array,
  out: Float64Array,
) => number;
