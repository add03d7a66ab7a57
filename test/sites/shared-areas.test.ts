import { describe, expect, it } from 'vitest';
import { authalicQ } from '../../src/sites/equal-area.js';
import { SharedAreas } from '../../src/sites/shared-areas.js';
import type { Geometry } from '../../src/vector/label.js';

type Box = readonly [west: number, south: number, east: number, north: number];

const ring = ([w, s, e, n]: Box) => Float64Array.from([w, s, e, s, e, n, w, n, w, s]);

/** Polygons that are boxes, each with boxes as its holes. */
function boxes(...polygons: readonly (readonly Box[])[]): Geometry {
  return { kind: 'polygons', polygons: polygons.map((rings) => rings.map((box) => ring(box))) };
}

const point = (...points: number[]): Geometry => ({ kind: 'points', points: Float64Array.from(points) });

/** Part of a box that a smaller one inside it is: areas between parallels go by the authalic q. */
const part = ([w, s, e, n]: Box, [W, S, E, N]: Box) =>
  (((e - w) / (E - W)) * (authalicQ(n) - authalicQ(s))) / (authalicQ(N) - authalicQ(S));

describe('what sites share with zones', () => {
  it('is what a formula says, on both sides of a border and in an enclave and its hole', () => {
    const country = boxes([
      [0, 40, 10, 50],
      [4, 44, 6, 46],
    ]);
    const enclave = boxes([[4, 44, 6, 46]]);
    const neighbour = boxes([[10, 40, 20, 50]]);
    const site: Box = [3, 45, 5, 47];
    const zones = new SharedAreas(
      [country, enclave, neighbour],
      [boxes([site]), boxes([[9, 41, 13, 42]]), boxes([[19, 49, 21, 51]]), boxes([[30, 0, 31, 1]])],
    );
    const inside = part([4, 45, 5, 46], site);
    const shares = (number: number) => zones.shares(number).map(({ zone, share }) => [zone, share]);
    expect(shares(0)).toEqual([
      [0, expect.closeTo(1 - inside, 12)],
      [1, expect.closeTo(inside, 12)],
    ]);
    expect(shares(1)).toEqual([
      [0, expect.closeTo(0.25, 12)],
      [2, expect.closeTo(0.75, 12)],
    ]);
    expect(shares(2)).toEqual([[2, expect.closeTo(part([19, 49, 20, 50], [19, 49, 21, 51]), 12)]]);
    expect(shares(3)).toEqual([]);
  });

  it('knows exclaves, and zones and sites across the antimeridian and around the Earth', () => {
    const islands = boxes([[170, -20, 180, -10]], [[-180, -20, -170, -10]], [[0, 0, 1, 1]]);
    const south = boxes(
      [[-180, -90, 180, -60]],
      [[-179, -50, -178, -49]],
      [[-180, -55, -179, -54]],
      [[179, -55, 180, -54]],
    );
    const zones = new SharedAreas(
      [islands, south],
      [
        boxes([[179, -15, 180, -14]], [[-180, -15, -178, -14]]),
        boxes([[169, -15, 171, -14]]),
        boxes([[-179.5, -15, -179, -14]]),
        boxes([[0.5, 0.25, 1.5, 0.75]]),
        boxes([[179.5, -70, 180, -69]], [[-180, -70, -179.5, -69]]),
        boxes([[-100, -70, -99, -69]]),
        boxes([[100, -70, 101, -69]]),
      ],
    );
    const found = [0, 1, 2, 3, 4, 5, 6].map((site) => zones.shares(site).map(({ zone, share }) => [zone, share]));
    expect(found).toEqual([
      [[0, expect.closeTo(1, 12)]],
      [[0, expect.closeTo(0.5, 12)]],
      [[0, expect.closeTo(1, 12)]],
      [[0, expect.closeTo(0.5, 12)]],
      [[1, expect.closeTo(1, 12)]],
      [[1, expect.closeTo(1, 12)]],
      [[1, expect.closeTo(1, 12)]],
    ]);
  });

  it('of points are counted: on a border they lie in both, in a hole in none', () => {
    const country = boxes([
      [0, 40, 10, 50],
      [4, 44, 6, 46],
    ]);
    const neighbour = boxes([[10, 40, 20, 50]]);
    const zones = new SharedAreas(
      [country, neighbour],
      [point(1, 41), point(10, 45), point(5, 45), point(1, 41, 11, 41)],
    );
    const found = [0, 1, 2, 3].map((site) =>
      zones.shares(site).map(({ zone, share, areaM2 }) => [zone, share, areaM2]),
    );
    expect(found).toEqual([
      [[0, 1, 0]],
      [
        [0, 1, 0],
        [1, 1, 0],
      ],
      [],
      [
        [0, 0.5, 0],
        [1, 0.5, 0],
      ],
    ]);
  });

  it('tells the nearest zones in metres along the ground, also where a zone is as large as a continent', () => {
    const large = boxes([[-140, 20, -50, 80]]);
    const near = boxes([[-49.9, 49, -49, 51]]);
    const zones = new SharedAreas([large, near], [point(-49.95, 50), point(-49.95, 70), point(-49, 30)]);
    // 0.05 degrees of longitude at 50 and 70 degrees on WGS 84.
    const degree = (lat: number) => {
      const sin = Math.sin((lat * Math.PI) / 180);
      return ((6_378_137 * Math.PI) / 180) * (Math.sqrt(1 - sin * sin) / Math.sqrt(1 - 0.00669437999014 * sin * sin));
    };
    const found = zones.near(0, 10_000);
    expect(found.map(({ zone }) => zone).sort()).toEqual([0, 1]);
    for (const { gapM } of found) expect(Math.abs(gapM / (0.05 * degree(50)) - 1)).toBeLessThan(1e-3);
    const [one, ...others] = zones.near(1, 10_000);
    expect(one!.zone).toBe(0);
    expect(Math.abs(one!.gapM / (0.05 * degree(70)) - 1)).toBeLessThan(1e-3);
    expect(others).toEqual([]);
    expect(zones.near(2, 10_000)).toEqual([]);
  });
});
