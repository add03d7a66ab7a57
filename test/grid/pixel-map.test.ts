import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCubeError } from '../../src/errors.js';
import type { Affine } from '../../src/grid/affine.js';
import { applyAffine, invertAffine } from '../../src/grid/affine.js';
import type { Crs } from '../../src/grid/crs.js';
import { buildPixelMap, mapSourceWindow, pointOnMap } from '../../src/grid/pixel-map.js';
import { createTransform, type CrsTransform } from '../../src/grid/transform.js';
import { MAP_CELL_EMPTY, MAP_CELL_EXACT } from '../../src/native/kernels.js';

const epsg = (code: number): Crs => ({ kind: 'epsg', code });
const UTM: Affine = [10, 0, 499_980, 0, -10, 5_200_020];
const LON_LAT: Affine = [0.0001, 0, 15, 0, -0.0001, 46.9];
const toUtm = createTransform(epsg(4326), epsg(32633));

/** The obvious way: transform one point. */
function exact(
  target: Affine,
  source: Affine,
  transform: CrsTransform,
  col: number,
  row: number,
): { col: number; row: number } {
  const { x, y } = applyAffine(target, { col, row });
  const xy = Float64Array.of(x, y);
  transform.transform(xy);
  const pixel = applyAffine(invertAffine(source)!, { col: xy[0]!, row: xy[1]! });
  return { col: pixel.x, row: pixel.y };
}

/** A transform that bends space, with a place where it is not defined. */
function bend(fn: (x: number, y: number) => readonly [number, number]): CrsTransform {
  return {
    from: epsg(1),
    to: epsg(2),
    transform: (xy) => {
      for (let i = 0; i < xy.length; i += 2) xy.set(fn(xy[i]!, xy[i + 1]!), i);
    },
  };
}

