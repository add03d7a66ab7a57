import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCubeError } from '../../src/errors.js';
import { coverPolygons } from '../../src/native/coverage.js';
import type { ComputeStatistics } from '../../src/native/statistics-contract.js';
import { nativeStatistics, weightedQuantiles, weightedStatistics } from '../../src/native/statistics.js';
import { weightedStatisticsTwin } from '../../src/native/twin/statistics.js';

const native = nativeStatistics();
const implementations: readonly (readonly [string, ComputeStatistics])[] = [
  ['twin', weightedStatisticsTwin],
  ...(native === null ? [] : ([['addon', native]] as const)),
];
const pixels = fc.array(
  fc.record({
    value: fc.oneof(
      fc.integer({ min: -5, max: 5 }),
      fc.double({ noNaN: true, min: -1e9, max: 1e9 }),
      fc.constant(NaN),
      fc.constant(-0),
    ),
    weight: fc.oneof(fc.constantFrom(0, 0.25, 0.5, 1), fc.double({ noNaN: true, min: 0, max: 1 })),
  }),
  { maxLength: 60 },
);

describe.each(implementations)('statistics by the %s', (_, compute) => {
  const run = (values: readonly number[], weights: readonly number[]) => weightedStatistics(values, weights, compute);

  it('Z1: the reference example, as exactextract 0.3 answers it', () => {
    const found = run([1, 2, 3, 4], [0.5, 0, 1, 0.25]);
    expect(found).toMatchObject({
      count: 1.75,
      sum: 4.5,
      min: 1,
      max: 4,
      majority: 3,
      minority: 4,
      variety: 3,
      median: 2.75,
    });
    expect(found.mean).toBeCloseTo(2.5714285714285716, 14);
    expect(found.variance).toBeCloseTo(1.102040816326531, 14);
    expect(found.stdev).toBeCloseTo(1.049781318335648, 14);
    expect(weightedQuantiles([1, 2, 3, 4], [0.5, 0, 1, 0.25], [0.25, 0.75, 0.9], compute)).toEqual([
      1.875, 3.4166666666666665, 3.7666666666666666,
    ]);
  });

  it.each([
    { values: [1, 2, 3, 4], weights: [0.5, 0.5, 0.5, 0.5], median: 2.5, majority: 4, minority: 1, q25: 1.75 },
    {
      values: [5, 1, 5, 1, 7, 7],
      weights: [0.5, 0.5, 0.25, 0.25, 0.75, 0],
      median: 5,
      majority: 7,
      minority: 1,
      q25: 3,
    },
    { values: [10, 20], weights: [0.25, 0.75], median: 15, majority: 20, minority: 10, q25: 12.5 },
    { values: [3, 3, 3, 8], weights: [0.25, 0.25, 0.25, 0.75], median: 5.5, majority: 8, minority: 3, q25: 4.25 },
    { values: [10], weights: [0.25], median: 10, majority: 10, minority: 10, q25: 10 },
  ])(
    'Z1: median, quantile and ties of $values as exactextract',
    ({ values, weights, median, majority, minority, q25 }) => {
      expect(run(values, weights)).toMatchObject({ median, majority, minority });
      expect(weightedQuantiles(values, weights, [0.25], compute)).toEqual([q25]);
    },
  );

  it('Z4: a pixel counts for min and max however little of it is covered, and not at all at 0', () => {
    expect(run([9, 1, -7, 5], [1e-300, 1, 0, 1])).toMatchObject({ min: 1, max: 9 });
    expect(run([9, 1, NaN], [1, 1, 1])).toMatchObject({ count: 2, variety: 2 });
  });

  it('Z10: nothing valid gives count and sum 0 and nulls', () => {
    for (const [values, weights] of [
      [[], []],
      [[NaN], [1]],
      [[3], [0]],
      [[3], [NaN]],
    ] as const) {
      expect(run(values, weights)).toEqual({
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
      });
      expect(weightedQuantiles(values, weights, [0.5], compute)).toBeNull();
    }
  });

  it('Z8: the order of pixels changes no bit', () => {
    fc.assert(
      fc.property(pixels, fc.integer({ min: 1, max: 59 }), (list, shift) => {
        const turned = [...list.slice(shift), ...list.slice(0, shift)].toReversed();
        const of = (from: typeof list) =>
          run(
            from.map(({ value }) => value),
            from.map(({ weight }) => weight),
          );
        expect(of(turned)).toEqual(of(list));
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('Z8: sums keep small values beside large ones', () => {
    const values = [1e16, ...Array.from({ length: 1000 }, () => 1), -1e16];
    expect(
      run(
        values,
        values.map(() => 1),
      ).sum,
    ).toBe(1000);
  });

  it('Z2, Z4: a polygon on a raster, start to end', () => {
    const { cells, fractions } = coverPolygons([[Float64Array.of(0.5, 0, 2, 0, 2, 1, 1, 2, 0.5, 2)]], {
      col: 0,
      row: 0,
      width: 2,
      height: 2,
    });
    const raster = Uint16Array.of(10, 20, 30, 40);
    const found = weightedStatistics(
      Uint16Array.from(cells, (cell) => raster[cell]!),
      fractions,
      compute,
    );
    expect(found).toMatchObject({ count: 2.5, sum: 60, mean: 24, min: 10, max: 40 });
  });

  it('refuses lists of different lengths and quantiles beyond 0 and 1', () => {
    const invalid = expect.toSatisfy((error: unknown) => isCubeError(error, 'invalid-argument'));
    expect(() => run([1, 2], [1])).toThrow(invalid);
    for (const q of [-0.1, 1.1, NaN]) expect(() => weightedQuantiles([1], [1], [q], compute)).toThrow(invalid);
  });
});

describe.skipIf(native === null)('addon and twin', () => {
  it('compute the same bits', () => {
    fc.assert(
      fc.property(pixels, fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 5 }), (list, quantiles) => {
        const values = list.map(({ value }) => value);
        const weights = list.map(({ weight }) => weight);
        expect(weightedStatistics(values, weights, native!)).toEqual(
          weightedStatistics(values, weights, weightedStatisticsTwin),
        );
        expect(weightedQuantiles(values, weights, quantiles, native!)).toEqual(
          weightedQuantiles(values, weights, quantiles, weightedStatisticsTwin),
        );
      }),
      { seed: 2, numRuns: 500 },
    );
  });
});
