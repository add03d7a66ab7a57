import { metresPerUnit } from './equal-area.js';
import type { FlatShapes } from './flat-shapes.js';
import { turnOf } from './overlap-area.js';

/** Vertices of one shape near another one, as pairs of ends of edges in metres; a point is an edge from itself to itself. */
type Segments = { readonly ends: number[] };

/**
 * Metres between two shapes, along the ground; 0 where they share a point, Infinity beyond `limit`. Distances are those of the
 * plane that is true at the latitude where their boxes meet: right to a part in a thousand over some kilometres.
 */
export function gapMetres(shapes: FlatShapes, a: number, b: number, limit: number): number {
  const { boxes } = shapes;
  const turn = turnOf(shapes, a, b);
  const [south, north] = [
    Math.max(boxes[4 * a + 1]!, boxes[4 * b + 1]!),
    Math.min(boxes[4 * a + 3]!, boxes[4 * b + 3]!),
  ];
  const lat = (south + north) / 2;
  const frame: Frame = {
    ...metresPerUnit(lat),
    lon0: boxes[4 * a]!,
    q0: shapes.coordinates[2 * shapes.ringStarts[shapes.shapeStarts[a]!]! + 1]!,
  };
  const boxA = boxOf(shapes, a, 0, frame);
  const boxB = boxOf(shapes, b, turn, frame);
  if (boxGap(boxA, boxB) > limit) return Infinity;
  const near = segmentsNear(shapes, a, 0, frame, grown(boxB, limit));
  const others = segmentsNear(shapes, b, turn, frame, grown(boxA, limit));
  const least = leastDistance(near, others);
  if (least === 0) return 0;
  if (holdsOne(shapes, a, b, turn) || holdsOne(shapes, b, a, -turn)) return 0;
  return least <= limit ? least : Infinity;
}

type Frame = { readonly lon: number; readonly q: number; readonly lon0: number; readonly q0: number };
type Box = readonly [xmin: number, ymin: number, xmax: number, ymax: number];

function boxOf(shapes: FlatShapes, index: number, turn: number, frame: Frame): Box {
  let [xmin, ymin, xmax, ymax] = [Infinity, Infinity, -Infinity, -Infinity];
  const { coordinates, ringStarts, shapeStarts } = shapes;
  const [start, end] = [ringStarts[shapeStarts[index]!]!, ringStarts[shapeStarts[index + 1]!]!];
  for (let i = start; i < end; i++) {
    const x = (coordinates[2 * i]! + turn - frame.lon0) * frame.lon;
    const y = (coordinates[2 * i + 1]! - frame.q0) * frame.q;
    if (x < xmin) xmin = x;
    if (x > xmax) xmax = x;
    if (y < ymin) ymin = y;
    if (y > ymax) ymax = y;
  }
  return [xmin, ymin, xmax, ymax];
}

function grown([xmin, ymin, xmax, ymax]: Box, by: number): Box {
  return [xmin - by, ymin - by, xmax + by, ymax + by];
}

function boxGap(a: Box, b: Box): number {
  return Math.hypot(Math.max(0, a[0] - b[2], b[0] - a[2]), Math.max(0, a[1] - b[3], b[1] - a[3]));
}

function segmentsNear(shapes: FlatShapes, index: number, turn: number, frame: Frame, box: Box): Segments {
  const { coordinates, ringStarts, shapeStarts } = shapes;
  const ends: number[] = [];
  for (let ring = shapeStarts[index]!; ring < shapeStarts[index + 1]!; ring++) {
    const [start, end] = [ringStarts[ring]!, ringStarts[ring + 1]!];
    let [ax, ay] = [0, 0];
    for (let i = start; i < end; i++) {
      const bx = (coordinates[2 * i]! + turn - frame.lon0) * frame.lon;
      const by = (coordinates[2 * i + 1]! - frame.q0) * frame.q;
      if (end - start === 1) [ax, ay] = [bx, by];
      const isFirst = i === start && end - start > 1;
      const misses =
        Math.max(ax, bx) < box[0] ||
        Math.min(ax, bx) > box[2] ||
        Math.max(ay, by) < box[1] ||
        Math.min(ay, by) > box[3];
      if (!isFirst && !misses) ends.push(ax, ay, bx, by);
      [ax, ay] = [bx, by];
    }
  }
  return { ends };
}

