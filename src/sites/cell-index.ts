import { getHexagonEdgeLengthAvg, UNITS } from 'h3-js';
import { CubeError } from '../errors.js';
import type { LonLatBox } from '../stac/item-box.js';
import { growBox, sidesOf } from '../vector/grow-box.js';
import { h3Covers, h3CoverSize } from '../vector/h3-cover.js';
import type { Geometry } from '../vector/label.js';
import { boxOf, type NearShapes } from './candidates.js';
import type { FlatShapes } from './flat-shapes.js';

/** About the most cells of one box; what has more gets coarser ones. A cell takes 12 bytes in a table. */
const MAX_CELLS = 8;
/** Resolutions between levels: their cells are 49 times as large. */
const STEP = 2;
/** Covers may miss a cell that a box grazes by this, 0.1 m, or by a thousandth of the edge of a cell where that is less. */
const GRAZE_DEGREES = 1e-6;
/** So boxes that are asked for are larger by more than that, in metres. */
const GRAZE_MARGIN_M = 1;
const METRES_PER_DEGREE = 111_320;
/** Base cell and digits of an H3 cell: 52 bits, which are exact in a double and differ among the cells of one resolution. */
const CELL_BITS = (1n << 52n) - 1n;

/**
 * An index of boxes by the H3 cells that they overlap. It finds just what `BoxTree` finds: two boxes that meet share a point, the cell of
 * that point is in the covers of both, and cells only choose which boxes are compared.
 *
 * Boxes of many cells have coarser ones, and two boxes are looked for at the coarser of their resolutions, by covers that are made there:
 * the parent of a point's cell need not be the point's cell, so that parents would miss pairs along the borders of cells.
 */
export class CellIndex implements NearShapes {
  readonly #shapes: FlatShapes;
  readonly #resolution: number;
  /** Resolution of each shape's own cells; -1 of those that are not wanted. */
  readonly #levels: Int8Array;
  /** By resolution: cells of the shapes whose own it is, and of all shapes whose own is as fine or finer (made when it is asked for). */
  readonly #own = new Map<number, CellTable>();
  readonly #all = new Map<number, CellTable>();

  /** Problem: `invalid-argument` for what is no resolution of H3. */
  constructor(shapes: FlatShapes, isWanted: (shape: number) => boolean, resolution: number) {
    if (!(Number.isInteger(resolution) && resolution >= 0 && resolution <= 15)) {
      throw new CubeError({
        kind: 'invalid-argument',
        what: `H3 resolution ${resolution} is no whole number from 0 to 15`,
      });
    }
    this.#shapes = shapes;
    this.#resolution = resolution;
    this.#levels = new Int8Array(shapes.count).fill(-1);
    for (let i = 0; i < shapes.count; i++) {
      if (isWanted(i)) this.#levels[i] = this.#levelOf(geometriesOf(boxOf(shapes, i)));
    }
    for (const level of new Set(this.#levels)) {
      if (level >= 0)
        this.#own.set(
          level,
          this.#tableOf(level, (own) => own === level),
        );
    }
  }

