import type { Bounds } from '../grid/affine.js';
import type { PolygonRings, Ring } from './label.js';
import { boundsIntersect, boundsOf, doubleSignedArea, locateInRing } from './ring-maths.js';

type Outer = { readonly ring: Ring; readonly bounds: Bounds; readonly area: number; readonly holes: Ring[] };

/**
 * Sort the rings of a shapefile polygon into outer rings (clockwise) and holes (counter-clockwise). A hole goes to the
 * smallest outer ring around it; one that is inside none becomes an outer ring, as writers get the order wrong.
 */
export function organiseRings(rings: readonly Ring[]): PolygonRings[] {
  if (rings.length === 1) return [[rings[0]!]];
  const outers: Outer[] = [];
  const holes: Ring[] = [];
  for (const ring of rings) {
    const area = doubleSignedArea(ring);
    if (area > 0) holes.push(ring);
    else outers.push({ ring, bounds: boundsOf(ring), area: -area, holes: [] });
  }
  outers.sort((a, b) => a.area - b.area);
  const orphans: PolygonRings[] = [];
  for (const hole of holes) {
    const bounds = boundsOf(hole);
    const outer = outers.find(
      (candidate) => boundsIntersect(candidate.bounds, bounds) && isInside(hole, candidate.ring),
    );
    if (outer === undefined) orphans.push([hole]);
    else outer.holes.push(hole);
  }
  return [...outers.map(({ ring, holes: inner }) => [ring, ...inner]), ...orphans];
}

/** Decided by the first vertex that is not on the outer ring; a hole that lies on it entirely counts as inside. */
function isInside(hole: Ring, outer: Ring): boolean {
  for (let i = 0; i < hole.length; i += 2) {
    const place = locateInRing(outer, hole[i]!, hole[i + 1]!);
    if (place !== 0) return place === 1;
  }
  return true;
}
