import { cellToBoundary, cellToLatLng, getPentagons } from 'h3-js';
import { describe, expect, it } from 'vitest';
import { BoxTree } from '../../src/sites/candidates.js';
import { CellIndex } from '../../src/sites/cell-index.js';
import { deduplicate } from '../../src/sites/deduplicate.js';
import { ShapeCollector, type FlatShapes } from '../../src/sites/flat-shapes.js';
import { DEFAULT_RULES, type SiteFeature } from '../../src/sites/site-feature.js';
import { h3Cell } from '../../src/vector/h3-cover.js';
import type { Geometry } from '../../src/vector/label.js';
import { seeded } from '../vector/mutate.js';
import { box, feature, point, polygon, star } from './shapes.js';

const METRE = 1 / 111_320;

type Place = readonly [lon: number, lat: number];

/** Where indices go wrong: poles, the antimeridian, corners of cells, a pentagon, and a plain place. */
const PLACES: readonly Place[] = [
  [0, 90],
  [77, -90],
  [180, 12],
  [-180, -45],
  [180, 90],
  lonLat(cellToBoundary(h3Cell(10, 50, 9).toString(16))[0]!),
  lonLat(cellToBoundary(h3Cell(-100, 40, 3).toString(16))[2]!),
  lonLat(cellToLatLng(getPentagons(9)[4]!)),
  [8.5, 47.2],
];

function lonLat([lat, lon]: readonly number[]): Place {
  return [lon!, lat!];
}

function shapesOf(geometries: readonly Geometry[]): FlatShapes {
  const collector = new ShapeCollector();
  for (const geometry of geometries) collector.add(geometry);
  return collector.finish();
}

/** A box within the world; one across the antimeridian is cut there. */
function boxAt(west: number, south: number, width: number, height: number): Geometry {
  const [ymin, ymax] = [Math.max(-90, south), Math.min(90, south + height)];
  if (west + width <= 180) return { kind: 'polygons', polygons: [box(west, ymin, west + width, ymax)] };
  return {
    kind: 'polygons',
    polygons: [box(west, ymin, 180, ymax), box(-180, ymin, west + width - 360, ymax)],
  };
}

/** Points and boxes of all sizes around a place; distances of `spread` degrees. */
function around(random: () => number, [lon, lat]: Place, count: number, spread: number): Geometry[] {
  return Array.from({ length: count }, (_, i) => {
    const y = Math.max(-90, Math.min(90, lat + spread * (random() - 0.5)));
    const wide = Math.abs(lat) === 90 ? 360 : spread;
    let x = lon + wide * (random() - 0.5);
    if (x > 180) x -= 360;
    if (x < -180) x += 360;
    if (i % 4 === 0) return point(x, y);
    const size = spread * 10 ** (-4 + 4.5 * random());
    return boxAt(x, Math.min(y, 90 - 1e-9), Math.min(size, 100), Math.min(size * random() + 1e-9, 60));
  });
}

describe('an index by H3 cells', () => {
  it('finds what the R-tree finds: at poles, the antimeridian, borders of cells and pentagons, at all resolutions', () => {
    const random = seeded(51);
    let [found, turn] = [0, 0];
    for (const place of PLACES) {
      for (const spread of [1e-5, 1e-3, 0.05, 3]) {
        const shapes = shapesOf(around(random, place, 24, spread));
        const isWanted = (i: number) => i % 5 !== 1;
        const tree = new BoxTree(shapes, isWanted);
        for (const resolution of [9, [0, 4, 12, 15][turn++ % 4]!]) {
          const cells = new CellIndex(shapes, isWanted, resolution);
          for (const reachM of [[0, 20][turn % 2]!, [1, 190, 5000][turn % 3]!]) {
            for (let i = 0; i < shapes.count; i++) {
              const expected = tree.near(i, reachM);
              found += expected.length;
              expect(cells.near(i, reachM)).toEqual(expected);
            }
          }
        }
      }
    }
    expect(found).toBeGreaterThan(5000);
  });

  it('meets small and huge boxes with each other, and keeps few cells of the huge ones', () => {
    const random = seeded(52);
    const huge = Array.from({ length: 300 }, () =>
      boxAt(-180 + 300 * random(), -80 + 100 * random(), 1 + 59 * random(), 1 + 50 * random()),
    );
    const small = Array.from({ length: 700 }, () => point(-180 + 360 * random(), -80 + 160 * random()));
    const shapes = shapesOf([...huge, ...small, boxAt(-180, -90, 359.9, 180)]);
    const tree = new BoxTree(shapes, () => true);
    const cells = new CellIndex(shapes, () => true, 15);
    for (let i = 0; i < shapes.count; i++) expect(cells.near(i, 100)).toEqual(tree.near(i, 100));
  });

  it('finds boxes that meet along a line or in a point, where a cover may graze a cell', () => {
    const corner = PLACES[5]!;
    const shapes = shapesOf([
      boxAt(corner[0] - 0.001, corner[1] - 0.001, 0.001, 0.001),
      boxAt(corner[0], corner[1], 0.001, 0.001),
      boxAt(corner[0], corner[1] - 0.0005, 0.001, 0.0005),
      point(...corner),
    ]);
    const cells = new CellIndex(shapes, () => true, 9);
    const tree = new BoxTree(shapes, () => true);
    for (let i = 0; i < 4; i++) expect(cells.near(i, 0)).toEqual(tree.near(i, 0));
    expect(cells.near(3, 0)).toEqual([0, 1, 2, 3]);
  });

  it('refuses what is no resolution', () => {
    const rules = { ...DEFAULT_RULES, candidates: 'h3' as const };
    for (const h3Resolution of [-1, 16, 9.5, Number.NaN])
      expect(() => deduplicate([feature('a', point(0, 0))], { ...rules, h3Resolution })).toThrow(/H3 resolution/);
  });
});

