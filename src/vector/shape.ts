import type { CrsTransform } from '../grid/transform.js';
import { unwrapPolygon } from './antimeridian.js';
import type { Geometry, PolygonRings, Ring } from './label.js';
import { coordinateArrays, unusable } from './raw-geometry.js';
import type { RawGeometry } from './raw-geometry.js';

/** A geometry in longitude and latitude whose rings are closed and have three distinct vertices; not yet known to be valid. */
export type Shape =
  | {
      readonly kind: 'shape';
      readonly geometry: Geometry;
      /** True where longitudes pass ±180: the geometry must be cut there. */
      readonly crosses: boolean;
      /** What was put right on the way, in words. */
      readonly fixes: readonly ShapeFix[];
    }
  | { readonly kind: 'unusable'; readonly reason: string };

/** What was repaired in a shape. */
export type ShapeFix = 'ring closed' | 'ring without area left out' | 'points and lines left out';

/** Rounding of a transform at the poles and the antimeridian, in degrees. */
const SLACK = 1e-9;

/** Bring a geometry to longitude and latitude and check every coordinate; `transform` leads there. */
export function prepareShape(raw: RawGeometry, transform: CrsTransform): Shape {
  if (raw.kind === 'unusable') return { kind: 'unusable', reason: raw.reason };
  const moved = toLonLat(raw, transform);
  if (moved.kind === 'unusable') return { kind: 'unusable', reason: moved.reason };
  if (moved.kind === 'points') return preparePoints(moved.points);
  return preparePolygons(moved.polygons, raw.isPart === true ? ['points and lines left out'] : []);
}

function toLonLat(geometry: Geometry, transform: CrsTransform): RawGeometry {
  for (const xy of coordinateArrays(geometry)) {
    for (let i = 0; i < xy.length; i++) if (!Number.isFinite(xy[i])) return unusable('a coordinate is not finite');
  }
  const move = (xy: Float64Array) => {
    const copy = Float64Array.from(xy);
    transform.transform(copy);
    return copy;
  };
  const moved: Geometry =
    geometry.kind === 'points'
      ? { kind: 'points', points: move(geometry.points) }
      : { kind: 'polygons', polygons: geometry.polygons.map((rings) => rings.map(move)) };
  for (const xy of coordinateArrays(moved)) {
    const fault = latitudeFault(xy);
    if (fault !== null) return unusable(fault);
  }
  return moved;
}

/** Latitudes are clamped by rounding; longitudes are looked at ring by ring. */
function latitudeFault(xy: Float64Array): string | null {
  for (let i = 0; i < xy.length; i += 2) {
    const lat = xy[i + 1]!;
    if (Number.isNaN(lat) || Number.isNaN(xy[i]!))
      return 'a coordinate lies outside the domain of its reference system';
    if (Math.abs(lat) > 90 + SLACK) return `latitude outside -90 to 90: ${lat}`;
    if (Math.abs(lat) > 90) xy[i + 1] = Math.sign(lat) * 90;
    if (Math.abs(xy[i]!) > 180 && Math.abs(xy[i]!) <= 180 + SLACK) xy[i] = Math.sign(xy[i]!) * 180;
  }
  return null;
}

function preparePoints(points: Float64Array): Shape {
  for (let i = 0; i < points.length; i += 2) {
    if (Math.abs(points[i]!) > 180) return { kind: 'unusable', reason: `longitude outside -180 to 180: ${points[i]!}` };
  }
  return { kind: 'shape', geometry: { kind: 'points', points }, crosses: false, fixes: [] };
}

function preparePolygons(polygons: readonly PolygonRings[], done: readonly ShapeFix[]): Shape {
  const fixes = new Set(done);
  const parts: PolygonRings[] = [];
  let crosses = false;
  for (const polygon of polygons) {
    const rings = cleanRings(polygon, fixes);
    if (rings.length === 0) continue;
    const part = unwrapPolygon(rings);
    if (part.kind === 'unusable') return part;
    crosses ||= part.crosses;
    parts.push(part.rings);
  }
  if (parts.length === 0) return { kind: 'unusable', reason: 'no ring has three distinct vertices' };
  return { kind: 'shape', geometry: { kind: 'polygons', polygons: parts }, crosses, fixes: [...fixes] };
}

/** Closed rings of three distinct vertices or more; nothing where the outer ring is not one. */
function cleanRings(polygon: PolygonRings, fixes: Set<ShapeFix>): Ring[] {
  const rings: Ring[] = [];
  for (const [index, ring] of polygon.entries()) {
    const clean = cleanRing(ring, fixes);
    if (clean !== null) rings.push(clean);
    else fixes.add('ring without area left out');
    if (clean === null && index === 0) return [];
  }
  return rings;
}

/** Without vertices that repeat the one before, the ring itself where none does; null where fewer than three are left. */
function cleanRing(ring: Ring, fixes: Set<ShapeFix>): Ring | null {
  if (isClean(ring)) return ring;
  const kept = new Float64Array(ring.length + 2);
  let length = 0;
  for (let i = 0; i < ring.length; i += 2) {
    const [x, y] = [ring[i]!, ring[i + 1]!];
    if (length > 0 && kept[length - 2] === x && kept[length - 1] === y) continue;
    kept[length++] = x;
    kept[length++] = y;
  }
  const closed = length > 2 && kept[0] === kept[length - 2] && kept[1] === kept[length - 1];
  if (length / 2 - Number(closed) < 3) return null;
  if (!closed) {
    fixes.add('ring closed');
    kept[length++] = kept[0]!;
    kept[length++] = kept[1]!;
  }
  return kept.slice(0, length);
}

/** Closed, with three vertices or more, and none like the one before. */
function isClean(ring: Ring): boolean {
  const { length } = ring;
  if (length < 8 || ring[0] !== ring[length - 2] || ring[1] !== ring[length - 1]) return false;
  for (let i = 2; i < length; i += 2) if (ring[i] === ring[i - 2] && ring[i + 1] === ring[i - 1]) return false;
  return true;
}
