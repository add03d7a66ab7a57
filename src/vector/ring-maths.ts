import type { Bounds } from '../grid/affine.js';
import type { PolygonRings, Ring } from './label.js';

/** Twice the planar signed area of a ring, open or closed: positive when counter-clockwise with y up. */
export function doubleSignedArea(ring: Ring): number {
  const count = ring.length / 2;
  if (count < 3) return 0;
  const x0 = ring[0]!; // relative to the first vertex: small rings far from the origin keep their digits
  const y0 = ring[1]!;
  let sum = 0;
  for (let i = 1; i + 1 < count; i++) {
    const ax = ring[2 * i]! - x0;
    const ay = ring[2 * i + 1]! - y0;
    sum += ax * (ring[2 * i + 3]! - y0) - (ring[2 * i + 2]! - x0) * ay;
  }
  return sum;
}

/** Box of flat x, y coordinates; of none: xmin is Infinity. */
export function boundsOf(...arrays: readonly Float64Array[]): Bounds {
  let [xmin, ymin, xmax, ymax] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const xy of arrays) {
    for (let i = 0; i < xy.length; i += 2) {
      const x = xy[i]!;
      const y = xy[i + 1]!;
      if (x < xmin) xmin = x;
      if (x > xmax) xmax = x;
      if (y < ymin) ymin = y;
      if (y > ymax) ymax = y;
    }
  }
  return { xmin, ymin, xmax, ymax };
}

/** Whether two boxes share a point, edges included. */
export function boundsIntersect(a: Bounds, b: Bounds): boolean {
  return a.xmin <= b.xmax && b.xmin <= a.xmax && a.ymin <= b.ymax && b.ymin <= a.ymax;
}

/** Where a point lies: 1 inside the ring, 0 on its boundary (exactly), -1 outside. The ring may be open or closed. */
export function locateInRing(ring: Ring, x: number, y: number): 1 | 0 | -1 {
  const count = ring.length / 2;
  let inside = false;
  for (let i = 0, j = count - 1; i < count; j = i++) {
    const ax = ring[2 * j]!;
    const ay = ring[2 * j + 1]!;
    const bx = ring[2 * i]!;
    const by = ring[2 * i + 1]!;
    const cross = (bx - ax) * (y - ay) - (x - ax) * (by - ay);
    if (cross === 0 && between(ax, x, bx) && between(ay, y, by)) return 0;
    if (ay > y !== by > y && cross > 0 === by > ay) inside = !inside;
  }
  return inside ? 1 : -1;
}

/** Where a point lies in a polygon with holes: 1 inside, 0 on a boundary, -1 outside. */
export function locateInPolygon(polygon: PolygonRings, x: number, y: number): 1 | 0 | -1 {
  const [outer, ...holes] = polygon;
  if (outer === undefined) return -1;
  const place = locateInRing(outer, x, y);
  if (place < 1) return place;
  for (const hole of holes) {
    const inHole = locateInRing(hole, x, y);
    if (inHole === 0) return 0;
    if (inHole === 1) return -1;
  }
  return 1;
}

/** The ring in the other direction, as a copy. */
export function reversedRing(ring: Ring): Ring {
  const reversed = new Float64Array(ring.length);
  for (let i = 0, j = ring.length - 2; i < ring.length; i += 2, j -= 2) {
    reversed[i] = ring[j]!;
    reversed[i + 1] = ring[j + 1]!;
  }
  return reversed;
}

function between(a: number, value: number, b: number): boolean {
  return (a <= value && value <= b) || (b <= value && value <= a);
}
