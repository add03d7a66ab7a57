/** Which pixels count as covered: by their covered fraction, by their centre, or all that are touched. */
export const COVERAGE_RULES = ['exact', 'center', 'all-touched'] as const;

/** The statistics of a zonal row, in the order of its columns. */
export const STATISTICS = [
  'count',
  'sum',
  'mean',
  'stdev',
  'variance',
  'min',
  'max',
  'median',
  'majority',
  'minority',
  'variety',
  'coverage',
] as const;

/** Name of a statistic; definitions are exactextract's, `coverage` is the sum of the fractions of all covered pixels. */
export type Statistic = (typeof STATISTICS)[number];

/** A value for every statistic; null where no pixel has data, save `count`, `sum`, `variety` and `coverage`. */
export type Statistics = { readonly [S in Statistic]: number | null };
