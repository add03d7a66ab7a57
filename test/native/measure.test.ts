import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCubeError } from '../../src/errors.js';
import { coverPolygons } from '../../src/native/coverage.js';
import type { SampleArray } from '../../src/native/kernels.js';
import { coverLabels } from '../../src/native/label-coverage.js';
import type { MeasureLabels, MeasureRequest } from '../../src/native/measure-contract.js';
import { measureLabels, nativeMeasureLabels } from '../../src/native/measure.js';
import { weightedStatistics } from '../../src/native/statistics.js';
import { measureLabelsTwin } from '../../src/native/twin/measure.js';

const native = nativeMeasureLabels();
const implementations: readonly (readonly [string, MeasureLabels])[] = [
  ['twin', measureLabelsTwin],
  ...(native === null ? [] : ([['addon', native]] as const)),
];
const SIZE = 24;
const NODATA = 3;

/** Boxes and triangles on a raster of 24 × 24 pixels. */
const label = fc
  .record({
    x: fc.double({ min: 0, max: 12, noNaN: true }),
    y: fc.double({ min: 0, max: 12, noNaN: true }),
    width: fc.double({ min: 0.01, max: 12, noNaN: true }),
    height: fc.double({ min: 0.01, max: 12, noNaN: true }),
    corners: fc.constantFrom(3, 4),
  })
  .map(({ x, y, width, height, corners }) => {
    const all = [x, y, x + width, y, x + width, y + height, x, y + height];
    const [col, row] = [Math.floor(x), Math.floor(y)];
    const size = { width: Math.ceil(x + width) - col, height: Math.ceil(y + height) - row };
    return { polygons: [[Float64Array.from(all.slice(0, 2 * corners))]], window: { col, row, ...size } };
  });
const labels = fc.array(label, { minLength: 1, maxLength: 6 });

const integers = fc.constantFrom(Int8Array, Uint8Array, Int16Array, Uint16Array, Int32Array, Uint32Array);
const samples = fc.oneof(
  fc
    .tuple(integers, fc.array(fc.nat(40), { minLength: SIZE * SIZE, maxLength: SIZE * SIZE }))
    .map(([type, values]): SampleArray => type.from(values)),
  fc
    .array(fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constantFrom(NaN, NODATA, -0, 7)), {
      minLength: SIZE * SIZE,
      maxLength: SIZE * SIZE,
    })
    .chain((values): fc.Arbitrary<SampleArray> =>
      fc.constantFrom(Float32Array.from(values), Float64Array.from(values)),
    ),
);
const valid = fc.option(fc.uint8Array({ minLength: SIZE * SIZE, maxLength: SIZE * SIZE, max: 1 }));

type Label = {
  readonly polygons: Float64Array[][];
  readonly window: { col: number; row: number; width: number; height: number };
};

function requestFor(list: readonly Label[], data: SampleArray, mask: Uint8Array | null): MeasureRequest {
  return {
    samples: data,
    valid: mask,
    nodata: [NODATA],
    coverage: coverLabels(list),
    which: Uint32Array.from(list, (_, i) => i),
    places: Float64Array.from(
      list.flatMap(({ window: { col, row, width, height } }) => [row * SIZE + col, SIZE, width, height]),
    ),
    spread: true,
    order: true,
  };
}

