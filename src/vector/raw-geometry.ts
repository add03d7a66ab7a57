import type { Geometry, PolygonRings, Ring } from './label.js';

/** A geometry as a file holds it: flat x, y in the file's CRS, third and fourth coordinates left out. Rings may be open or invalid. */
export type RawGeometry =
  | (Geometry & {
      /** True where points or lines beside the polygons are left out. */
      readonly isPart?: boolean;
    })
  /** Nothing that a label can be made of; `reason` is what the quarantine says. */
  | { readonly kind: 'unusable'; readonly reason: string };

/** The reason of a geometry that has nothing in it. */
export const EMPTY = 'empty geometry';

/** A record without usable geometry. */
export function unusable(reason: string): RawGeometry {
  return { kind: 'unusable', reason };
}

/** The polygons of a geometry, or that it is empty. */
export function polygonsOrEmpty(polygons: readonly PolygonRings[]): RawGeometry {
  const filled = polygons.filter((polygon) => polygon.length > 0 && polygon[0]!.length > 0);
  return filled.length === 0 ? unusable(EMPTY) : { kind: 'polygons', polygons: filled };
}

/** The points of a geometry, or that it is empty. */
export function pointsOrEmpty(points: Float64Array): RawGeometry {
  return points.length === 0 ? unusable(EMPTY) : { kind: 'points', points };
}

/** What a collection is worth: its polygons where it has any; lines and points beside them have no area and are left out. */
export function mergeCollection(members: readonly RawGeometry[]): RawGeometry {
  const polygons: PolygonRings[] = [];
  for (const member of members) if (member.kind === 'polygons') for (const part of member.polygons) polygons.push(part);
  if (polygons.length > 0) return { kind: 'polygons', polygons, ...(members.some(hasOther) ? { isPart: true } : {}) };
  if (members.length === 0) return unusable(EMPTY);
  return unusable('a geometry collection without polygons');
}

/** Whether a geometry has nothing in it. */
export function isEmpty(geometry: RawGeometry): boolean {
  return geometry.kind === 'unusable' && geometry.reason === EMPTY;
}

/** Whether a member has more than polygons. */
function hasOther(member: RawGeometry): boolean {
  return member.kind === 'polygons' ? member.isPart === true : !isEmpty(member);
}

/** Every coordinate array of a geometry: its rings, or its points. The arrays are the geometry's own. */
export function coordinateArrays(geometry: Geometry): Float64Array[] {
  if (geometry.kind === 'points') return [geometry.points];
  const arrays: Ring[] = [];
  for (const polygon of geometry.polygons) for (const ring of polygon) arrays.push(ring);
  return arrays;
}
