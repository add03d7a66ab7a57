import { SAMPLE_SEED, fromLocalKilometres, localKilometres } from './scene.js';
import { seededRandom } from './random.js';

/** One solar farm: a rectangle turned about its centre, in kilometres from the sample's centre. */
export type Farm = {
  readonly id: number;
  readonly x: number;
  readonly y: number;
  readonly halfWidth: number;
  readonly halfHeight: number;
  readonly angle: number;
  readonly capacityKw: number;
};

/** Farms of 20 m to 400 m within `reachKm` of the centre; most are smaller than a few pixels, as rooftops are. */
export function makeFarms(count: number, reachKm: number): Farm[] {
  const random = seededRandom(SAMPLE_SEED);
  return Array.from({ length: count }, (_, index) => {
    const size = 0.01 * 20 ** random();
    const halfWidth = size;
    const halfHeight = size * (0.4 + 0.6 * random());
    return {
      id: 1000 + index,
      x: (2 * random() - 1) * reachKm,
      y: (2 * random() - 1) * reachKm,
      halfWidth,
      halfHeight,
      angle: random() * Math.PI,
      capacityKw: Math.round(halfWidth * halfHeight * 4e6 * 0.18),
    };
  });
}

/** GeoJSON of the farms, lon/lat. */
export function farmsGeoJson(farms: readonly Farm[]): string {
  const features = farms.map((farm) => ({
    type: 'Feature',
    id: farm.id,
    properties: { id: farm.id, capacity_kw: farm.capacityKw, kind: farm.halfWidth > 0.05 ? 'ground' : 'rooftop' },
    geometry: { type: 'Polygon', coordinates: [corners(farm)] },
  }));
  return `${JSON.stringify({ type: 'FeatureCollection', features })}\n`;
}

/** A test for "is this place under panels", quick through a grid of buckets of 1 km. */
export function farmIndex(farms: readonly Farm[]): (lon: number, lat: number) => boolean {
  const buckets = new Map<string, Farm[]>();
  for (const farm of farms) {
    for (const dx of [-1, 0, 1]) {
      for (const dy of [-1, 0, 1]) {
        const key = `${Math.floor(farm.x) + dx}/${Math.floor(farm.y) + dy}`;
        const list = buckets.get(key) ?? [];
        list.push(farm);
        buckets.set(key, list);
      }
    }
  }
  return (lon, lat) => {
    const { x, y } = localKilometres(lon, lat);
    const near = buckets.get(`${Math.floor(x)}/${Math.floor(y)}`);
    return near !== undefined && near.some((farm) => contains(farm, x, y));
  };
}

function contains({ x: cx, y: cy, angle, halfWidth, halfHeight }: Farm, x: number, y: number): boolean {
  const along = (x - cx) * Math.cos(angle) + (y - cy) * Math.sin(angle);
  const across = (y - cy) * Math.cos(angle) - (x - cx) * Math.sin(angle);
  return Math.abs(along) <= halfWidth && Math.abs(across) <= halfHeight;
}

/** Counter-clockwise ring (RFC 7946), rounded to about a centimetre. */
function corners({ x, y, angle, halfWidth, halfHeight }: Farm): number[][] {
  const signs = [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
    [-1, -1],
  ] as const;
  return signs.map(([sx, sy]) => {
    const [along, across] = [sx * halfWidth, sy * halfHeight];
    const { lon, lat } = fromLocalKilometres(
      x + along * Math.cos(angle) - across * Math.sin(angle),
      y + along * Math.sin(angle) + across * Math.cos(angle),
    );
    return [Number(lon.toFixed(7)), Number(lat.toFixed(7))];
  });
}
