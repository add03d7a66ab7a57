import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDuckDb, type DuckDb } from '../../src/duckdb/connection.js';
import { authalicQ, M2_PER_UNIT, metresPerUnit } from '../../src/sites/equal-area.js';
import { ShapeCollector } from '../../src/sites/flat-shapes.js';
import { gapMetres } from '../../src/sites/gap.js';
import { OverlapMeter } from '../../src/sites/overlap-area.js';
import type { Geometry } from '../../src/vector/label.js';
import { reversedRing } from '../../src/vector/ring-maths.js';
import { formatWkb } from '../../src/vector/wkb.js';
import { seeded as randomOf } from '../vector/mutate.js';
import { box, point, polygon, star } from './shapes.js';

let db: DuckDb;
beforeAll(async () => {
  db = await openDuckDb({ extensions: ['spatial'] });
});
afterAll(() => db.close());

/** The same geometry on the axes of equal area, in metres at a latitude. */
function projected(geometry: Geometry, lat: number): Geometry {
  const frame = metresPerUnit(lat);
  const move = (xy: Float64Array) =>
    xy.map((value, i) => (i % 2 === 0 ? value * frame.lon : authalicQ(value) * frame.q));
  return geometry.kind === 'points'
    ? { kind: 'points', points: move(geometry.points) }
    : { kind: 'polygons', polygons: geometry.polygons.map((rings) => rings.map(move)) };
}

/** GEOS, by way of DuckDB. */
async function geos(a: Geometry, b: Geometry, lat: number) {
  const [row] = await db.all(
    `SELECT ST_Area(ST_Intersection(a, b)) AS shared, ST_Area(a) AS area, ST_Distance(a, b) AS gap
     FROM (SELECT ST_GeomFromWKB(?::BLOB) AS a, ST_GeomFromWKB(?::BLOB) AS b)`,
    [formatWkb(projected(a, lat)), formatWkb(projected(b, lat))],
  );
  return { shared: Number(row!['shared']), area: Number(row!['area']), gap: Number(row!['gap']) };
}

function ours(a: Geometry, b: Geometry) {
  const collector = new ShapeCollector();
  collector.add(a);
  collector.add(b);
  const shapes = collector.finish();
  return { shapes, shared: new OverlapMeter(shapes).area(0, 1), area: shapes.areas[0]! };
}

/** Relative to the smaller polygon: GEOS snaps to about 1e-10 of the extent, ours sums products of doubles. */
const TOLERANCE = 1e-9;