describe('sites by H3 cells', () => {
  it('are those by the R-tree, everywhere', () => {
    for (const [n, place] of PLACES.entries()) {
      const features = plants(seeded(60 + n), place);
      const expected = deduplicate(features);
      expect(expected.pairs.length).toBeGreaterThan(30);
      for (const h3Resolution of [4, 9, 12]) {
        expect(deduplicate(features, { ...DEFAULT_RULES, candidates: 'h3', h3Resolution })).toEqual(expected);
      }
    }
  });
});

/** Plants smaller than a cell and larger than many, their copies, parts and points, around a place. */
function plants(random: () => number, [lon, lat]: Place): SiteFeature[] {
  // Beside a pole: rings that hold it are no polygons in lon/lat.
  const y = lat === 90 ? 89.95 : lat === -90 ? -89.95 : lat;
  const scale = Math.cos((y * Math.PI) / 180);
  const features: SiteFeature[] = [];
  const add = (geometry: Geometry, dataset: string, priority: number) =>
    features.push(feature(`${dataset}${features.length}`, geometry, { dataset, priority, capacityMw: priority }));
  for (let i = 0; i < 40; i++) {
    const [dx, dy] = [(3000 * (random() - 0.5) * METRE) / scale, 3000 * (random() - 0.5) * METRE];
    const radiusM = i === 0 ? 4000 : 3 * 10 ** (2.2 * random());
    const ring = star(random, lon + dx, y + dy, { radiusM, vertices: 4 + Math.floor(random() * 12) });
    const east = ring.map((value, k) => (k % 2 === 0 ? value + (4 * METRE * random()) / scale : value));
    add(inWorld(ring), 'a', 1);
    if (random() < 0.7) add(inWorld(east), 'b', 2);
    if (random() < 0.5) add(inWorld(star(random, lon + dx, y + dy, { radiusM: radiusM / 3, vertices: 5 })), 'b', 2);
    const x = lon + dx + (radiusM * METRE * 1.2) / scale;
    if (random() < 0.7) add(point(x > 180 ? x - 360 : x < -180 ? x + 360 : x, y + dy), 'c', 3);
  }
  return features;
}

/** A ring brought to one side of the antimeridian or, where it is on both, cut into the parts of its halves. */
function inWorld(ring: Float64Array): Geometry {
  const lons = ring.filter((_, i) => i % 2 === 0);
  const [west, east] = [Math.min(...lons), Math.max(...lons)];
  const turn = (degrees: number) => ring.map((value, i) => (i % 2 === 0 ? value + degrees : value));
  if (west >= -180 && east <= 180) return polygon(ring);
  if (west > 180) return polygon(turn(-360));
  if (east < -180) return polygon(turn(360));
  // Clamping keeps what is inside valid enough for a measure of boxes and areas: the cut lies on the meridian.
  const moved = west < -180 ? turn(360) : ring;
  const left = moved.map((value, i) => (i % 2 === 0 ? Math.min(180, value) : value));
  const right = moved.map((value, i) => (i % 2 === 0 ? Math.max(180, value) - 360 : value));
  return { kind: 'polygons', polygons: [[left], [right]] };
}
