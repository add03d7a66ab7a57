import { cellToParent, gridDisk } from 'h3-js';
import Flatbush from 'flatbush';
import type { Bounds } from '../grid/affine.js';
import type { Geometry, Label } from './label.js';
import { boundsOf } from './ring-maths.js';

/** Finds the labels that may intersect something. Sound: an intersecting label is never missed; some of the answers may not. */
export interface LabelIndex {
  /** Labels with a part whose box meets the box (degrees, closed; xmin > xmax crosses the antimeridian). Ids ascending. */
  inBox(bounds: Bounds): number[];
  /** Labels that reach into one of the H3 cells, at any resolution. Ids ascending. */
  inCells(cells: readonly bigint[]): number[];
}

/** Index labels by the boxes of their parts and by their H3 cells. */
export function buildLabelIndex(labels: readonly Label[]): LabelIndex {
  const boxes = new BoxIndex(labels);
  const cells = new CellIndex(labels);
  return {
    inBox: (bounds) => boxes.search(bounds),
    inCells: (wanted) => cells.search(wanted),
  };
}

/** One box a part: a label cut at the antimeridian has no box around the globe. */
class BoxIndex {
  readonly #tree: Flatbush | null;
  readonly #ids: number[] = [];

  constructor(labels: readonly Label[]) {
    const boxes: Bounds[] = [];
    for (const { labelId, geometry } of labels) {
      for (const part of partsOf(geometry)) {
        boxes.push(boundsOf(part));
        this.#ids.push(labelId);
      }
    }
    this.#tree = boxes.length === 0 ? null : new Flatbush(boxes.length);
    for (const { xmin, ymin, xmax, ymax } of boxes) this.#tree?.add(xmin, ymin, xmax, ymax);
    this.#tree?.finish();
  }

  search({ xmin, ymin, xmax, ymax }: Bounds): number[] {
    const found = new Set<number>();
    const halves =
      xmin <= xmax
        ? [[xmin, xmax] as const]
        : ([
            [xmin, 180],
            [-180, xmax],
          ] as const);
    for (const [west, east] of halves) {
      for (const part of this.#tree?.search(west, ymin, east, ymax) ?? []) found.add(this.#ids[part]!);
    }
    return ascending(found);
  }
}

/** Cells sorted by number: the descendants of a cell are one stretch. */
class CellIndex {
  readonly #cells: BigUint64Array;
  readonly #ids: Uint32Array;
  readonly #resolutions: ReadonlySet<number>;

  constructor(labels: readonly Label[]) {
    const pairs: { cell: bigint; id: number }[] = [];
    for (const { labelId, h3Cells } of labels) for (const cell of h3Cells) pairs.push({ cell, id: labelId });
    pairs.sort((a, b) => (a.cell < b.cell ? -1 : a.cell > b.cell ? 1 : a.id - b.id));
    this.#cells = BigUint64Array.from(pairs, ({ cell }) => cell);
    this.#ids = Uint32Array.from(pairs, ({ id }) => id);
    this.#resolutions = new Set(pairs.map(({ cell }) => resolutionOf(cell)));
  }

  search(wanted: readonly bigint[]): number[] {
    const found = new Set<number>();
    for (const cell of wanted) {
      for (const resolution of this.#resolutions) {
        for (const near of candidates(cell, resolution)) this.#collect(near, resolution, found);
      }
    }
    return ascending(found);
  }

  /** Labels of all cells of `resolution` below `cell`, or of `cell` itself. */
  #collect(cell: bigint, resolution: number, found: Set<number>): void {
    const { first, last } = descendants(cell, resolution);
    for (let i = this.#lowerBound(first); i < this.#cells.length && this.#cells[i]! <= last; i++)
      found.add(this.#ids[i]!);
  }

  #lowerBound(cell: bigint): number {
    let low = 0;
    let high = this.#cells.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#cells[middle]! < cell) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/**
 * Cells at `resolution` or coarser whose descendants there cover `cell`. A cell's children do not tile it exactly, they
 * reach into its neighbours: between resolutions the neighbours count too.
 */
function candidates(cell: bigint, resolution: number): bigint[] {
  const own = resolutionOf(cell);
  if (own === resolution) return [cell];
  const text = cell.toString(16);
  const root = own > resolution ? cellToParent(text, resolution) : text;
  return gridDisk(root, 1).map((near) => BigInt(`0x${near}`));
}

/** H3 index layout: resolution in bits 52 to 55, one digit of three bits a resolution below 45, unused digits 7. */
function descendants(cell: bigint, resolution: number): { first: bigint; last: bigint } {
  const own = resolutionOf(cell);
  let first = (cell & ~(0xfn << 52n)) | (BigInt(resolution) << 52n);
  for (let digit = own + 1; digit <= resolution; digit++) first &= ~(7n << BigInt(3 * (15 - digit)));
  let last = first;
  for (let digit = own + 1; digit <= resolution; digit++) last |= 6n << BigInt(3 * (15 - digit));
  return { first, last };
}

function resolutionOf(cell: bigint): number {
  return Number((cell >> 52n) & 0xfn);
}

function partsOf(geometry: Geometry): Float64Array[] {
  if (geometry.kind === 'polygons') return geometry.polygons.map(([outer]) => outer!);
  const points: Float64Array[] = [];
  for (let i = 0; i < geometry.points.length; i += 2) points.push(geometry.points.subarray(i, i + 2));
  return points;
}

function ascending(ids: ReadonlySet<number>): number[] {
  return Array.from(ids).sort((a, b) => a - b);
}
