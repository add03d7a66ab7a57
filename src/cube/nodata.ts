/** What means "no data": a value, or every value of a closed range. */
export type Nodata = number | readonly [from: number, to: number];

/** The entry's first value, which stands for it where one value is written. */
export function nodataValue(entry: Nodata): number {
  return typeof entry === 'number' ? entry : entry[0];
}

/** The ranges that the entries are; a value is a range of itself. NaN stays out: it is never data. */
export function nodataRanges(entries: readonly Nodata[]): (readonly [from: number, to: number])[] {
  return entries.flatMap((entry) => {
    if (typeof entry !== 'number') return [entry];
    return Number.isNaN(entry) ? [] : [[entry, entry] as const];
  });
}

/**
 * The whole number nearest to `value` that lies in none of the ranges and between `min` and `max`, the larger of two;
 * `value` itself where there is none.
 */
export function nearestData(
  value: number,
  ranges: readonly (readonly [from: number, to: number])[],
  { min, max }: { readonly min: number; readonly max: number },
): number {
  const up = leave(value, ranges, 1);
  const down = leave(value, ranges, -1);
  if (up <= max && (up - value <= value - down || down < min)) return up;
  return down >= min ? down : value;
}

/** Step over ranges in one direction until none holds the value. */
function leave(value: number, ranges: readonly (readonly [from: number, to: number])[], step: 1 | -1): number {
  let now = value;
  for (;;) {
    const inside = ranges.find(([from, to]) => from <= now && now <= to);
    if (inside === undefined) return now;
    now = step === 1 ? Math.floor(inside[1]) + 1 : Math.ceil(inside[0]) - 1;
  }
}