  /** Shapes whose box comes within `reachM` metres of the box of a shape, ascending; that shape may be among them. */
  near(shape: number, reachM: number): number[] {
    const box = boxOf(this.#shapes, shape);
    const sides = sidesOf(growBox(box, reachM));
    const asked = geometriesOf(growBox(box, reachM + GRAZE_MARGIN_M));
    const level = this.#levelOf(asked);
    const found = new Set<number>();
    const take = (id: number) => {
      if (!found.has(id) && this.#meets(id, sides)) found.add(id);
    };
    for (const cell of cellsOf(asked, level)) this.#allAt(level).visit(cell, take);
    for (const [coarser, table] of this.#own) {
      if (coarser < level) for (const cell of cellsOf(asked, coarser)) table.visit(cell, take);
    }
    return [...found].sort((a, b) => a - b);
  }

  /** The finest resolution at which the cells are few. */
  #levelOf(geometries: readonly Geometry[]): number {
    const size = (resolution: number) => geometries.reduce((sum, one) => sum + h3CoverSize(one, resolution), 0);
    let level = this.#resolution;
    while (level > 0 && size(level) > MAX_CELLS) level = Math.max(0, level - STEP);
    return level;
  }

  #meets(shape: number, sides: readonly LonLatBox[]): boolean {
    return sidesOf(boxOf(this.#shapes, shape)).some(([w, s, e, n]) =>
      sides.some(([west, south, east, north]) => w <= east && west <= e && s <= north && south <= n),
    );
  }

  #allAt(level: number): CellTable {
    const known = this.#all.get(level);
    if (known !== undefined) return known;
    const isOwn = this.#levels.every((own) => own === -1 || own === level);
    const table = (isOwn ? this.#own.get(level) : undefined) ?? this.#tableOf(level, (own) => own >= level);
    this.#all.set(level, table);
    return table;
  }

  #tableOf(level: number, isIn: (own: number) => boolean): CellTable {
    const entries = new CellEntries();
    for (const [shape, own] of this.#levels.entries()) {
      if (!isIn(own)) continue;
      for (const cell of cellsOf(geometriesOf(boxOf(this.#shapes, shape)), level)) entries.add(cell, shape);
    }
    return entries.finish();
  }
}

/** The box as polygons or points within ±180°. */
function geometriesOf(box: LonLatBox): Geometry[] {
  return sidesOf(box).map(([west, south, east, north]) =>
    west === east && south === north
      ? { kind: 'points', points: Float64Array.of(west, south) }
      : {
          kind: 'polygons',
          polygons: [[Float64Array.of(west, south, east, south, east, north, west, north, west, south)]],
        },
  );
}

function cellsOf(geometries: readonly Geometry[], resolution: number): number[] {
  const graze = Math.min(GRAZE_DEGREES, getHexagonEdgeLengthAvg(resolution, UNITS.m) / 1000 / METRES_PER_DEGREE);
  const covers = h3Covers(geometries, resolution, { grazeDegrees: graze });
  return covers.flatMap((cells) => cells.map((cell) => Number(cell & CELL_BITS)));
}

/** Cells in order, and the shape of each. */
class CellTable {
  readonly #cells: Float64Array;
  readonly #shapes: Uint32Array;

  constructor(cells: Float64Array, shapes: Uint32Array) {
    this.#cells = cells;
    this.#shapes = shapes;
  }

  /** Calls back for every shape of a cell. */
  visit(cell: number, take: (shape: number) => void): void {
    const cells = this.#cells;
    let [low, high] = [0, cells.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (cells[middle]! < cell) low = middle + 1;
      else high = middle;
    }
    for (let at = low; at < cells.length && cells[at] === cell; at++) take(this.#shapes[at]!);
  }
}

/** Cells and shapes as they come, in arrays that grow. */
class CellEntries {
  #cells = new Float64Array(1024);
  #shapes = new Uint32Array(1024);
  #length = 0;

  add(cell: number, shape: number): void {
    if (this.#length === this.#cells.length) {
      const [cells, shapes] = [new Float64Array(2 * this.#length), new Uint32Array(2 * this.#length)];
      cells.set(this.#cells);
      shapes.set(this.#shapes);
      [this.#cells, this.#shapes] = [cells, shapes];
    }
    this.#cells[this.#length] = cell;
    this.#shapes[this.#length++] = shape;
  }

  finish(): CellTable {
    const cells = this.#cells;
    const order = new Uint32Array(this.#length);
    for (let i = 0; i < order.length; i++) order[i] = i;
    order.sort((a, b) => cells[a]! - cells[b]!);
    return new CellTable(
      Float64Array.from(order, (at) => cells[at]!),
      Uint32Array.from(order, (at) => this.#shapes[at]!),
    );
  }
}
