/** Coverage-weighted statistics of one zone, by exactextract's definitions; null where no value has weight. */
export type ZoneStatistics = {
  /** Sum of the weights. */
  readonly count: number;
  readonly sum: number;
  readonly mean: number | null;
  /** Of the population. */
  readonly variance: number | null;
  readonly stdev: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly median: number | null;
  /** The value with most weight, of several the largest. */
  readonly majority: number | null;
  /** The value with least weight, of several the smallest. */
  readonly minority: number | null;
  /** Number of distinct values. */
  readonly variety: number;
};

const EMPTY: ZoneStatistics = {
  count: 0, sum: 0, mean: null, variance: null, stdev: null, min: null, max: null, median: null, majority: null, minority: null, variety: 0,
};

/**
 * Statistics of values with weights (covered fractions). Pairs with no weight are left out. Sums are compensated
 * (Neumaier 1974), so that the order of values does not show.
 */
export function weightedStatistics(values: ArrayLike<number>, weights: ArrayLike<number>): ZoneStatistics {
  const { value, weight } = sortedPairs(values, weights);
  if (value.length === 0) return EMPTY;
  const count = compensatedSum(weight.length, (i) => weight[i]!);
  const sum = compensatedSum(weight.length, (i) => weight[i]! * value[i]!);
  const mean = sum / count;
  const variance = compensatedSum(weight.length, (i) => weight[i]! * (value[i]! - mean) ** 2) / count;
  const { majority, minority, variety } = modes(value, weight);
  return {
    count,
    sum,
    mean,
    variance,
    stdev: Math.sqrt(variance),
    min: value[0]!,
    max: value.at(-1)!,
    median: quantileOf(value, weight, 0.5),
    majority,
    minority,
    variety,
  };
}

/** Weighted quantile (0 to 1) by exactextract's definition, or null where nothing has weight. */
export function weightedQuantile(values: ArrayLike<number>, weights: ArrayLike<number>, q: number): number | null {
  const { value, weight } = sortedPairs(values, weights);
  return value.length === 0 ? null : quantileOf(value, weight, q);
}

function sortedPairs(values: ArrayLike<number>, weights: ArrayLike<number>): { value: Float64Array; weight: Float64Array } {
  const order: number[] = [];
  for (let i = 0; i < values.length; i++) if (weights[i]! > 0 && !Number.isNaN(values[i]!)) order.push(i);
  order.sort((a, b) => values[a]! - values[b]! || weights[a]! - weights[b]!);
  return { value: Float64Array.from(order, (i) => values[i]!), weight: Float64Array.from(order, (i) => weights[i]!) };
}

/** Equal values count as one with their weights together, as in exactextract. */
function quantileOf(value: Float64Array, weight: Float64Array, q: number): number {
  const values: number[] = [];
  const weights: number[] = [];
  for (let i = 0; i < value.length; i++) {
    if (values.length > 0 && values.at(-1) === value[i]) weights[weights.length - 1] = weights.at(-1)! + weight[i]!;
    else {
      values.push(value[i]!);
      weights.push(weight[i]!);
    }
  }
  return sortedQuantile(values, weights, q);
}

/**
 * Each value i stands at s_i = i·w_i + (n − 1)·(w_0 + … + w_{i−1}) on a line that ends at s_n = (n − 1)·Σw; the
 * quantile is interpolated between the two values around q·s_n. Equal weights give the usual linear quantile.
 */
function sortedQuantile(value: readonly number[], weight: readonly number[], q: number): number {
  const n = value.length;
  if (n === 1) return value[0]!;
  let before = 0;
  const total = compensatedSum(n, (i) => weight[i]!);
  const target = q * (n - 1) * total;
  let previous = 0;
  for (let i = 0; i < n; i++) {
    const place = i * weight[i]! + (n - 1) * before;
    if (place > target && i > 0) {
      const share = (target - previous) / (place - previous);
      return value[i - 1]! + (value[i]! - value[i - 1]!) * share;
    }
    if (place === target) return value[i]!;
    previous = place;
    before += weight[i]!;
  }
  return value[n - 1]!;
}

function modes(value: Float64Array, weight: Float64Array): { majority: number; minority: number; variety: number } {
  let variety = 0;
  let majority = value[0]!;
  let minority = value[0]!;
  let most = -Infinity;
  let least = Infinity;
  for (let i = 0; i < value.length; ) {
    const current = value[i]!;
    let total = 0;
    for (; i < value.length && value[i] === current; i++) total += weight[i]!;
    variety++;
    if (total >= most) [most, majority] = [total, current];
    if (total < least) [least, minority] = [total, current];
  }
  return { majority, minority, variety };
}

function compensatedSum(length: number, term: (i: number) => number): number {
  let sum = 0;
  let lost = 0;
  for (let i = 0; i < length; i++) {
    const value = term(i);
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return sum + lost;
}
