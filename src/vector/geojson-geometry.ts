import type { Json } from '../stac/item.js';
import type { PolygonRings } from './label.js';
import { EMPTY, mergeCollection, pointsOrEmpty, polygonsOrEmpty, unusable } from './raw-geometry.js';
import type { RawGeometry } from './raw-geometry.js';

/** Collections inside collections; RFC 7946 §3.1.8 advises against any. */
const MAX_DEPTH = 16;

/** Read a GeoJSON geometry (RFC 7946 §3.1). Altitudes are dropped. What cannot be a label is `unusable`; it never throws. */
export function parseGeoJsonGeometry(json: Json | undefined, depth = 0): RawGeometry {
  if (json === null || json === undefined) return unusable('no geometry');
  if (!isObject(json)) return unusable('the geometry is not an object');
  const { type, coordinates } = json;
  switch (type) {
    case 'Point':
      return points([coordinates]);
    case 'MultiPoint':
      return points(coordinates);
    case 'Polygon':
      return polygons([coordinates]);
    case 'MultiPolygon':
      return polygons(coordinates);
    case 'GeometryCollection':
      return collection(json['geometries'], depth);
    case 'LineString':
    case 'MultiLineString':
      return unusable(`${type} has no area`);
    default:
      return unusable('unknown geometry type');
  }
}

/** Whether a JSON value is an object: no array and not null. */
export function isObject(json: Json | undefined): json is { readonly [key: string]: Json } {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function collection(geometries: Json | undefined, depth: number): RawGeometry {
  if (!Array.isArray(geometries)) return unusable('a geometry collection without geometries');
  if (depth > MAX_DEPTH) return unusable('geometry collections nested too deep');
  return mergeCollection(geometries.map((member: Json) => parseGeoJsonGeometry(member, depth + 1)));
}

function points(list: Json | readonly (Json | undefined)[] | undefined): RawGeometry {
  if (Array.isArray(list) && list.length === 1 && Array.isArray(list[0]) && list[0].length === 0)
    return unusable(EMPTY);
  const xy = positions(list);
  return xy === null ? unusable('coordinates are not numbers') : pointsOrEmpty(xy);
}

function polygons(list: Json | readonly (Json | undefined)[] | undefined): RawGeometry {
  if (!Array.isArray(list)) return unusable('coordinates are not numbers');
  const parts: PolygonRings[] = [];
  for (const polygon of list) {
    if (!Array.isArray(polygon)) return unusable('coordinates are not numbers');
    const rings: Float64Array[] = [];
    for (const ring of polygon) {
      const xy = positions(ring);
      if (xy === null) return unusable('coordinates are not numbers');
      rings.push(xy);
    }
    parts.push(rings);
  }
  return polygonsOrEmpty(parts);
}

/** A list of positions as flat x, y; null where one is not two numbers or more. */
function positions(list: Json | readonly (Json | undefined)[] | undefined): Float64Array | null {
  if (!Array.isArray(list)) return null;
  const xy = new Float64Array(list.length * 2);
  for (let i = 0; i < list.length; i++) {
    const position: unknown = list[i];
    if (!Array.isArray(position)) return null;
    const [x, y]: unknown[] = position;
    if (typeof x !== 'number' || typeof y !== 'number') return null;
    xy[2 * i] = x;
    xy[2 * i + 1] = y;
  }
  return xy;
}
