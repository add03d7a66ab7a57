import { writeFile } from 'node:fs/promises';
import { createTransform } from '../../src/grid/transform.js';
import { seededRandom } from '../../src/sample/random.js';
import { EPSG, ORIGIN, PIXEL } from './sizes.js';

/** Radius in pixels: polygons are 20 to 60 across. */
const RADIUS = { least: 10, most: 30 } as const;
const CORNERS = { least: 4, most: 40 } as const;

export type PolygonSet = {
  readonly count: number;
  /** Side of the square from the origin that they are spread over, in pixels. */
  readonly side: number;
  readonly seed: number;
};

/** Seeded star-shaped polygons, as GeoJSON in lon/lat (`path`.geojson) and in the rasters' metres (`path`-utm.json). */
export async function writePolygons(path: string, { count, side, seed }: PolygonSet): Promise<void> {
  const random = seededRandom(seed);
  const rings = Array.from({ length: count }, () => starRing(random, side));
  const feature = (ring: Float64Array, index: number) => {
    const points = Array.from({ length: ring.length / 2 }, (_, i) => [ring[2 * i]!, ring[2 * i + 1]!]);
    return { type: 'Feature', properties: { id: index + 1 }, geometry: { type: 'Polygon', coordinates: [points] } };
  };
  const collection = () => JSON.stringify({ type: 'FeatureCollection', features: rings.map(feature) });
  await writeFile(`${path}-utm.json`, collection());
  const toLonLat = createTransform({ kind: 'epsg', code: EPSG }, { kind: 'epsg', code: 4326 });
  for (const ring of rings) toLonLat.transform(ring);
  await writeFile(`${path}.geojson`, collection());
}

function starRing(random: () => number, side: number): Float64Array {
  const between = (least: number, most: number) => least + random() * (most - least);
  const radius = between(RADIUS.least, RADIUS.most);
  const place = () => between(RADIUS.most + 1, side - RADIUS.most - 1);
  const centre = { col: place(), row: place() };
  const corners = Math.floor(between(CORNERS.least, CORNERS.most + 1));
  const ring = new Float64Array(2 * corners + 2);
  for (let i = 0; i < corners; i++) {
    // GeoJSON rings go counterclockwise, which angles do where y points up.
    const angle = (2 * Math.PI * i) / corners;
    const reach = radius * between(0.6, 1);
    ring[2 * i] = ORIGIN.x + PIXEL * (centre.col + reach * Math.cos(angle));
    ring[2 * i + 1] = ORIGIN.y - PIXEL * (centre.row - reach * Math.sin(angle));
  }
  ring.copyWithin(2 * corners, 0, 2);
  return ring;
}
