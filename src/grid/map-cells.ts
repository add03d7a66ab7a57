import { CubeError } from '../errors.js';
import { MAP_CELL, MAP_CELL_EMPTY, MAP_CELL_EXACT, type PixelMap } from '../native/kernels.js';
import { cellsAcross, lobattoWeights, nodesPerSide } from '../native/twin/warp-map.js';
import type { Affine, Window } from './affine.js';
import type { CrsTransform } from './transform.js';

/** A window of the target grid, the source grid and the accuracy that is asked for. */
export type MapCellsRequest = {
  readonly window: Window;
  readonly target: Affine;
  readonly source: Affine;
  readonly toSource: CrsTransform;
  readonly maxErrorPx: number;
};

type Cells = Pick<Extract<PixelMap, { kind: 'cells' }>, 'splits' | 'offsets' | 'nodes'>;
type Cell = { readonly splits: number; readonly nodes: Float64Array };

/** Patches a side that are tried before every half pixel is transformed on its own. */
const SPLITS = [1, 2, 4, 8, 16] as const;
/** Where the nodes of a patch are. */
const NODES = [0, 0.25, 0.75] as const;
/** Where a patch is compared with exact positions: about where a cubic through its nodes errs most. */
const CHECKS = [0.125, 0.5, 0.875] as const;
const CHECK_WEIGHTS = CHECKS.map(lobattoWeights);

/** The cells of a window's pixel map. A cell depends on its place in the target grid alone, never on the window. */
export function buildMapCells(request: MapCellsRequest): Cells {
  const { window } = request;
  const columns = cellsAcross(window.col, window.width);
  const rows = cellsAcross(window.row, window.height);
  const first = { col: Math.floor(window.col / MAP_CELL), row: Math.floor(window.row / MAP_CELL) };
  const simple = simpleCells(request, first, columns, rows);
  const cells = Array.from({ length: columns * rows }, (_, i) => {
    const [col, row] = [first.col + (i % columns), first.row + Math.floor(i / columns)];
    return simple(i) ?? buildCell(request, col * MAP_CELL, row * MAP_CELL);
  });
  const total = cells.reduce((sum, cell) => sum + cell.nodes.length, 0);
  if (total > 0xffff_ffff) throw tooLarge(window);
  return pack(cells, total);
}

/** More points are not transformed at once. */
const MAX_POINTS = 2 ** 20;

/**
 * The cells that one patch is enough for, most of them all, with one transform for all: nodes that cells share are
 * transformed once. Gives null for a cell that needs more, or is not everywhere.
 */
function simpleCells(
  request: MapCellsRequest,
  first: { readonly col: number; readonly row: number },
  columns: number,
  rows: number,
): (cell: number) => Cell | null {
  if (9 * columns * rows > MAX_POINTS) return () => null;
  const along = (start: number, count: number, places: readonly number[]) =>
    Array.from({ length: count * 3 }, (_, i) => (start + Math.floor(i / 3) + places[i % 3]!) * MAP_CELL);
  const end = (start: number, count: number) => (start + count) * MAP_CELL;
  const nodeCols = [...along(first.col, columns, NODES), end(first.col, columns)];
  const nodeRows = [...along(first.row, rows, NODES), end(first.row, rows)];
  const checkCols = along(first.col, columns, CHECKS);
  const nodes = positionsAt(request, [{ cols: nodeCols, rows: nodeRows }]);
  const checks = positionsAt(request, [{ cols: checkCols, rows: along(first.row, rows, CHECKS) }]);
  return (cell) => {
    const [col, row] = [3 * (cell % columns), 3 * Math.floor(cell / columns)];
    const own = block(nodes, nodeCols.length, { col, row, side: 4 });
    const exact = block(checks, checkCols.length, { col, row, side: 3 });
    const all = countMissing(own) + countMissing(exact) === 0;
    return all && largestError(own, exact, 1) <= request.maxErrorPx ? { splits: 1, nodes: own } : null;
  };
}

/** A square of points out of rows of `across` points. */
function block(
  points: Float64Array,
  across: number,
  { col, row, side }: { readonly col: number; readonly row: number; readonly side: number },
): Float64Array {
  const xy = new Float64Array(2 * side * side);
  for (let j = 0; j < side; j++) {
    const from = 2 * ((row + j) * across + col);
    xy.set(points.subarray(from, from + 2 * side), 2 * j * side);
  }
  return xy;
}

function pack(cells: readonly Cell[], total: number): Cells {
  const nodes = new Float64Array(total);
  const offsets = new Uint32Array(cells.length);
  let offset = 0;
  for (const [i, cell] of cells.entries()) {
    offsets[i] = offset;
    nodes.set(cell.nodes, offset);
    offset += cell.nodes.length;
  }
  return { splits: Uint8Array.from(cells, (cell) => cell.splits), offsets, nodes };
}

