import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestData, nodataRanges, nodataValue, type Nodata } from '../../src/cube/nodata.js';

const entry = fc.oneof(
  fc.integer({ min: 0, max: 40 }),
  fc
    .tuple(fc.integer({ min: 0, max: 40 }), fc.nat(10))
    .map(([from, length]) => [from, from + length] as [number, number]),
);

/** The values beside one, the nearest first, the larger of two first. */
function slowNearest(value: number, entries: readonly Nodata[], min: number, max: number): number {
  const ranges = nodataRanges(entries);
  for (let step = 0; step <= max - min; step++) {
    for (const now of [value + step, value - step]) {
      if (now >= min && now <= max && !ranges.some(([from, to]) => from <= now && now <= to)) return now;
    }
  }
  return value;
}

describe('N4 nodata as values and ranges', () => {
  it('N4 a value is a range of itself, NaN is none', () => {
    expect(nodataRanges([3, [5, 7], Number.NaN])).toEqual([
      [3, 3],
      [5, 7],
    ]);
    expect([nodataValue(3), nodataValue([5, 7])]).toEqual([3, 5]);
  });

  it('N4 what a kernel rounds into nodata moves to the nearest value outside', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 6 }), fc.integer({ min: 0, max: 50 }), (entries, value) => {
        const found = nearestData(value, nodataRanges(entries), { min: 0, max: 50 });
        expect(found).toBe(slowNearest(value, entries, 0, 50));
      }),
    );
    expect(nearestData(7, [[0, 50]], { min: 0, max: 50 })).toBe(7);
    expect(nearestData(50, [[50, 50]], { min: 0, max: 50 })).toBe(49);
  });
});
