/** Sums of covered fractions are equal where they differ by rounding only. */
const TIE = 1e-9;

/** Distinct values, ascending; the sum of their weights; their places on the quantile scale. */
export type Distinct = {
  readonly values: readonly number[];
  readonly weights: readonly number[];
  readonly places: readonly number[];
};

/** The place of value i is i·w + (n - 1)·(weight below it), as exactextract has it. */
export function withPlaces(values: readonly number[], weights: readonly number[]): Distinct {
  let before = 0;
  const places = weights.map((weight, i) => {
    const place = i * weight + (weights.length - 1) * before;
    before += weight;
    return place;
  });
  return { values, weights, places };
}

/** Values with the most (ties: the highest) and the least weight (ties: the lowest). */
export function commonest({ values, weights }: Distinct): [number, number] {
  let most = 0;
  let least = 0;
  for (let i = 1; i < values.length; i++) {
    if (weights[i]! >= weights[most]! * (1 - TIE)) most = i;
    if (weights[i]! < weights[least]! * (1 - TIE)) least = i;
  }
  return [values[most]!, values[least]!];
}

/** exactextract's weighted quantile: distinct values at places i·w + (n - 1)·(weight below), linear in between. */
export function quantile({ values, places }: Distinct, q: number): number {
  const place = q * places.at(-1)!;
  if (place >= places.at(-1)!) return values.at(-1)!;
  let right = 1;
  let end = places.length - 1;
  while (right < end) {
    const middle = (right + end) >> 1;
    if (places[middle]! <= place) right = middle + 1;
    else end = middle;
  }
  const [a, b] = [values[right - 1]!, values[right]!];
  return a + ((place - places[right - 1]!) * (b - a)) / (places[right]! - places[right - 1]!);
}
