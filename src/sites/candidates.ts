import Flatbush from 'flatbush';
import type { FlatShapes } from './flat-shapes.js';

/** Metres of a degree of latitude: the shortest one (at the equator, WGS 84), so that boxes grow by enough. */
const METRES_PER_DEGREE = 110_574;
/** Metres of a degree of longitude at the equator, likewise. */
const METRES_PER_DEGREE_LON = 111_319;

/** An R-tree over the boxes of some shapes. Sound: whatever is within reach is found. */
export class BoxTree {
  readonly #shapes: FlatShapes;
  readonly #tree: Flatbush | null;
  /** Shape of each entry: those at the antimeridian are there twice. */
  readonly #ids: Uint32Array;

  constructor(shapes: FlatShapes, isWanted: (shape: number) => boolean) {
    this.#shapes = shapes;
    const { boxes } = shapes;
    const entries: number[] = [];
    const turns: number[] = [];
    for (let i = 0; i < shapes.count; i++) {
      if (!isWanted(i)) continue;
      entries.push(i);
      turns.push(0);
      if (boxes[4 * i + 2]! <= 180) continue;
      entries.push(i);
      turns.push(-360);
    }
    this.#ids = Uint32Array.from(entries);
    this.#tree = entries.length === 0 ? null : new Flatbush(entries.length);
    for (const [at, i] of entries.entries()) {
      const turn = turns[at]!;
      this.#tree!.add(boxes[4 * i]! + turn, boxes[4 * i + 1]!, boxes[4 * i + 2]! + turn, boxes[4 * i + 3]!);
    }
    this.#tree?.finish();
  }

  /** Shapes whose box comes within `reachM` metres of the box of a shape, ascending; that shape may be among them. */
  near(shape: number, reachM: number): number[] {
    if (this.#tree === null) return [];
    const { boxes } = this.#shapes;
    const dy = reachM / METRES_PER_DEGREE;
    const [ymin, ymax] = [boxes[4 * shape + 1]! - dy, boxes[4 * shape + 3]! + dy];
    const cosine = Math.cos((Math.min(89.9, Math.max(Math.abs(ymin), Math.abs(ymax))) * Math.PI) / 180);
    const dx = reachM / (METRES_PER_DEGREE_LON * cosine);
    const [xmin, xmax] = [boxes[4 * shape]! - dx, boxes[4 * shape + 2]! + dx];
    const found = this.#tree.search(xmin, ymin, xmax, ymax);
    if (xmax > 180) found.push(...this.#tree.search(xmin - 360, ymin, xmax - 360, ymax));
    if (xmin < -180) found.push(...this.#tree.search(xmin + 360, ymin, xmax + 360, ymax));
    const ids = found.map((entry) => this.#ids[entry]!).sort((a, b) => a - b);
    return ids.filter((id, i) => id !== ids[i - 1]);
  }
}
