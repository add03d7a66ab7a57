import type { Bounds } from '../grid/affine.js';
import type { PolygonRings, Ring } from './label.js';
import { boundsOf } from './ring-maths.js';

/**
 * The part of a polygon inside a box (Sutherland–Hodgman). A part that falls into several pieces stays one ring whose
 * pieces are joined along the box's edge: area and coverage inside the box are right, validity is not kept.
 */
export function clipPolygon(polygon: PolygonRings, box: Bounds): PolygonRings | null {
  const bounds = boundsOf(polygon[0]!);
  if (bounds.xmin >= box.xmin && bounds.xmax <= box.xmax && bounds.ymin >= box.ymin && bounds.ymax <= box.ymax)
    return polygon;
  const [outer, ...holes] = polygon.map((ring) => clipRing(ring, box));
  if (outer === undefined || outer.length < 8) return null;
  return [outer, ...holes.filter((hole) => hole.length >= 8)];
}

function clipRing(ring: Ring, box: Bounds): Ring {
  let clipped = clipSide(ring, 0, 1, box.xmin);
  clipped = clipSide(clipped, 0, -1, box.xmax);
  clipped = clipSide(clipped, 1, 1, box.ymin);
  return clipSide(clipped, 1, -1, box.ymax);
}

/** Keep the side of `axis` (0: x, 1: y) where sign × (value − limit) >= 0. Closed ring in, closed ring or nothing out. */
function clipSide(ring: Ring, axis: 0 | 1, sign: 1 | -1, limit: number): Ring {
  const kept: number[] = [];
  for (let i = 0; i + 3 < ring.length; i += 2) {
    const from = sign * (ring[i + axis]! - limit);
    const to = sign * (ring[i + 2 + axis]! - limit);
    if (from >= 0) kept.push(ring[i]!, ring[i + 1]!);
    if (from >= 0 === to >= 0) continue;
    const t = from / (from - to);
    const other = ring[i + 1 - axis]! + t * (ring[i + 3 - axis]! - ring[i + 1 - axis]!);
    if (axis === 0) kept.push(limit, other);
    else kept.push(other, limit);
  }
  if (kept.length > 0) kept.push(kept[0]!, kept[1]!);
  return Float64Array.from(kept);
}
