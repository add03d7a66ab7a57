import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crsModel, parseCrs } from '../../src/grid/crs-definition.js';
import type { Crs } from '../../src/grid/crs.js';
import { EPSG_TABLE } from '../../src/grid/epsg-table.js';
import { projectionSide } from '../../src/grid/proj-string.js';
import { createTransform } from '../../src/grid/transform.js';
import { nativeProjectPoints } from '../../src/native/project.js';
import type { ProjectionSide, ProjectPoints } from '../../src/native/projection-side.js';
import { projectPointsTwin } from '../../src/native/twin/project.js';
import { MODIS_WKT, PROJ_VALUES } from '../grid/proj-values.js';

const native = nativeProjectPoints();
const implementations: readonly (readonly [string, ProjectPoints])[] = [
  ['twin', projectPointsTwin],
  ...(native === null ? [] : ([['addon', native]] as const)),
];
const LON_LAT = parseCrs('EPSG:4326');
/** Metres in one unit of an axis, for distances. */
const scaleOf = (crs: Crs): number => {
  const model = crsModel(crs);
  return model.kind === 'geographic' ? 6_371_000 * model.unit.factor : model.unit.factor;
};

describe.each(implementations)('projections by the %s', (_, points) => {
  const run = (from: Crs, to: Crs, xy: readonly number[]): number[] => {
    const array = Float64Array.from(xy);
    createTransform(from, to, points).transform(array);
    return [...array];
  };

  it.each(PROJ_VALUES)(
    'EPSG:%i at %f, %f is within 1 mm of PROJ, both ways',
    (code, lon, lat, x, y, backLon, backLat) => {
      const crs = parseCrs(code);
      const [foundX = NaN, foundY = NaN] = run(LON_LAT, crs, [lon, lat]);
      expect(Math.hypot(foundX - x, foundY - y) * scaleOf(crs)).toBeLessThan(1e-3);
      const [foundLon = NaN, foundLat = NaN] = run(crs, LON_LAT, [x, y]);
      const east = (foundLon - backLon) * Math.cos((lat * Math.PI) / 180);
      expect(Math.hypot(east, foundLat - backLat) * 111_195).toBeLessThan(1e-3);
    },
  );

  it('transforms between datums and through the sphere of Web Mercator', () => {
    const close = (found: readonly number[], expected: readonly number[]): void =>
      found.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-3));
    close(run(parseCrs(32633), parseCrs(3035), [500000, 5200000]), [4701612.377047627, 2661727.4068675744]);
    close(run(parseCrs(27700), parseCrs(3857), [530000, 180000]), [-14288.295295484671, 6710932.763391882]);
    close(run(parseCrs(2056), parseCrs(25832), [2600000, 1200000]), [381188.815114688, 5200911.299273221]);
    close(run(parseCrs(5514), parseCrs(3857), [-740000, -1040000]), [1609059.9652625092, 6466691.4628845]);
  });

  it('MODIS: the sphere is taken as it is, and what lies outside the map is NaN', () => {
    const modis = parseCrs(MODIS_WKT);
    const [x = NaN, y = NaN] = run(LON_LAT, modis, [-119, -33.3]);
    expect(x).toBeCloseTo(-11059579.5157878, 3);
    expect(y).toBeCloseTo(-3702795.2308225217, 3);
    // The corner of tile h35v00: beyond 180 degrees at that latitude.
    expect(run(modis, LON_LAT, [19_000_000, 9_500_000])).toEqual([NaN, NaN]);
  });

  it('points without a place are NaN and leave their neighbours alone', () => {
    const [a, b, c, d, e, f] = run(LON_LAT, parseCrs(32633), [15, 48, 15, 95, 15.5, 48.5]);
    expect([c, d]).toEqual([NaN, NaN]);
    expect([a, b, e, f].every(Number.isFinite)).toBe(true);
    expect(run(parseCrs(3035), LON_LAT, [5e7, 5e7])).toEqual([NaN, NaN]);
    expect(run(LON_LAT, parseCrs(3857), [0, 90])).toEqual([NaN, NaN]);
    expect(run(LON_LAT, parseCrs(32633), [NaN, 1, Infinity, 2])).toEqual([NaN, NaN, NaN, NaN]);
  });

  it('hostile coordinates end, in a number or NaN', () => {
    const systems = [32633, 3035, 3857, 6933, 5070, 3031, 27700, 5514, 28992, 2056, 4326].map((code) => parseCrs(code));
    fc.assert(
      fc.property(
        fc.constantFrom(...systems),
        fc.constantFrom(...systems),
        fc.array(fc.double({ min: -1e12, max: 1e12 }), { minLength: 2, maxLength: 20 }),
        (from, to, xy) => {
          const found = run(from, to, xy.slice(0, xy.length - (xy.length % 2)));
          expect(found.every((value) => Number.isNaN(value) || Number.isFinite(value))).toBe(true);
        },
      ),
      { seed: 8, numRuns: 400 },
    );
  });

  it('there and back is the same place', () => {
    const systems = [32633, 3035, 3034, 6933, 31256, 27572].map((code) => parseCrs(code));
    const places = fc.tuple(fc.double({ min: 2, max: 20, noNaN: true }), fc.double({ min: 42, max: 54, noNaN: true }));
    fc.assert(
      fc.property(fc.constantFrom(...systems), places, (crs, place) => {
        const back = run(crs, LON_LAT, run(LON_LAT, crs, place));
        // Heights count as 0 on both datums, which leaves a few millimetres.
        back.forEach((value, i) => expect(Math.abs(value - place[i]!)).toBeLessThan(1e-7));
      }),
      { seed: 9, numRuns: 200 },
    );
  });

  it('every UTM zone has its central meridian at 500 km', () => {
    for (let zone = 1; zone <= 60; zone++) {
      const lon = 6 * zone - 183;
      const [north, south] = [32600, 32700].map((first) => run(LON_LAT, parseCrs(first + zone), [lon, 0]));
      [500_000, 0].forEach((value, i) => expect(north![i]).toBeCloseTo(value, 6));
      [500_000, 10_000_000].forEach((value, i) => expect(south![i]).toBeCloseTo(value, 6));
    }
  });

  it('every projected system of the table can be set up', () => {
    const codes = EPSG_TABLE.split('\n\n')[5]!
      .split('\n')
      .map((line) => Number(line.split('|')[0]));
    expect(codes.length).toBeGreaterThan(5000);
    const empty = new Float64Array(0);
    for (const code of codes) {
      const side = projectionSide(crsModel({ kind: 'epsg', code }));
      expect(points(empty, side, side), `EPSG:${code}`).toBe('ok');
    }
  });

  it('unusable sides are named and touch nothing', () => {
    const good = projectionSide(crsModel(parseCrs(32633)));
    const bad: ProjectionSide = { ...good, projection: '+proj=nonsense' };
    const xy = Float64Array.of(1, 2);
    expect(points(xy, bad, good)).toBe('bad-source');
    expect(points(xy, good, bad)).toBe('bad-target');
    expect(points(xy, good, { ...good, unit: NaN })).toBe('bad-target');
    expect(points(xy, { ...good, ellipsoid: { semiMajor: -1, inverseFlattening: 300 } }, good)).toBe('bad-source');
    expect(points(new Float64Array(3), good, good)).toBe('bad-length');
    expect([...xy]).toEqual([1, 2]);
  });
});

describe.skipIf(native === null)('addon and twin', () => {
  it('agree on points that lie across several blocks', () => {
    const [from, to] = [parseCrs(32633), parseCrs(3035)];
    const grid = Float64Array.from({ length: 4000 }, (_, i) => (i % 2 === 0 ? 300_000 + 97 * i : 5_000_000 + 131 * i));
    const [a, b] = [grid.slice(), grid.slice()];
    createTransform(from, to, projectPointsTwin).transform(a);
    createTransform(from, to, native!).transform(b);
    a.forEach((value, i) => expect(Math.abs(value - b[i]!)).toBeLessThan(1e-3));
  });
});
