import type { Bounds } from '../grid/affine.js';
import type { PolygonRings, Ring } from './label.js';
import { boundsOf } from './ring-maths.js';

/** A polygon in continuous longitudes (they may pass 180), or why there is none. */
export type Unwrapped =
  | { readonly kind: 'polygon'; readonly rings: PolygonRings; readonly crosses: boolean }
  | { readonly kind: 'unusable'; readonly reason: string };

/** Wider than this no jump in longitude is a crossing: it is the polygon itself. */
const HALF_TURN = 180;
const QUARTER_TURN = 90;

/**
 * Make the longitudes of a polygon continuous. Files write a polygon across ±180° cut in two (RFC 7946 §3.1.9: nothing
 * to do), with a jump (179.9 then -179.9: the short way is meant), or beyond it (179.9 then 180.1). A ring whose jumps do
 * not cancel out goes around a pole, which longitude and latitude cannot bound. An edge along ±180° or a pole that
 * leads from one side of the map to the other is no jump.
 */
export function unwrapPolygon(rings: PolygonRings): Unwrapped {
  const [first, ...rest] = rings;
  if (first === undefined) return { kind: 'unusable', reason: 'empty geometry' };
  const outer = unwrapRing(first);
  if (outer.kind === 'unusable') return outer;
  const holes: Ring[] = [];
  for (const ring of rest) {
    const hole = unwrapRing(ring);
    if (hole.kind === 'unusable') return { ...hole, reason: `a hole: ${hole.reason}` };
    holes.push(movedInto(hole.ring, outer.box.xmin, outer.box.xmax));
  }
  const all = [outer.ring, ...holes];
  const box = boundsOf(...all); // an invalid hole may lie outside of its polygon
  return { kind: 'polygon', rings: all.map(withoutWideEdges), crosses: box.xmin < -HALF_TURN || box.xmax > HALF_TURN };
}

/** A longitude in -180 to 180. */
export function wrapLongitude(lon: number): number {
  if (lon >= -180 && lon <= 180) return lon;
  return ((((lon + 180) % 360) + 360) % 360) - 180;
}

/** The ring moved by whole turns, as a copy. */
export function shiftedRing(ring: Ring, degrees: number): Ring {
  const moved = Float64Array.from(ring);
  for (let i = 0; i < moved.length; i += 2) moved[i] = moved[i]! + degrees;
  return moved;
}

type UnwrappedRing =
  | { readonly kind: 'ring'; readonly ring: Ring; readonly box: Bounds }
  | { readonly kind: 'unusable'; readonly reason: string };

/** The ring itself where it has no jump. */
function unwrapRing(ring: Ring): UnwrappedRing {
  const continuous = hasJump(ring, isJump)
    ? (withoutJumps(ring, isJump) ?? withoutJumps(ring, isWide))
    : withoutJoints(ring);
  if (continuous === null) return { kind: 'unusable', reason: 'encloses a pole' };
  const box = boundsOf(continuous);
  if (inRange(box)) return { kind: 'ring', ring: continuous, box };
  return { kind: 'unusable', reason: `longitude outside -180 to 180: ${box.xmin} to ${box.xmax}` };
}

/**
 * Files whose rings were joined at the antimeridian (TopoJSON) cross it from a vertex at 180 to one at -180. That is a jump where the jumps
 * cancel out and the ring has any vertex elsewhere; else it is the edge of a band around the Earth.
 */
function withoutJoints(ring: Ring): Ring {
  if (!hasJump(ring, isWide) || ring.every((value, i) => i % 2 === 1 || isEdgeOfMap(value))) return ring;
  return withoutJumps(ring, isWide) ?? ring;
}

type IsJump = (a: number, b: number) => boolean;

/** Null where the jumps do not cancel out. */
function withoutJumps(ring: Ring, isJump: IsJump): Ring | null {
  const continuous = Float64Array.from(ring);
  let turns = 0;
  for (let i = 2; i < ring.length; i += 2) {
    if (isJump(ring[i - 2]!, ring[i]!)) turns += ring[i]! < ring[i - 2]! ? 1 : -1;
    continuous[i] = ring[i]! + 360 * turns;
  }
  return turns === 0 ? continuous : null;
}

function hasJump(ring: Ring, isJump: IsJump): boolean {
  for (let i = 2; i < ring.length; i += 2) if (isJump(ring[i - 2]!, ring[i]!)) return true;
  return false;
}

function isJump(a: number, b: number): boolean {
  return isWide(a, b) && !(isEdgeOfMap(a) && isEdgeOfMap(b));
}

function isWide(a: number, b: number): boolean {
  return Math.abs(b - a) > HALF_TURN;
}

/** Files hold -179.99999999999994 too. */
function isEdgeOfMap(lon: number): boolean {
  return Math.abs(Math.abs(lon) - 180) < 1e-9;
}

/**
 * Edges wider than a quarter turn get a vertex every degree: an edge is straight in lon/lat, while the geodesic area takes
 * the shortest way between vertices, for wide edges another one.
 */
function withoutWideEdges(ring: Ring): Ring {
  const steps = (i: number) => {
    const width = Math.abs(ring[i + 2]! - ring[i]!);
    return width > QUARTER_TURN ? Math.ceil(width) : 1;
  };
  const finer: number[] = [];
  for (let i = 0; i + 3 < ring.length; i += 2) {
    for (let step = 0, count = steps(i); step < count; step++) {
      const t = step / count;
      finer.push(ring[i]! + t * (ring[i + 2]! - ring[i]!), ring[i + 1]! + t * (ring[i + 3]! - ring[i + 1]!));
    }
  }
  finer.push(ring.at(-2)!, ring.at(-1)!);
  return finer.length === ring.length ? ring : Float64Array.from(finer);
}

/** Inside the map, or across one of its edges; a ring that lies beyond the edge as a whole is in wrong units or axes. */
function inRange({ xmin, xmax }: Bounds): boolean {
  if (xmin >= -180 && xmax <= 180) return true;
  return xmax - xmin < 360 && xmin >= -540 && xmax <= 540 && xmin <= 180 && xmax >= -180;
}

function movedInto(hole: Ring, xmin: number, xmax: number): Ring {
  const box = boundsOf(hole);
  for (const degrees of [0, 360, -360]) {
    if (box.xmin + degrees >= xmin && box.xmax + degrees <= xmax)
      return degrees === 0 ? hole : shiftedRing(hole, degrees);
  }
  return hole;
}
