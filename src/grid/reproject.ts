import type { Bounds } from './affine.js';
import { crsModel, sameCrs } from './crs-definition.js';
import type { Crs } from './crs.js';
import { createTransform, type CrsTransform } from './transform.js';

/** Points a side at first (G8), doubled until the box stands still. */
const FIRST_POINTS = 21;
const MOST_POINTS = 1281;
/** Points a side of the grid that is laid over a box of which part has no place in the target. */
const INTERIOR_POINTS = 161;
/** A box stands still when its sides move by less of its width and height. */
const STILL = 1e-6;

const NOWHERE: Bounds = { xmin: NaN, ymin: NaN, xmax: NaN, ymax: NaN };

/**
 * The box around a box in another CRS. Its edges are followed with dense points until the result stands still; a pole
 * inside opens all longitudes. In geographic systems a box across the antimeridian has `xmin > xmax`, in the input and
 * in the result. All NaN where no point of the box has a place in the target.
 */
export function reprojectBounds(bounds: Bounds, from: Crs, to: Crs): Bounds {
  if (sameCrs(from, to) || !Object.values(bounds).every(Number.isFinite)) return bounds;
  const [sourceTurn, targetTurn] = [fullTurn(from), fullTurn(to)];
  const crossing = sourceTurn !== null && bounds.xmin > bounds.xmax;
  const source = crossing ? { ...bounds, xmax: bounds.xmax + sourceTurn } : bounds;
  const transform = createTransform(from, to);
  const edges = followEdges(source, transform, targetTurn);
  const box = edges ?? scanInterior(source, transform);
  if (targetTurn === null || !Number.isFinite(box.xmin)) return box;
  return closeGlobe(box, polesInside(source, from, to, targetTurn), targetTurn);
}

/** Units of a whole turn of longitude, or null for a projected system. */
export function fullTurn(crs: Crs): number | null {
  const model = crsModel(crs);
  return model.kind === 'geographic' ? (2 * Math.PI) / model.unit.factor : null;
}

/** The box of the transformed outline, or null when part of the outline has no place in the target. */
function followEdges(source: Bounds, transform: CrsTransform, turn: number | null): Bounds | null {
  let last: Bounds | null = null;
  for (let points = FIRST_POINTS; ; points = 2 * points - 1) {
    const xy = outline(source, points);
    transform.transform(xy);
    if (xy.some(Number.isNaN)) return null;
    if (turn !== null) unwrap(xy, turn);
    const box = boxOf(xy);
    const moved = last === null ? null : movement(last, box);
    if (moved !== null && (isStill(moved, box) || points >= MOST_POINTS)) return widen(box, moved);
    last = box;
  }
}

/** Where the domain of the target cuts the box: every valid point of a grid, and a step more around. */
function scanInterior(source: Bounds, transform: CrsTransform): Bounds {
  const xy = lattice(source, INTERIOR_POINTS);
  transform.transform(xy);
  const box = boxOf(xy);
  return Number.isFinite(box.xmin) ? widen(box, largestStep(xy, INTERIOR_POINTS, box)) : NOWHERE;
}

/** The longest way between valid neighbours of a grid; jumps across most of the box are seams, not steps. */
function largestStep(xy: Float64Array, points: number, { xmin, ymin, xmax, ymax }: Bounds): Step {
  const longest = { x: 0, y: 0 };
  for (let i = 0; i < points * points; i++) {
    for (const next of [(i + 1) % points === 0 ? -1 : i + 1, i + points]) {
      if (next < 0 || next >= points * points) continue;
      const dx = Math.abs(xy[2 * next]! - xy[2 * i]!);
      const dy = Math.abs(xy[2 * next + 1]! - xy[2 * i + 1]!);
      if (dx > longest.x && 2 * dx < xmax - xmin) longest.x = dx;
      if (dy > longest.y && 2 * dy < ymax - ymin) longest.y = dy;
    }
  }
  return longest;
}

