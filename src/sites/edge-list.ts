import type { FlatShapes } from './flat-shapes.js';

/** Which edges of a shape are wanted, and where the origin is: longitudes and q become small numbers there. */
export type EdgeWindow = {
  readonly lon0: number;
  readonly q0: number;
  /** Added to the shape's longitudes: 0, or a turn to bring it beside another shape. */
  readonly turn: number;
  /** Relative to lon0. */
  readonly xmin: number;
  readonly xmax: number;
};

/**
 * The edges of one shape that reach into a window, from left to right and in order of their left ends; vertical ones, which
 * bound no area, are left out. The buffers are used again and again.
 */
export class EdgeList {
  length = 0;
  /** Left end, right end, and the rise per unit of x. */
  x0 = new Float64Array(64);
  y0 = new Float64Array(64);
  x1 = new Float64Array(64);
  slope = new Float64Array(64);
  /** +1 where the shape lies below the edge, -1 where it lies above. */
  sign = new Int8Array(64);
  /** Longest edge, along x. */
  widest = 0;
  #order = new Uint32Array(0);

  /** Take the edges of shape `index`. */
  load(shapes: FlatShapes, index: number, window: EdgeWindow): void {
    const { coordinates, ringStarts, shapeStarts } = shapes;
    const { lon0, q0, turn, xmin, xmax } = window;
    this.length = 0;
    this.widest = 0;
    for (let ring = shapeStarts[index]!; ring < shapeStarts[index + 1]!; ring++) {
      const end = ringStarts[ring + 1]!;
      for (let i = ringStarts[ring]!; i + 1 < end; i++) {
        const ax = coordinates[2 * i]! + turn - lon0;
        const bx = coordinates[2 * i + 2]! + turn - lon0;
        if (ax === bx || (ax < xmin && bx < xmin) || (ax > xmax && bx > xmax)) continue;
        const ay = coordinates[2 * i + 1]! - q0;
        const by = coordinates[2 * i + 3]! - q0;
        if (ax < bx) this.#push(ax, ay, bx, by, -1);
        else this.#push(bx, by, ax, ay, 1);
      }
    }
  }

  /** Order of the edges by their left ends. */
  sorted(): Uint32Array {
    if (this.#order.length < this.length) this.#order = new Uint32Array(this.x0.length);
    const order = this.#order.subarray(0, this.length);
    for (let i = 0; i < order.length; i++) order[i] = i;
    const { x0 } = this;
    return order.sort((a, b) => x0[a]! - x0[b]! || a - b);
  }

  #push(x0: number, y0: number, x1: number, y1: number, sign: 1 | -1): void {
    if (this.length === this.x0.length) this.#grow();
    const at = this.length++;
    this.x0[at] = x0;
    this.y0[at] = y0;
    this.x1[at] = x1;
    this.slope[at] = (y1 - y0) / (x1 - x0);
    this.sign[at] = sign;
    if (x1 - x0 > this.widest) this.widest = x1 - x0;
  }

  #grow(): void {
    this.x0 = twice(this.x0);
    this.y0 = twice(this.y0);
    this.x1 = twice(this.x1);
    this.slope = twice(this.slope);
    const sign = new Int8Array(this.sign.length * 2);
    sign.set(this.sign);
    this.sign = sign;
  }
}

function twice(values: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(values.length * 2);
  larger.set(values);
  return larger;
}
