import type { CubeError } from '../errors.js';
import { intersectWindows, type Window } from '../grid/affine.js';
import type { GridSpec } from '../grid/grid-spec.js';
import type { PlacedLabel } from '../vector/clip-window.js';
import { growWindow } from './candidate-input.js';
import { canonicalHash } from './canonical-hash.js';
import type { Cell } from './group-cells.js';
import { specError } from './spec-error.js';
import type { PlanContext, TaskLabel } from './task.js';

/** Most tasks of one plan: their hashes and receipts are kept in memory (some hundred bytes each). */
export const MOST_TASKS = 2_000_000;

/** Which labels lie in which cell of the cube, and which cells labels and their buffer touch. */
export class LabelCells {
  readonly #grid: GridSpec;
  readonly #cell: number;
  readonly #labels = new Map<string, TaskLabel[]>();
  readonly #touched = new Map<string, Cell>();
  readonly #hashes = new WeakMap<TaskLabel, string>();

  constructor(labels: readonly PlacedLabel[], grid: GridSpec, cell: number, clip: PlanContext['clip']) {
    this.#grid = grid;
    this.#cell = cell;
    const buffer = { x: Math.ceil(clip.bufferPx.x), y: Math.ceil(clip.bufferPx.y) };
    const whole = { col: 0, row: 0, ...grid.size };
    for (const label of labels) {
      if (label.window === null && clip.mode === 'none') continue;
      const near = intersectWindows(growWindow(label.bounds, buffer.x, buffer.y), whole);
      if (near === null) continue;
      if ((near.width / cell + 1) * (near.height / cell + 1) > MOST_TASKS) throw tooManyCells(grid, cell);
      for (const place of this.#cellsOf(near)) this.#add(label, place, clip.mode === 'pixels');
      if (this.#touched.size > MOST_TASKS) throw tooManyCells(grid, cell);
    }
  }

  /** Cells in row-major order. */
  allCells(): Cell[] {
    return this.#cellsOf({ col: 0, row: 0, ...this.#grid.size });
  }

  touchedCells(): Cell[] {
    return [...this.#touched.values()].sort((a, b) => a.yIndex - b.yIndex || a.xIndex - b.xIndex);
  }

  /** Pixels of the grid that a cell holds. */
  window({ yIndex, xIndex }: Cell): Window {
    const col = xIndex * this.#cell;
    const row = yIndex * this.#cell;
    const { width, height } = this.#grid.size;
    return { col, row, width: Math.min(this.#cell, width - col), height: Math.min(this.#cell, height - row) };
  }

  /** Labels in a cell by id; with `clip.mode: pixels` those whose buffer reaches into it too. */
  of(place: Cell): readonly TaskLabel[] {
    return this.#labels.get(keyOf(place)) ?? [];
  }

  hash(labels: readonly TaskLabel[]): string {
    return canonicalHash(labels.map((label) => this.#hashOf(label)));
  }

  #hashOf(label: TaskLabel): string {
    let hash = this.#hashes.get(label);
    if (hash === undefined) {
      hash = canonicalHash(label);
      this.#hashes.set(label, hash);
    }
    return hash;
  }

  #add(label: PlacedLabel, place: Cell, withBuffer: boolean): void {
    const key = keyOf(place);
    this.#touched.set(key, place);
    const inside = label.window === null ? null : intersectWindows(label.window, this.window(place));
    if (inside === null && !withBuffer) return;
    const whole = label.window !== null && inside !== null && sameWindow(inside, label.window);
    const { labelId, polygons, pixels } = label;
    const entry: TaskLabel = { labelId, polygons, pixels, whole };
    const list = this.#labels.get(key);
    if (list === undefined) this.#labels.set(key, [entry]);
    else list.push(entry);
  }

  #cellsOf({ col, row, width, height }: Window): Cell[] {
    const cells: Cell[] = [];
    for (let yIndex = Math.floor(row / this.#cell); yIndex * this.#cell < row + height; yIndex++) {
      for (let xIndex = Math.floor(col / this.#cell); xIndex * this.#cell < col + width; xIndex++)
        cells.push({ yIndex, xIndex });
    }
    return cells;
  }
}

function tooManyCells({ size }: GridSpec, cell: number): CubeError {
  const most = MOST_TASKS.toLocaleString('en');
  const what = `labels touch more than ${most} chunks of ${cell} pixels (the grid has ${size.width} by ${size.height})`;
  return specError('grid', what, 'set a coarser grid.resolution or a larger grid.chunk');
}

function keyOf({ yIndex, xIndex }: Cell): string {
  return `${yIndex}/${xIndex}`;
}

function sameWindow(a: Window, b: Window): boolean {
  return a.col === b.col && a.row === b.row && a.width === b.width && a.height === b.height;
}