describe('areas that polygons share', () => {
  it('equal GEOS for stars of all sizes at all latitudes', async () => {
    const random = randomOf(1);
    for (let i = 0; i < 300; i++) {
      const [lon, lat] = [random() * 340 - 170, random() * 150 - 75];
      const radiusM = 10 ** (1 + 3 * random());
      const shape = () => star(random, lon, lat, { radiusM, vertices: 3 + Math.floor(random() * 60) });
      const other = star(random, lon + (random() * radiusM) / 111_320, lat, {
        radiusM: radiusM * random(),
        vertices: 40,
      });
      const [a, b] = [polygon(shape()), polygon(i % 2 === 0 ? shape() : other)];
      const expected = await geos(a, b, lat);
      const found = ours(a, b);
      expect(Math.abs(found.area - expected.area) / expected.area).toBeLessThan(TOLERANCE);
      expect(Math.abs(found.shared - expected.shared)).toBeLessThan(TOLERANCE * expected.area);
    }
  });

  it('equal GEOS for polygons with holes and several parts, and for thousands of vertices', async () => {
    const random = randomOf(2);
    for (const vertices of [8, 60, 3000]) {
      const shape = (dx: number): Geometry => ({
        kind: 'polygons',
        polygons: [
          [
            star(random, 10 + dx, 50, { radiusM: 2000, vertices, jitter: 0.2 }),
            star(random, 10 + dx, 50, { radiusM: 900, vertices, jitter: 0.2 }),
          ],
          [star(random, 10.06 + dx, 50, { radiusM: 800, vertices })],
        ],
      });
      const [a, b] = [shape(0), shape(0.004)];
      const expected = await geos(a, b, 50);
      expect(Math.abs(ours(a, b).shared - expected.shared)).toBeLessThan(TOLERANCE * expected.area);
    }
  });

  it('are those of copies, parts and neighbours, to the last digits', () => {
    const random = randomOf(3);
    const ring = star(random, -120, 37, { radiusM: 300, vertices: 30 });
    for (const other of [ring, reversedRing(ring)]) {
      const same = ours(polygon(ring), polygon(other));
      expect(Math.abs(same.shared / same.area - 1)).toBeLessThan(1e-12);
    }
    const inside = ours(polygon(ring), { kind: 'polygons', polygons: [box(-120.0001, 36.9999, -119.9999, 37.0001)] });
    const alone = ours({ kind: 'polygons', polygons: [box(-120.0001, 36.9999, -119.9999, 37.0001)] }, polygon(ring));
    expect(inside.shared / alone.area).toBeCloseTo(1, 12);
    const beside = ours(
      { kind: 'polygons', polygons: [box(0, 0, 1, 1)] },
      { kind: 'polygons', polygons: [box(1, 0, 2, 1)] },
    );
    expect(beside.shared).toBe(0);
  });

  it('do not depend on which polygon comes first', () => {
    const random = randomOf(4);
    for (let i = 0; i < 100; i++) {
      const [a, b] = [0, 1].map((n) => polygon(star(random, 5 + n * 0.001, 45, { radiusM: 200, vertices: 25 })));
      const [one, other] = [ours(a!, b!), ours(b!, a!)];
      expect(Math.abs(one.shared - other.shared)).toBeLessThan(1e-9 * one.area);
    }
  });

  it('are found across the antimeridian', () => {
    const cut: Geometry = { kind: 'polygons', polygons: [box(179.99, 10, 180, 10.01), box(-180, 10, -179.99, 10.01)] };
    const east: Geometry = { kind: 'polygons', polygons: [box(-179.995, 10, -179.985, 10.01)] };
    const west: Geometry = { kind: 'polygons', polygons: [box(179.985, 10, 179.995, 10.01)] };
    const whole = ours(cut, cut);
    expect(whole.shared / whole.area).toBeCloseTo(1, 12);
    expect(ours(cut, east).shared / whole.area).toBeCloseTo(0.25, 9);
    expect(ours(west, cut).shared / whole.area).toBeCloseTo(0.25, 9);
    expect(ours(east, west).shared).toBe(0);
    expect(gapMetres(ours(east, west).shapes, 0, 1, 2000)).toBeCloseTo(0.01 * metresPerUnit(10.005).lon, 3);
  });

  it('have the sizes of the ellipsoid', async () => {
    // One degree square at the equator: geographiclib and PROJ's geodesics say the same; edges are great circles there.
    const [row] = await db.all(`SELECT ST_Area_Spheroid(ST_MakeEnvelope(10, 50, 10.001, 50.001)) AS area`);
    const found = ours({ kind: 'polygons', polygons: [box(10, 50, 10.001, 50.001)] }, point(0, 0));
    expect(Math.abs(found.area / Number(row!['area']) - 1)).toBeLessThan(1e-8);
    expect(M2_PER_UNIT).toBeGreaterThan(0);
  });
});

describe('gaps', () => {
  it('equal GEOS in the plane that is true at their latitude', async () => {
    const random = randomOf(5);
    for (let i = 0; i < 200; i++) {
      const [lon, lat] = [random() * 340 - 170, random() * 140 - 70];
      const a = polygon(star(random, lon, lat, { radiusM: 60, vertices: 3 + Math.floor(random() * 20) }));
      const [east, north] = [(random() * 200) / 111_320, (random() * 200) / 111_320];
      const b =
        i % 3 === 0
          ? point(lon + east, lat + north)
          : polygon(star(random, lon + east, lat + north, { radiusM: 60, vertices: 12 }));
      const { shapes } = ours(a, b);
      const boxes = shapes.boxes;
      const middle = (Math.max(boxes[1]!, boxes[5]!) + Math.min(boxes[3]!, boxes[7]!)) / 2;
      const { gap } = await geos(a, b, middle);
      const found = gapMetres(shapes, 0, 1, 150);
      if (gap > 150) expect(found).toBe(Infinity);
      else expect(Math.abs(found - gap)).toBeLessThan(1e-6);
    }
  });

  it('are 0 for what lies inside, and beyond the limit unknown', () => {
    const ring = polygon(star(randomOf(6), 0, 0, { radiusM: 500, vertices: 20, jitter: 0 }));
    expect(gapMetres(ours(ring, point(0, 0)).shapes, 0, 1, 10)).toBe(0);
    expect(gapMetres(ours(point(0, 0), ring).shapes, 0, 1, 10)).toBe(0);
    const hole = polygon(
      star(randomOf(6), 0, 0, { radiusM: 500, vertices: 20, jitter: 0 }),
      star(randomOf(6), 0, 0, { radiusM: 100, vertices: 20, jitter: 0 }),
    );
    expect(gapMetres(ours(hole, point(0, 0)).shapes, 0, 1, 10)).toBe(Infinity);
    expect(gapMetres(ours(hole, point(0, 0)).shapes, 0, 1, 200)).toBeCloseTo(98.1, 0);
  });
});