describe.each(implementations)('labels measured by the %s', (_, measure) => {
  it('Z1: agree with the statistics of their pixels one by one', () => {
    fc.assert(
      fc.property(labels, samples, valid, (list, data, mask) => {
        const found = measureLabels(requestFor(list, data, mask), measure);
        for (const [i, { polygons, window }] of list.entries()) {
          const { cells, fractions } = coverPolygons(polygons, window);
          const pixels = Array.from(cells, (cell, k) => {
            const at = (window.row + Math.floor(cell / window.width)) * SIZE + window.col + (cell % window.width);
            const value = Number(data[at]);
            return { value: value === NODATA || mask?.[at] === 0 ? NaN : value, weight: fractions[k]! };
          });
          const expected = weightedStatistics(
            pixels.map(({ value }) => value),
            pixels.map(({ weight }) => weight),
          );
          const { count, sum, mean, variance, min, max, median, majority, minority, variety } = expected;
          const names = [count, sum, mean, variance, min, max, median, majority, minority, variety];
          for (const [k, value] of names.entries()) {
            const one = found[10 * i + k]!;
            if (value === null) expect(one).toBeNaN();
            // A variance is as good as the squares of its values are.
            else expect(Math.abs(one - value)).toBeLessThanOrEqual(1e-9 * (1 + Math.abs(value) + (k === 3 ? 1 : 0)));
          }
        }
      }),
      { seed: 21, numRuns: 150 },
    );
  });

  it('Z8: sums keep small values beside large ones', () => {
    const data = Float64Array.from({ length: SIZE * SIZE }, (_unused, i) => (i === 0 ? 1e17 : i === 1 ? -1e17 : 1));
    const box = [[Float64Array.of(0, 0, SIZE, 0, SIZE, SIZE, 0, SIZE)]];
    const list = [{ polygons: box, window: { col: 0, row: 0, width: SIZE, height: SIZE } }];
    expect(measureLabels(requestFor(list, data, null), measure)[1]).toBe(SIZE * SIZE - 2);
  });

  it('64-bit integers count, and what is not wanted is NaN', () => {
    const data = BigInt64Array.from({ length: SIZE * SIZE }, (_unused, i) => BigInt(i) - 5n);
    const box = [[Float64Array.of(0, 0, 4, 0, 4, 1, 0, 1)]];
    const list = [{ polygons: box, window: { col: 0, row: 0, width: 4, height: 1 } }];
    const found = measureLabels({ ...requestFor(list, data, null), spread: false, order: false }, measure);
    expect(Array.from(found)).toEqual([4, -14, -3.5, NaN, -5, -2, NaN, NaN, NaN, NaN]);
  });

  it('refuses places beside the samples and labels without coverage', () => {
    const box = [[Float64Array.of(0, 0, 4, 0, 4, 4, 0, 4)]];
    const list = [{ polygons: box, window: { col: 0, row: 0, width: 4, height: 4 } }];
    const request = requestFor(list, new Uint8Array(SIZE * SIZE), null);
    const invalid = expect.toSatisfy((error: unknown) => isCubeError(error, 'invalid-argument'));
    for (const places of [
      [SIZE * SIZE - 3, SIZE, 4, 4],
      [0, 3, 4, 4],
      [0, SIZE, 4, 3],
      [0, SIZE, 3, 4],
      [-1, SIZE, 4, 4],
      [0, NaN, 4, 4],
      [0, 2 ** 31, 4, 4],
    ])
      expect(() => measureLabels({ ...request, places: Float64Array.from(places) }, measure)).toThrow(invalid);
    expect(() => measureLabels({ ...request, which: Uint32Array.of(1) }, measure)).toThrow(invalid);
    expect(() => measureLabels({ ...request, valid: new Uint8Array(3) }, measure)).toThrow(invalid);
  });
});

describe.skipIf(native === null)('addon and twin', () => {
  it('measure the same bits', () => {
    fc.assert(
      fc.property(labels, samples, valid, (list, data, mask) => {
        const request = requestFor(list, data, mask);
        expect(measureLabels(request, native!)).toEqual(measureLabels(request, measureLabelsTwin));
      }),
      { seed: 22, numRuns: 200 },
    );
  });

  it('measures many labels in threads, to the same bits', () => {
    const [list] = fc.sample(fc.array(labels, { minLength: 120, maxLength: 120 }), { seed: 5, numRuns: 1 });
    const data = Uint16Array.from({ length: SIZE * SIZE }, (_, i) => (i * 7919) % 1009);
    const request = requestFor(list!.flat(), data, null);
    expect(request.which.length).toBeGreaterThan(256);
    const alone = measureLabels(request, native!);
    for (const threads of [0, 2, 1000]) expect(measureLabels({ ...request, threads }, native!)).toEqual(alone);
    const places = request.places.slice();
    places[4 * 200] = 1e9;
    expect(() => measureLabels({ ...request, places, threads: 2 }, native!)).toThrow('failed');
  });
});