function leastDistance({ ends: a }: Segments, { ends: b }: Segments): number {
  let least = Infinity;
  for (let i = 0; i < a.length; i += 4) {
    for (let j = 0; j < b.length; j += 4) {
      const distance = segmentDistance(a, i, b, j, least);
      if (distance < least) least = distance;
      if (least === 0) return 0;
    }
  }
  return least;
}

/** Distance of two segments, or anything above `least` where their boxes are farther apart than that. */
function segmentDistance(a: readonly number[], i: number, b: readonly number[], j: number, least: number): number {
  const [ax, ay, bx, by] = [a[i]!, a[i + 1]!, a[i + 2]!, a[i + 3]!];
  const [cx, cy, dx, dy] = [b[j]!, b[j + 1]!, b[j + 2]!, b[j + 3]!];
  const apartX = Math.max(Math.min(ax, bx) - Math.max(cx, dx), Math.min(cx, dx) - Math.max(ax, bx));
  const apartY = Math.max(Math.min(ay, by) - Math.max(cy, dy), Math.min(cy, dy) - Math.max(ay, by));
  if (apartX > least || apartY > least) return Infinity;
  if (apartX <= 0 && apartY <= 0 && cross(ax, ay, bx, by, cx, cy, dx, dy)) return 0;
  return Math.min(
    toSegment(ax, ay, cx, cy, dx, dy),
    toSegment(bx, by, cx, cy, dx, dy),
    toSegment(cx, cy, ax, ay, bx, by),
    toSegment(dx, dy, ax, ay, bx, by),
  );
}

/** Whether two segments cross in their insides; ends that touch are found by their distance. */
function cross(
  ...[ax, ay, bx, by, cx, cy, dx, dy]: [number, number, number, number, number, number, number, number]
): boolean {
  const side = (px: number, py: number, qx: number, qy: number, x: number, y: number) =>
    (qx - px) * (y - py) - (qy - py) * (x - px);
  const [c, d] = [side(ax, ay, bx, by, cx, cy), side(ax, ay, bx, by, dx, dy)];
  const [a, b] = [side(cx, cy, dx, dy, ax, ay), side(cx, cy, dx, dy, bx, by)];
  return c > 0 !== d > 0 && a > 0 !== b > 0;
}

function toSegment(x: number, y: number, ...[ax, ay, bx, by]: [number, number, number, number]): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length2 = dx * dx + dy * dy;
  const t = length2 === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length2));
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}

/** Whether polygon `a` holds a vertex of each ring of `b`, which no edge of `a` meets: then it holds all of that ring. */
function holdsOne(shapes: FlatShapes, a: number, b: number, turn: number): boolean {
  if (shapes.isPoint[a] === 1) return false;
  for (let ring = shapes.shapeStarts[b]!; ring < shapes.shapeStarts[b + 1]!; ring++) {
    const at = 2 * shapes.ringStarts[ring]!;
    if (holdsPoint(shapes, a, { lon: shapes.coordinates[at]! + turn, q: shapes.coordinates[at + 1]! })) return true;
  }
  return false;
}

/** Whether a polygon holds a point: by the number of edges to one side of it, over all of its rings. */
function holdsPoint(shapes: FlatShapes, index: number, { lon, q }: { lon: number; q: number }): boolean {
  const { coordinates, ringStarts, shapeStarts } = shapes;
  let inside = false;
  for (let ring = shapeStarts[index]!; ring < shapeStarts[index + 1]!; ring++) {
    for (let i = ringStarts[ring]!; i + 1 < ringStarts[ring + 1]!; i++) {
      const [ax, ay, bx, by] = [
        coordinates[2 * i]!,
        coordinates[2 * i + 1]!,
        coordinates[2 * i + 2]!,
        coordinates[2 * i + 3]!,
      ];
      if (ay > q !== by > q && lon < ax + ((q - ay) / (by - ay)) * (bx - ax)) inside = !inside;
    }
  }
  return inside;
}
