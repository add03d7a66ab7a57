import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCubeError } from '../../src/errors.js';
import type { CoverageCells, CoverageRule, CoverRings } from '../../src/native/coverage-contract.js';
import { coverPolygons, nativeCoverRings } from '../../src/native/coverage.js';
import type { PixelWindow } from '../../src/native/kernels.js';
import { coverRingsTwin } from '../../src/native/twin/coverage.js';

const native = nativeCoverRings();
const implementations: readonly (readonly [string, CoverRings])[] = [
  ['twin', coverRingsTwin],
  ...(native === null ? [] : ([['addon', native]] as const)),
];

type Ring = Float64Array;
type Polygon = readonly Ring[];

const WINDOW: PixelWindow = { col: 0, row: 0, width: 8, height: 8 };
const box = (left: number, top: number, right: number, bottom: number): Ring =>
  Float64Array.of(left, top, right, top, right, bottom, left, bottom, left, top);
const total = ({ fractions }: CoverageCells): number => fractions.reduce((sum, value) => sum + value, 0);
const asMap = ({ cells, fractions }: CoverageCells): Map<number, number> =>
  new Map(Array.from(cells, (cell, i) => [cell, fractions[i]!]));

function area(ring: Ring): number {
  let twice = 0;
  for (let i = 0; i < ring.length; i += 2) {
    const j = (i + 2) % ring.length;
    twice += ring[i]! * ring[j + 1]! - ring[j]! * ring[i + 1]!;
  }
  return Math.abs(twice) / 2;
}

/**
 * Points around a centre in order of their angle: a valid ring of any shape. Some are snapped to eighths of a pixel, where
 * that keeps their order.
 */
const star = (reach: number) =>
  fc
    .record({
      x: fc.double({ min: -2, max: 10, noNaN: true }),
      y: fc.double({ min: -2, max: 10, noNaN: true }),
      spikes: fc.array(fc.double({ min: 0.1, max: reach, noNaN: true }), { minLength: 3, maxLength: 15 }),
      snap: fc.boolean(),
      reverse: fc.boolean(),
    })
    .map(({ x, y, spikes, snap, reverse }): Ring => {
      const points = spikes.map((spike, i) => {
        const angle = (2 * Math.PI * i) / spikes.length;
        const point = [x + spike * Math.cos(angle), y + spike * Math.sin(angle)];
        return snap && Math.min(...spikes) > 1 ? point.map((v) => Math.round(v * 8) / 8) : point;
      });
      return Float64Array.from((reverse ? points.toReversed() : points).flat());
    });

/** The obvious way for one cell: cut the ring at the cell's four sides (Sutherland and Hodgman), then the shoelace. */
function clippedArea(ring: Ring, col: number, row: number): number {
  let points: [number, number][] = [];
  for (let i = 0; i < ring.length; i += 2) points.push([ring[i]!, ring[i + 1]!]);
  for (const [axis, limit, sign] of [
    [0, col, 1],
    [0, col + 1, -1],
    [1, row, 1],
    [1, row + 1, -1],
  ] as const) {
    const inside = (p: readonly [number, number]) => sign * (p[axis] - limit) >= 0;
    points = points.flatMap((p, i) => {
      const q = points[(i + 1) % points.length]!;
      const kept: [number, number][] = inside(p) ? [p] : [];
      if (inside(p) === inside(q)) return kept;
      const t = (limit - p[axis]) / (q[axis] - p[axis]);
      return [...kept, [p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])]];
    });
  }
  return area(Float64Array.from(points.flat()));
}

