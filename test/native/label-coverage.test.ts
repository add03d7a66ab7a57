import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCubeError } from '../../src/errors.js';
import { coverPolygons, type CoverageCells, type CoverageRule } from '../../src/native/coverage.js';
import type { PixelWindow } from '../../src/native/kernels.js';
import type { CoverLabels } from '../../src/native/label-coverage-contract.js';
import { coverLabels, nativeCoverLabels, type LabelCoverage } from '../../src/native/label-coverage.js';
import { coverLabelsTwin } from '../../src/native/twin/label-coverage.js';

const native = nativeCoverLabels();
const implementations: readonly (readonly [string, CoverLabels])[] = [
  ['twin', coverLabelsTwin],
  ...(native === null ? [] : ([['addon', native]] as const)),
];

/** A star of any size around a centre, in a window that may cut it. */
const label = fc
  .record({
    x: fc.double({ min: -3, max: 20, noNaN: true }),
    y: fc.double({ min: -3, max: 20, noNaN: true }),
    spikes: fc.array(fc.double({ min: 0.1, max: 12, noNaN: true }), { minLength: 3, maxLength: 12 }),
    window: fc.record({
      col: fc.integer({ min: -4, max: 8 }),
      row: fc.integer({ min: -4, max: 8 }),
      width: fc.integer({ min: 0, max: 18 }),
      height: fc.integer({ min: 0, max: 18 }),
    }),
    hole: fc.boolean(),
  })
  .map(({ x, y, spikes, window, hole }) => {
    const ring = (part: number) =>
      Float64Array.from(
        spikes.flatMap((spike, i) => {
          const angle = (2 * Math.PI * i) / spikes.length;
          return [x + part * spike * Math.cos(angle), y + part * spike * Math.sin(angle)];
        }),
      );
    return { polygons: [hole ? [ring(1), ring(0.4)] : [ring(1)]], window };
  });

/** The cells of one label, runs spread out. */
function cellsOf({ cells, fractions, runs, ends }: LabelCoverage, index: number, window: PixelWindow): CoverageCells {
  const [cell, run] = index === 0 ? [0, 0] : [ends[2 * index - 2]!, ends[2 * index - 1]!];
  const all = new Map<number, number>();
  for (let i = cell; i < ends[2 * index]!; i++) all.set(cells[i]!, fractions[i]!);
  for (let i = run; i < ends[2 * index + 1]!; i += 2) {
    const [first, length] = [runs[i]!, runs[i + 1]!];
    expect(Math.floor(first / window.width)).toBe(Math.floor((first + length - 1) / window.width));
    for (let at = first; at < first + length; at++) all.set(at, 1);
  }
  const sorted = [...all].sort(([a], [b]) => a - b);
  return { cells: Uint32Array.from(sorted, ([at]) => at), fractions: Float64Array.from(sorted, ([, part]) => part) };
}

describe.each(implementations)('coverage of labels by the %s', (_, cover) => {
  it('Z2, Z8: is that of each label alone, to the bit', () => {
    const rules = fc.constantFrom<CoverageRule>('exact', 'center', 'all-touched');
    fc.assert(
      fc.property(fc.array(label, { maxLength: 8 }), rules, (labels, rule) => {
        const all = coverLabels(labels, rule, cover);
        for (const [i, { polygons, window }] of labels.entries()) {
          const alone = coverPolygons(polygons, window, rule);
          expect(cellsOf(all, i, window)).toEqual(alone);
          const sum = alone.fractions.reduce((total, part) => total + part, 0);
          expect(Math.abs(all.covered[i]! - sum)).toBeLessThanOrEqual(1e-12 * (1 + sum));
        }
      }),
      { seed: 11, numRuns: 300 },
    );
  });

  it('goes on in another call where the room is full', () => {
    const square = (at: number, side: number) => ({
      polygons: [[Float64Array.of(at, 0.5, at + side, 0.5, at + side, side, at, side)]],
      window: { col: at, row: 0, width: side, height: side },
    });
    const labels = Array.from({ length: 3 }, (_unused, i) => square(1000 * i, 400 + i));
    const all = coverLabels(labels, 'exact', cover);
    expect(all.covered.length).toBe(3);
    for (const i of [0, 1, 2]) {
      const { polygons, window } = labels[i]!;
      expect(cellsOf(all, i, window)).toEqual(coverPolygons(polygons, window));
    }
  });

  it('refuses windows that are none and coordinates that are no place', () => {
    const invalid = expect.toSatisfy((error: unknown) => isCubeError(error, 'invalid-argument'));
    const polygons = [[Float64Array.of(0, 0, 1, 0, 1, 1)]];
    for (const window of [
      { col: 0, row: 0, width: 2 ** 11, height: 2 ** 11 },
      { col: 0.5, row: 0, width: 2, height: 2 },
      { col: 0, row: 0, width: -1, height: 2 },
    ])
      expect(() => coverLabels([{ polygons, window }], 'exact', cover)).toThrow(invalid);
    const window = { col: 0, row: 0, width: 2, height: 2 };
    const nowhere = [[Float64Array.of(0, 0, NaN, 0, 1, 1)]];
    expect(() => coverLabels([{ polygons: nowhere, window }], 'exact', cover)).toThrow(invalid);
    expect(coverLabels([], 'exact', cover).covered.length).toBe(0);
  });
});

describe.skipIf(native === null)('addon and twin', () => {
  it('cover labels to the bit alike', () => {
    fc.assert(
      fc.property(fc.array(label, { minLength: 1, maxLength: 8 }), (labels) => {
        expect(coverLabels(labels, 'exact', native!)).toEqual(coverLabels(labels, 'exact', coverLabelsTwin));
      }),
      { seed: 12, numRuns: 300 },
    );
  });
});