/** Points along the outline, in order, closed. */
function outline({ xmin, ymin, xmax, ymax }: Bounds, points: number): Float64Array {
  const steps = points - 1;
  const xy = new Float64Array(2 * (4 * steps + 1));
  for (let i = 0; i <= 4 * steps; i++) {
    const side = Math.floor(i / steps) % 4;
    const share = (i % steps) / steps;
    const along = side === 0 || side === 3 ? share : 1 - share;
    const horizontal = side % 2 === 0;
    xy[2 * i] = horizontal ? xmin + (xmax - xmin) * (side === 0 ? share : 1 - share) : side === 1 ? xmax : xmin;
    xy[2 * i + 1] = horizontal ? (side === 0 ? ymax : ymin) : ymin + (ymax - ymin) * (side === 1 ? along : share);
  }
  return xy;
}

function lattice({ xmin, ymin, xmax, ymax }: Bounds, points: number): Float64Array {
  const xy = new Float64Array(2 * points * points);
  for (let row = 0, i = 0; row < points; row++) {
    for (let col = 0; col < points; col++) {
      xy[i++] = xmin + ((xmax - xmin) * col) / (points - 1);
      xy[i++] = ymin + ((ymax - ymin) * row) / (points - 1);
    }
  }
  return xy;
}

/** Take the jumps of a whole turn out of longitudes along a line. */
function unwrap(xy: Float64Array, turn: number): void {
  for (let i = 2; i < xy.length; i += 2) {
    xy[i] = xy[i]! - turn * Math.round((xy[i]! - xy[i - 2]!) / turn);
  }
}

function boxOf(xy: Float64Array): Bounds {
  let [xmin, ymin, xmax, ymax] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < xy.length; i += 2) {
    const x = xy[i]!;
    const y = xy[i + 1]!;
    if (Number.isNaN(x)) continue;
    if (x < xmin) xmin = x;
    if (x > xmax) xmax = x;
    if (y < ymin) ymin = y;
    if (y > ymax) ymax = y;
  }
  return { xmin, ymin, xmax, ymax };
}

type Step = { readonly x: number; readonly y: number };

function movement(a: Bounds, b: Bounds): Step {
  return {
    x: Math.max(Math.abs(a.xmin - b.xmin), Math.abs(a.xmax - b.xmax)),
    y: Math.max(Math.abs(a.ymin - b.ymin), Math.abs(a.ymax - b.ymax)),
  };
}

function isStill(moved: Step, { xmin, ymin, xmax, ymax }: Bounds): boolean {
  return moved.x <= STILL * (xmax - xmin) && moved.y <= STILL * (ymax - ymin);
}

function widen({ xmin, ymin, xmax, ymax }: Bounds, by: Step): Bounds {
  return { xmin: xmin - by.x, ymin: ymin - by.y, xmax: xmax + by.x, ymax: ymax + by.y };
}

/** Which poles lie inside a projected box: there the outline goes around them, or they are its extreme. */
function polesInside(source: Bounds, from: Crs, to: Crs, turn: number): { north: boolean; south: boolean } {
  if (fullTurn(from) !== null) return { north: false, south: false };
  const pole = turn / 4;
  const xy = Float64Array.of(0, pole, 0, -pole);
  createTransform(to, from).transform(xy);
  const inside = (x: number, y: number): boolean =>
    x >= source.xmin && x <= source.xmax && y >= source.ymin && y <= source.ymax;
  return { north: inside(xy[0]!, xy[1]!), south: inside(xy[2]!, xy[3]!) };
}

/** Longitudes to one turn, latitudes to the poles. */
function closeGlobe(box: Bounds, poles: { north: boolean; south: boolean }, turn: number): Bounds {
  const ymin = poles.south ? -turn / 4 : Math.max(box.ymin, -turn / 4);
  const ymax = poles.north ? turn / 4 : Math.min(box.ymax, turn / 4);
  if (poles.north || poles.south || box.xmax - box.xmin >= turn * (1 - 1e-9)) {
    return { xmin: -turn / 2, ymin, xmax: turn / 2, ymax };
  }
  const shift = turn * Math.floor((box.xmin + turn / 2) / turn);
  const [xmin, end] = [box.xmin - shift, box.xmax - shift];
  return { xmin, ymin, xmax: end > turn / 2 ? end - turn : end, ymax };
}
