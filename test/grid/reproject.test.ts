import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bounds } from '../../src/grid/affine.js';
import { splitAntimeridian } from '../../src/grid/antimeridian.js';
import { parseCrs } from '../../src/grid/crs-definition.js';
import { reprojectBounds } from '../../src/grid/reproject.js';
import { reprojectRing } from '../../src/grid/reproject-ring.js';
import { createTransform } from '../../src/grid/transform.js';
import { MODIS_WKT } from './proj-values.js';

const LON_LAT = parseCrs(4326);
const box = (xmin: number, ymin: number, xmax: number, ymax: number): Bounds => ({ xmin, ymin, xmax, ymax });
const closeTo = (found: Bounds, expected: Bounds, slack: number): void => {
  for (const side of ['xmin', 'ymin', 'xmax', 'ymax'] as const) {
    expect(Math.abs(found[side] - expected[side]), side).toBeLessThan(slack);
  }
};

describe('reprojectBounds', () => {
  it.each<readonly [from: number, to: number, bounds: Bounds, expected: Bounds, slack: number]>([
    // GDAL with 2,000 points a side.
    [
      32633,
      4326,
      box(399960, 5090220, 509760, 5200020),
      box(13.685439247095587, 45.95825868842945, 15.128266945123777, 46.9537091790044),
      2e-6,
    ],
    [
      4326,
      3035,
      box(-9, 38, 30, 70),
      box(2659511.653454398, 1657812.0253281414, 6067724.741354129, 5319011.507119937),
      10,
    ],
    [
      4326,
      32633,
      box(14, 49, 16, 51),
      box(426857.9877172824, 5427455.781319478, 573142.0122827202, 5650300.786644997),
      0.5,
    ],
    [3035, 32633, box(4000000, 2000000, 5000000, 3000000), box(-240357.353, 4518091.456, 820308.421, 5584528.267), 5],
    [4326, 3413, box(-60, 70, -20, 80), box(-566277.345, -2187927.631, 924658.18, -984178.022), 5],
    [
      32660,
      4326,
      box(600000, 0, 900000, 200000),
      box(177.89863766020866, 0, -179.40589729362944, 1.8092325753745964),
      1e-5,
    ],
    [3031, 4326, box(-3e6, -3e6, 3e6, 3e6), box(-180, -90, 180, -52.317100799230055), 1e-4],
    [3413, 4326, box(-3e6, -3e6, 3e6, 3e6), box(-180, 52.211749904227645, 180, 90), 1e-4],
  ])('EPSG:%i to EPSG:%i', (from, to, bounds, expected, slack) => {
    closeTo(reprojectBounds(bounds, parseCrs(from), parseCrs(to)), expected, slack);
  });

  it('G8 holds every point of the box: corners alone lose 30 m of a lat/lon chunk on a central meridian', () => {
    const utm = parseCrs(32633);
    fc.assert(
      fc.property(
        fc.double({ min: 12, max: 17, noNaN: true }),
        fc.double({ min: 40, max: 60, noNaN: true }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
        (lon, lat, side, [u, v]) => {
          const found = reprojectBounds(box(lon, lat, lon + side, lat + side), LON_LAT, utm);
          const xy = Float64Array.of(lon + u * side, lat + v * side);
          createTransform(LON_LAT, utm).transform(xy);
          const slack = 1e-6 * (found.xmax - found.xmin);
          expect(xy[0]).toBeGreaterThanOrEqual(found.xmin - slack);
          expect(xy[0]).toBeLessThanOrEqual(found.xmax + slack);
          expect(xy[1]).toBeGreaterThanOrEqual(found.ymin - slack);
          expect(xy[1]).toBeLessThanOrEqual(found.ymax + slack);
        },
      ),
      { seed: 6, numRuns: 200 },
    );
    const chunk = reprojectBounds(box(14.5, 49.5, 15.5, 50.5), LON_LAT, utm);
    const corners = Float64Array.of(14.5, 49.5, 15.5, 49.5);
    createTransform(LON_LAT, utm).transform(corners);
    expect(corners[1]! - chunk.ymin).toBeGreaterThan(100); // [M] 119.8 m
    expect(corners[1]! - chunk.ymin).toBeLessThan(125);
  });

  it('the same CRS under another name leaves the box alone', () => {
    expect(reprojectBounds(box(1, 2, 3, 4), LON_LAT, parseCrs('OGC:CRS84'))).toEqual(box(1, 2, 3, 4));
  });

  it('a box across the antimeridian goes in and comes out', () => {
    const utm = reprojectBounds(box(179, 10, -179, 11), LON_LAT, parseCrs(32660));
    expect(utm.xmax - utm.xmin).toBeGreaterThan(200_000);
    expect(utm.xmax - utm.xmin).toBeLessThan(230_000);
    const back = reprojectBounds(utm, parseCrs(32660), LON_LAT);
    expect(back.xmin).toBeLessThan(179.01);
    expect(back.xmax).toBeGreaterThan(-179.01);
    expect(back.xmin).toBeGreaterThan(back.xmax);
  });

  it('the tile of a world map whose corner lies outside the world', () => {
    const tile = box(-13_343_406, 5_559_752, -12_231_456, 6_671_703); // MODIS h06v03, cut by the edge of the Earth
    const found = reprojectBounds(tile, parseCrs(MODIS_WKT), LON_LAT);
    expect(found.ymin).toBeLessThan(50.001);
    expect(found.ymin).toBeGreaterThan(49.5);
    expect(found.ymax).toBeGreaterThan(52.3);
    expect(found.ymax).toBeLessThan(53);
    expect(found.xmin).toBeGreaterThanOrEqual(-180);
    expect(Number.isFinite(found.xmax)).toBe(true);
  });

  it('a box without any place is NaN', () => {
    expect(reprojectBounds(box(5e7, 5e7, 6e7, 6e7), parseCrs(3035), LON_LAT).xmin).toBeNaN();
  });
});

describe('G10 splitAntimeridian', () => {
  it('one box, or two that together are it', () => {
    expect(splitAntimeridian([10, 40, 20, 50])).toEqual([[10, 40, 20, 50]]);
    expect(splitAntimeridian([170, -20, -170, -10])).toEqual([
      [170, -20, 180, -10],
      [-180, -20, -170, -10],
    ]);
    expect(splitAntimeridian([170, -20, 190, -10])).toEqual(splitAntimeridian([170, -20, -170, -10]));
    expect(splitAntimeridian([-190, -20, -170, -10])).toEqual(splitAntimeridian([170, -20, -170, -10]));
    expect(splitAntimeridian([190, 0, 200, 1])).toEqual([[-170, 0, -160, 1]]);
    expect(splitAntimeridian([-180, -90, 180, 90])).toEqual([[-180, -90, 180, 90]]);
    expect(splitAntimeridian([-300, 0, 300, 1])).toEqual([[-180, 0, 180, 1]]);
    expect(() => splitAntimeridian([0, 5, 1, 4])).toThrow(/invalid-argument/);
    expect(() => splitAntimeridian([NaN, 0, 1, 1])).toThrow(/invalid-argument/);
  });
});

describe('Z7 reprojectRing', () => {
  const utm = parseCrs(32633);
  const toUtm = createTransform(LON_LAT, utm);

  it('a small polygon keeps exactly its vertices', () => {
    const ring = Float64Array.of(15.1, 48, 15.101, 48, 15.101, 48.001, 15.1, 48.001, 15.1, 48);
    const expected = ring.slice();
    toUtm.transform(expected);
    expect(reprojectRing(ring, toUtm, 0.1)).toEqual(expected);
    expect(ring[0]).toBe(15.1);
  });

  it('a long edge is split until its chords are near enough, and no further', () => {
    const ring = Float64Array.of(12, 48, 18, 48, 18, 48.5, 12, 48);
    const found = reprojectRing(ring, toUtm, 1);
    expect(found.length).toBeGreaterThan(ring.length);
    expect(found.length).toBeLessThan(2 * 400);
    expect(found.slice(0, 2)).toEqual(found.slice(-2));
    // Dense points of the true edge lie within the error of the chords.
    const dense = Float64Array.from({ length: 2002 }, (_, i) => (i % 2 === 0 ? 12 + (6 * (i / 2)) / 1000 : 48));
    toUtm.transform(dense);
    let worst = 0;
    for (let i = 0; i < dense.length; i += 2) {
      let best = Infinity;
      for (let j = 0; j + 3 < found.length; j += 2) best = Math.min(best, distance(found, j, dense[i]!, dense[i + 1]!));
      worst = Math.max(worst, best);
    }
    expect(worst).toBeLessThan(1.05);
    expect(reprojectRing(ring, toUtm, 0.01).length).toBeGreaterThan(found.length);
  });

  it('an edge that bends both ways is seen, though its middle lies on the chord', () => {
    const bend = {
      from: utm,
      to: utm,
      transform: (xy: Float64Array) =>
        void xy.forEach((v, i) => i % 2 === 1 && (xy[i] = v + 10 * Math.sin((2 * Math.PI * xy[i - 1]!) / 100))),
    };
    expect(reprojectRing(Float64Array.of(0, 0, 100, 0), bend, 0.1).length).toBeGreaterThan(20);
  });

  it('vertices without a place are NaN and end nothing', () => {
    const found = reprojectRing(Float64Array.of(15, 48, 15, 95, 15, 47, 15, 48), toUtm, 1);
    expect(found.some(Number.isNaN)).toBe(true);
    expect(reprojectRing(new Float64Array(0), toUtm, 1).length).toBe(0);
  });

  function distance(line: Float64Array, at: number, x: number, y: number): number {
    const [x0, y0, x1, y1] = [line[at]!, line[at + 1]!, line[at + 2]!, line[at + 3]!];
    const length2 = (x1 - x0) ** 2 + (y1 - y0) ** 2;
    const share = length2 === 0 ? 0 : Math.max(0, Math.min(1, ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length2));
    return Math.hypot(x - x0 - share * (x1 - x0), y - y0 - share * (y1 - y0));
  }
});
