import { M2_PER_UNIT } from './equal-area.js';
import { EdgeList } from './edge-list.js';
import type { FlatShapes } from './flat-shapes.js';

/** Below this many pairs of edges it does not pay to sort them. */
const FEW_PAIRS = 1024;

/**
 * Measures areas that two polygons share. A polygon is, at every x, the sum over its edges of what lies below them, with
 * alternating signs; so the area that two share is the sum over all pairs of edges of what lies below both: an integral of the
 * smaller of two lines. No shape is constructed, so nothing can fail: what touches, repeats or nearly coincides is measured like the
 * rest. Valid polygons are needed (no part over another). Time: pairs of edges that are above each other.
 */
export class OverlapMeter {
  readonly #shapes: FlatShapes;
  readonly #a = new EdgeList();
  readonly #b = new EdgeList();

  constructor(shapes: FlatShapes) {
    this.#shapes = shapes;
  }

  /** Square metres that shapes `a` and `b` share; 0 where one is made of points. */
  area(a: number, b: number): number {
    const { boxes, isPoint } = this.#shapes;
    if (isPoint[a] === 1 || isPoint[b] === 1) return 0;
    const turn = turnOf(this.#shapes, a, b);
    const left = Math.max(boxes[4 * a]!, boxes[4 * b]! + turn);
    const right = Math.min(boxes[4 * a + 2]!, boxes[4 * b + 2]! + turn);
    if (!(left < right) || boxes[4 * a + 1]! > boxes[4 * b + 3]! || boxes[4 * b + 1]! > boxes[4 * a + 3]!) return 0;
    const q0 = this.#shapes.coordinates[2 * this.#shapes.ringStarts[this.#shapes.shapeStarts[a]!]! + 1]!;
    const window = { lon0: left, q0, xmin: 0, xmax: right - left };
    this.#a.load(this.#shapes, a, { ...window, turn: 0 });
    this.#b.load(this.#shapes, b, { ...window, turn });
    const few = this.#a.length * this.#b.length <= FEW_PAIRS;
    const units = few ? sumAll(this.#a, this.#b) : sumSorted(this.#a, this.#b);
    return Math.max(0, units * M2_PER_UNIT);
  }
}

/** Degrees that bring `b` beside `a`: shapes meet across the antimeridian too. */
export function turnOf({ boxes }: FlatShapes, a: number, b: number): number {
  const between = (boxes[4 * a]! + boxes[4 * a + 2]! - boxes[4 * b]! - boxes[4 * b + 2]!) / 2;
  return between > 180 ? 360 : between < -180 ? -360 : 0;
}

function sumAll(a: EdgeList, b: EdgeList): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) for (let j = 0; j < b.length; j++) sum += belowBoth(a, i, b, j);
  return sum;
}

/** The same sum, without the pairs that are not above each other. */
function sumSorted(a: EdgeList, b: EdgeList): number {
  const order = b.sorted();
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    // No edge that begins earlier reaches edge i.
    let place = firstAtLeast(order, b.x0, a.x0[i]! - b.widest);
    for (; place < order.length && b.x0[order[place]!]! < a.x1[i]!; place++) sum += belowBoth(a, i, b, order[place]!);
  }
  return sum;
}

function firstAtLeast(order: Uint32Array, x0: Float64Array, value: number): number {
  let [low, high] = [0, order.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x0[order[middle]!]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Signed integral of the lower of two edges over the x that both span. */
function belowBoth(a: EdgeList, i: number, b: EdgeList, j: number): number {
  const left = Math.max(a.x0[i]!, b.x0[j]!);
  const right = Math.min(a.x1[i]!, b.x1[j]!);
  if (left >= right) return 0;
  const width = right - left;
  const aLeft = a.y0[i]! + a.slope[i]! * (left - a.x0[i]!);
  const bLeft = b.y0[j]! + b.slope[j]! * (left - b.x0[j]!);
  const aRight = aLeft + a.slope[i]! * width;
  const bRight = bLeft + b.slope[j]! * width;
  const [dLeft, dRight] = [aLeft - bLeft, aRight - bRight];
  const sign = a.sign[i]! * b.sign[j]!;
  if (dLeft <= 0 && dRight <= 0) return (sign * (aLeft + aRight) * width) / 2;
  if (dLeft >= 0 && dRight >= 0) return (sign * (bLeft + bRight) * width) / 2;
  // They cross: the lower one changes there.
  const share = dLeft / (dLeft - dRight);
  const crossing = aLeft + a.slope[i]! * width * share;
  const [first, second] = dLeft < 0 ? [aLeft, bRight] : [bLeft, aRight];
  return (sign * width * ((first + crossing) * share + (crossing + second) * (1 - share))) / 2;
}