function buildCell(request: MapCellsRequest, col: number, row: number): Cell {
  const at = (places: readonly number[]) => ({
    cols: places.map((place) => col + place),
    rows: places.map((place) => row + place),
  });
  for (const splits of SPLITS) {
    const nodes = nodePlaces(splits);
    const xy = positionsAt(request, [at(nodes), at(checkPlaces(splits))]);
    const missing = countMissing(xy);
    if (missing === xy.length / 2) return { splits: MAP_CELL_EMPTY, nodes: new Float64Array(0) };
    if (missing > 0) break;
    const exact = xy.subarray(2 * nodes.length * nodes.length);
    if (largestError(xy, exact, splits) <= request.maxErrorPx)
      return { splits, nodes: xy.slice(0, xy.length - exact.length) };
  }
  const halves = Array.from({ length: nodesPerSide(MAP_CELL_EXACT) }, (_, i) => i / 2);
  return { splits: MAP_CELL_EXACT, nodes: positionsAt(request, [at(halves)]) };
}

type Crossings = { readonly cols: readonly number[]; readonly rows: readonly number[] };

/** Source pixels at all crossings of columns and rows of the target grid, row by row, one list behind the other. */
function positionsAt({ target, source, toSource }: MapCellsRequest, lists: readonly Crossings[]): Float64Array {
  const xy = new Float64Array(2 * lists.reduce((sum, { cols, rows }) => sum + cols.length * rows.length, 0));
  let i = 0;
  for (const { cols, rows } of lists) {
    for (const row of rows) {
      for (const col of cols) {
        xy[i++] = target[0] * col + target[1] * row + target[2];
        xy[i++] = target[3] * col + target[4] * row + target[5];
      }
    }
  }
  toSource.transform(xy);
  toPixels(xy, source);
  return xy;
}

function toPixels(xy: Float64Array, [a, b, c, d, e, f]: Affine): void {
  const det = a * e - b * d;
  for (let i = 0; i < xy.length; i += 2) {
    const x = xy[i]! - c;
    const y = xy[i + 1]! - f;
    xy[i] = (e * x - b * y) / det;
    xy[i + 1] = (a * y - d * x) / det;
  }
}

function nodePlaces(splits: number): number[] {
  const patch = MAP_CELL / splits;
  return Array.from({ length: 3 * splits + 1 }, (_, i) => (Math.floor(i / 3) + NODES[(i % 3) as 0 | 1 | 2]) * patch);
}

function checkPlaces(splits: number): number[] {
  const patch = MAP_CELL / splits;
  return Array.from({ length: 3 * splits }, (_, i) => (Math.floor(i / 3) + CHECKS[(i % 3) as 0 | 1 | 2]) * patch);
}

/** Points with a coordinate that is not finite; both become NaN, so that they count as missing everywhere. */
function countMissing(xy: Float64Array): number {
  let missing = 0;
  for (let i = 0; i < xy.length; i += 2) {
    if (Number.isFinite(xy[i]!) && Number.isFinite(xy[i + 1]!)) continue;
    xy[i] = NaN;
    xy[i + 1] = NaN;
    missing++;
  }
  return missing;
}

function largestError(nodes: Float64Array, exact: Float64Array, splits: number): number {
  let worst = 0;
  for (let j = 0; j < 3 * splits; j++) {
    for (let i = 0; i < 3 * splits; i++) {
      for (const axis of [0, 1]) {
        const found = patchValue(nodes, splits, i, j, axis);
        worst = Math.max(worst, Math.abs(found - exact[2 * (j * 3 * splits + i) + axis]!));
      }
    }
  }
  return worst;
}

/** Value of the patch at check point (i, j) of the cell, `axis` 0 for x and 1 for y. */
function patchValue(nodes: Float64Array, splits: number, i: number, j: number, axis: number): number {
  const stride = 2 * nodesPerSide(splits);
  const first = 3 * Math.floor(j / 3) * stride + 6 * Math.floor(i / 3) + axis;
  const across = CHECK_WEIGHTS[i % 3]!;
  const down = CHECK_WEIGHTS[j % 3]!;
  let sum = 0;
  for (let n = 0; n < 4; n++) {
    for (let m = 0; m < 4; m++) sum += down[n]! * across[m]! * nodes[first + n * stride + 2 * m]!;
  }
  return sum;
}

function tooLarge(window: Window): CubeError {
  const fix = 'ask for a smaller window';
  return new CubeError({
    kind: 'invalid-argument',
    what: `pixel map of ${window.width} × ${window.height} pixels is too large`,
    fix,
  });
}