describe('pixel map', () => {
  it('is exact in the same CRS', () => {
    const source: Affine = [20, 0, 499_990, 0, -20, 5_200_030];
    const map = buildPixelMap({
      target: { transform: UTM, width: 300, height: 200 },
      source: { transform: source },
      toSource: null,
    });
    expect(map.kind).toBe('affine');
    expect(pointOnMap(map, 0, 0)).toEqual({ col: -0.5, row: 0.5 });
    expect(pointOnMap(map, 299.5, 199.5)).toEqual({ col: 149.25, row: 100.25 });
    const same = buildPixelMap({
      target: { transform: UTM, width: 1, height: 1 },
      source: { transform: source },
      toSource: createTransform(epsg(32633), epsg(32633)),
    });
    expect(same.kind).toBe('affine');
  });

  it('is within 1e-5 source pixels of exact positions, corners included', () => {
    const target = { transform: LON_LAT, width: 700, height: 500 };
    const map = buildPixelMap({ target, source: { transform: UTM }, toSource: toUtm });
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 700, noNaN: true }),
        fc.double({ min: 0, max: 500, noNaN: true }),
        (col, row) => {
          const found = pointOnMap(map, col, row);
          const wanted = exact(LON_LAT, UTM, toUtm, col, row);
          expect(Math.hypot(found.col - wanted.col, found.row - wanted.row)).toBeLessThan(2e-5);
        },
      ),
      { seed: 1, numRuns: 1000 },
    );
  });

  it('gives a pixel the same position to the bit in every window of the grid', () => {
    const request = (col: number, row: number, width: number, height: number) =>
      buildPixelMap({
        target: { transform: LON_LAT, col, row, width, height },
        source: { transform: UTM },
        toSource: toUtm,
      });
    const whole = request(0, 0, 400, 300);
    const window = fc.record({
      col: fc.integer({ min: -200, max: 390 }),
      row: fc.integer({ min: -200, max: 290 }),
      width: fc.integer({ min: 1, max: 300 }),
      height: fc.integer({ min: 1, max: 300 }),
    });
    fc.assert(
      fc.property(window, ({ col, row, width, height }) => {
        const map = request(col, row, width, height);
        for (const [c, r] of [
          [0, 0],
          [width - 1, height - 1],
          [width >> 1, 0],
        ] as const) {
          if (col + c < 0 || row + r < 0 || col + c >= 400 || row + r >= 300) continue;
          expect(pointOnMap(map, c + 0.5, r + 0.5)).toEqual(pointOnMap(whole, col + c + 0.5, row + r + 0.5));
        }
      }),
      { seed: 2, numRuns: 50 },
    );
  });

  it('splits cells where space bends, and goes point by point where it breaks', () => {
    const wave = bend((x, y) => [x + 3 * Math.sin(x / 20), y + 3 * Math.cos(y / 20)]);
    const identity: Affine = [1, 0, 0, 0, 1, 0];
    const build = (toSource: CrsTransform) =>
      buildPixelMap({
        target: { transform: identity, width: 256, height: 128 },
        source: { transform: identity },
        toSource,
      });
    const bent = build(wave);
    expect(bent.kind === 'cells' && bent.splits.every((splits) => splits > 1)).toBe(true);
    const point = exact(identity, identity, wave, 77.5, 33.5);
    expect(pointOnMap(bent, 77.5, 33.5).col).toBeCloseTo(point.col, 4);
    const broken = build(bend((x, y) => (x < 200 ? [x, y] : [NaN, NaN])));
    expect(broken.kind === 'cells' && [...broken.splits]).toEqual([1, MAP_CELL_EXACT]);
    expect(pointOnMap(broken, 199.5, 5.5)).toEqual({ col: 199.5, row: 5.5 });
    expect(pointOnMap(broken, 200.5, 5.5)).toEqual({ col: NaN, row: NaN });
    const nowhere = build(bend(() => [NaN, 1]));
    expect(nowhere.kind === 'cells' && nowhere.splits.every((splits) => splits === MAP_CELL_EMPTY)).toBe(true);
    expect(mapSourceWindow(nowhere, { x: 1, y: 1 }, { width: 10, height: 10 })).toBeNull();
  });

  it('G8: the source window holds every pixel that the target window reaches', () => {
    const target = { transform: [0.0001, 0, 14.9, 0, -0.0001, 50.1] satisfies Affine, width: 512, height: 512 };
    const source: Affine = [10, 0, 499_980, 0, -10, 5_560_020];
    const size = { width: 10_980, height: 10_980 };
    const map = buildPixelMap({ target, source: { transform: source }, toSource: toUtm });
    const window = mapSourceWindow(map, { x: 2, y: 2 }, size)!;
    for (let row = 0; row <= 512; row += 8) {
      for (let col = 0; col <= 512; col += 8) {
        const point = exact(target.transform, source, toUtm, col, row);
        if (point.col < 2 || point.row < 2) continue;
        expect(point.col - 2 >= window.col && point.col + 2 <= window.col + window.width).toBe(true);
        expect(point.row - 2 >= window.row && point.row + 2 <= window.row + window.height).toBe(true);
      }
    }
    expect(mapSourceWindow(map, { x: 2, y: 2 }, { width: 10, height: 10 })).toBeNull();
  });

  it('survives a structured clone', () => {
    const map = buildPixelMap({
      target: { transform: LON_LAT, width: 64, height: 64 },
      source: { transform: UTM },
      toSource: toUtm,
    });
    expect(pointOnMap(structuredClone(map), 3.5, 4.5)).toEqual(pointOnMap(map, 3.5, 4.5));
  });

  it('refuses what is no grid', () => {
    const build = (target: Affine, source: Affine, width: number) => () =>
      buildPixelMap({ target: { transform: target, width, height: 1 }, source: { transform: source }, toSource: null });
    for (const call of [
      build([NaN, 0, 0, 0, 1, 0], UTM, 1),
      build(UTM, [0, 0, 0, 0, 0, 0], 1),
      build(UTM, UTM, 1.5),
      build(UTM, UTM, -1),
    ]) {
      expect(call).toThrow(expect.toSatisfy((error: unknown) => isCubeError(error, 'invalid-argument')));
    }
  });
});
