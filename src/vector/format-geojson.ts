import type { Json } from '../stac/item.js';
import type { Geometry, Ring } from './label.js';

/** The GeoJSON geometry (RFC 7946) of polygons or points: single where there is one part, else Multi. */
export function formatGeoJson(geometry: Geometry): Json {
  if (geometry.kind === 'points') {
    const points = pairs(geometry.points);
    return points.length === 1
      ? { type: 'Point', coordinates: points[0]! }
      : { type: 'MultiPoint', coordinates: points };
  }
  const polygons = geometry.polygons.map((rings) => rings.map(pairs));
  return polygons.length === 1
    ? { type: 'Polygon', coordinates: polygons[0]! }
    : { type: 'MultiPolygon', coordinates: polygons };
}

function pairs(ring: Ring): number[][] {
  return Array.from({ length: ring.length / 2 }, (_, i) => [ring[2 * i]!, ring[2 * i + 1]!]);
}