describe.each(implementations)('coverage by the %s', (_, cover) => {
  const run = (polygons: readonly Polygon[], window = WINDOW, rule: CoverageRule = 'exact') =>
    coverPolygons(polygons, window, rule, cover);

  it('Z2: every cell equals the area of the polygon cut to it', () => {
    fc.assert(
      fc.property(star(7), (ring) => {
        const found = asMap(run([[ring]]));
        for (let cell = 0; cell < 64; cell++) {
          expect(found.get(cell) ?? 0).toBeCloseTo(clippedArea(ring, cell % 8, Math.floor(cell / 8)), 8);
        }
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('Z2: the sum over all cells is the area, holes and several parts included', () => {
    const everywhere = { col: -20, row: -20, width: 90, height: 50 };
    fc.assert(
      fc.property(star(7), star(7), (a, b) => {
        const far = b.map((value, i) => (i % 2 === 0 ? value + 40 : value));
        // A pixel covered by less than a billionth is left out, so some hundred of them may be missing (Z2 allows 1e-6).
        expect(total(run([[a], [far]], everywhere))).toBeCloseTo(area(a) + area(b), 6);
      }),
      { seed: 2, numRuns: 100 },
    );
    const ring = [box(0.5, 0.5, 6.5, 5.5), box(2, 2, 4, 3.25)];
    expect(total(run([ring]))).toBeCloseTo(30 - 2.5, 12);
    expect(run([[box(1, 1, 3, 3)]])).toEqual({
      cells: Uint32Array.of(9, 10, 17, 18),
      fractions: Float64Array.of(1, 1, 1, 1),
    });
  });

  it('Z2: neighbours with a shared edge part every pixel between them', () => {
    const edge = [3.3, -1, 5.1, 2.2, 2.7, 4.9, 4.4, 9];
    const left = Float64Array.of(-1, -1, ...edge, -1, 9);
    const right = Float64Array.of(9, 9, ...[6, 4, 2, 0].flatMap((i) => edge.slice(i, i + 2)), 9, -1);
    const sums = new Float64Array(64);
    for (const polygon of [[left], [right]])
      for (const [cell, fraction] of asMap(run([polygon]))) sums[cell]! += fraction;
    for (const sum of sums) expect(sum).toBeCloseTo(1, 12);
  });

  it('Z3: holes subtract whatever their orientation; overlapping parts are cut at 1', () => {
    const hole = box(2, 2, 4, 4);
    const turned = Float64Array.of(2, 2, 2, 4, 4, 4, 4, 2);
    for (const inner of [hole, turned]) expect(total(run([[box(1, 1, 5, 5), inner]]))).toBe(12);
    expect(total(run([[box(1, 1, 4, 4)], [box(2, 2, 5, 5)]]))).toBe(14);
  });

  it('Z9: a polygon smaller than a pixel covers its own area of it', () => {
    expect(run([[box(2.25, 3.5, 2.5, 3.75)]])).toEqual({
      cells: Uint32Array.of(26),
      fractions: Float64Array.of(0.0625),
    });
    const speck = run([[box(2.25, 3.5, 2.25 + 2 ** -20, 3.5 + 2 ** -20)]]);
    expect([...speck.cells]).toEqual([26]);
    expect(speck.fractions[0]).toBeCloseTo(2 ** -40, 20);
  });

  it('Z8: a cell has the same fraction in every window', () => {
    const window = fc.record({
      col: fc.integer({ min: -3, max: 7 }),
      row: fc.integer({ min: -3, max: 7 }),
      width: fc.integer({ min: 1, max: 9 }),
      height: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(
        star(9),
        window,
        fc.constantFrom<CoverageRule>('exact', 'center', 'all-touched'),
        (ring, part, rule) => {
          const whole = { col: -12, row: -12, width: 40, height: 40 };
          const wanted = asMap(run([[ring]], whole, rule));
          const found = asMap(run([[ring]], part, rule));
          for (let row = 0; row < part.height; row++) {
            for (let col = 0; col < part.width; col++) {
              const other = wanted.get((part.row + row + 12) * 40 + part.col + col + 12) ?? 0;
              expect(Math.abs((found.get(row * part.width + col) ?? 0) - other)).toBeLessThan(1e-12);
            }
          }
        },
      ),
      { seed: 3, numRuns: 300 },
    );
  });

  it('goes through a large window band by band', () => {
    const window = { col: 0, row: 0, width: 3000, height: 1500 };
    const found = run([[Float64Array.of(10.5, 10.5, 2990.25, 700, 1500, 1490.75)]], window);
    expect(total(found)).toBeCloseTo(area(Float64Array.of(10.5, 10.5, 2990.25, 700, 1500, 1490.75)), 5);
    expect(found.cells.every((cell, i) => i === 0 || cell > found.cells[i - 1]!)).toBe(true);
  });

  it('L1: cells on a polygon’s edges are filled by every rule, slivers by all-touched alone', () => {
    const inner = [9, 10, 17, 18];
    for (const rule of ['exact', 'center', 'all-touched'] as const)
      expect([...run([[box(1, 1, 3, 3)]], WINDOW, rule).cells]).toEqual(inner);
    const tiny = [[box(0.1, 3.1, 0.3, 3.3)]];
    expect(run(tiny, WINDOW, 'center').cells.length).toBe(0);
    expect(run(tiny, WINDOW, 'all-touched')).toEqual({ cells: Uint32Array.of(24), fractions: Float64Array.of(1) });
  });

  it('L1: centres exactly on an edge belong to the right and the lower side, once', () => {
    expect([...run([[box(0.5, 0.5, 2.5, 2.5)]], WINDOW, 'center').cells]).toEqual([0, 1, 8, 9]);
    const corners = [-1, 2.5, 4.5, 9];
    const counts = new Uint8Array(64);
    for (let i = 0; i < 9; i++) {
      const [x, y] = [i % 3, Math.floor(i / 3)];
      const part = run([[box(corners[x]!, corners[y]!, corners[x + 1]!, corners[y + 1]!)]], WINDOW, 'center');
      for (const cell of part.cells) counts[cell]!++;
    }
    expect(counts.every((count) => count === 1)).toBe(true);
    const diagonal = [
      run([[Float64Array.of(0, 0, 8, 0, 8, 8)]], WINDOW, 'center'),
      run([[Float64Array.of(0, 0, 8, 8, 0, 8)]], WINDOW, 'center'),
    ];
    expect(diagonal[0]!.cells.length + diagonal[1]!.cells.length).toBe(64);
    expect(new Set([...diagonal[0]!.cells, ...diagonal[1]!.cells]).size).toBe(64);
  });

  it('covers nothing where nothing is: no rings, no area, out of the window', () => {
    const none = { cells: new Uint32Array(0), fractions: new Float64Array(0) };
    for (const polygons of [
      [],
      [[]],
      [[new Float64Array(0)]],
      [[Float64Array.of(1, 1, 5, 5, 1, 1)]],
      [[box(20, 20, 30, 30)]],
    ]) {
      expect(run(polygons)).toEqual(none);
    }
  });

  it('refuses coordinates that are no place, and windows that are none', () => {
    const invalid = expect.toSatisfy((error: unknown) => isCubeError(error, 'invalid-argument'));
    for (const ring of [
      Float64Array.of(0, 0, NaN, 1, 1, 1),
      Float64Array.of(0, 0, 1e300, 1, 1, 1),
      Float64Array.of(0, 0, 1),
    ]) {
      expect(() => run([[ring]])).toThrow(invalid);
    }
    for (const window of [
      { ...WINDOW, width: 1.5 },
      { ...WINDOW, col: NaN },
      { ...WINDOW, width: 2 ** 40 },
    ]) {
      expect(() => run([[box(1, 1, 2, 2)]], window)).toThrow(invalid);
    }
  });
});

describe.skipIf(native === null)('addon and twin', () => {
  it('cover the same cells to the bit', () => {
    fc.assert(
      fc.property(
        star(9),
        star(3),
        fc.constantFrom<CoverageRule>('exact', 'center', 'all-touched'),
        (shell, hole, rule) => {
          const polygons = [[shell, hole], [hole]];
          expect(coverPolygons(polygons, WINDOW, rule, native!)).toEqual(
            coverPolygons(polygons, WINDOW, rule, coverRingsTwin),
          );
        },
      ),
      { seed: 4, numRuns: 500 },
    );
  });
});
