import Flatbush from 'flatbush';
import type { LonLatBox } from '../stac/item-box.js';
import { growBox, sidesOf } from '../vector/grow-box.js';
import type { FlatShapes } from './flat-shapes.js';

/** Some shapes, and which of them are near another one. */
export interface NearShapes {
  /** Shapes whose box comes within `reachM` metres of the box of a shape, ascending; that shape may be among them. */
  near(shape: number, reachM: number): number[];
}

/** An R-tree over the boxes of some shapes. Sound: whatever is within reach is found. */
export class BoxTree implements NearShapes {
  readonly #shapes: FlatShapes;
  readonly #tree: Flatbush | null;
  /** Shape of each entry: those at the antimeridian are there twice. */
  readonly #ids: Uint32Array;

  constructor(shapes: FlatShapes, isWanted: (shape: number) => boolean) {
    this.#shapes = shapes;
    const ids: number[] = [];
    const sides: LonLatBox[] = [];
    for (let i = 0; i < shapes.count; i++) {
      if (!isWanted(i)) continue;
      for (const side of sidesOf(boxOf(shapes, i))) {
        ids.push(i);
        sides.push(side);
      }
    }
    this.#ids = Uint32Array.from(ids);
    this.#tree = ids.length === 0 ? null : new Flatbush(ids.length);
    for (const side of sides) this.#tree!.add(...side);
    this.#tree?.finish();
  }

  /** Shapes whose box comes within `reachM` metres of the box of a shape, ascending; that shape may be among them. */
  near(shape: number, reachM: number): number[] {
    if (this.#tree === null) return [];
    const sides = sidesOf(growBox(boxOf(this.#shapes, shape), reachM));
    const found = sides.flatMap((side) => this.#tree!.search(...side));
    const ids = found.map((entry) => this.#ids[entry]!).sort((a, b) => a - b);
    return ids.filter((id, i) => id !== ids[i - 1]);
  }
}

/** Of what lies across the antimeridian, east is beyond 180. */
export function boxOf({ boxes }: FlatShapes, shape: number): LonLatBox {
  const at = 4 * shape;
  return [boxes[at]!, boxes[at + 1]!, boxes[at + 2]!, boxes[at + 3]!];
}
