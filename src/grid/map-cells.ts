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
  const count = columns * cellsAcross(window.row, window.height);
  const first = { col: Math.floor(window.col / MAP_CELL), row: Math.floor(window.row / MAP_CELL) };
  const cells = Array.from({ length: count }, (_, i) =>
    buildCell(request, (first.col + (i % columns)) * MAP_CELL, (first.row + Math.floor(i / columns)) * MAP_CELL),
  );
  const total = cells.reduce((sum, cell) => sum + cell.nodes.length, 0);
  if (total > 0xffff_ffff) throw tooLarge(window);
  return pack(cells, total);
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
  for (const splits of SPLITS) {
    const nodes = nodePlaces(splits);
    const checks = checkPlaces(splits);
    const xy = sourcePositions(request, col, row, nodes, checks);
    const missing = countMissing(xy);
    if (missing === xy.length / 2) return { splits: MAP_CELL_EMPTY, nodes: new Float64Array(0) };
    if (missing > 0) break;
    const exact = xy.subarray(2 * nodes.length * nodes.length);
    if (largestError(xy, exact, splits) <= request.maxErrorPx)
      return { splits, nodes: xy.slice(0, xy.length - exact.length) };
  }
  const halves = Array.from({ length: nodesPerSide(MAP_CELL_EXACT) }, (_, i) => i / 2);
  return { splits: MAP_CELL_EXACT, nodes: sourcePositions(request, col, row, halves, []) };
}

/** Source pixels at all crossings of `nodes`, then at all crossings of `checks` (pixels from the cell's corner). */
function sourcePositions(
  { target, source, toSource }: MapCellsRequest,
  col: number,
  row: number,
  nodes: readonly number[],
  checks: readonly number[],
): Float64Array {
  const xy = new Float64Array(2 * (nodes.length ** 2 + checks.length ** 2));
  let i = 0;
  for (const places of [nodes, checks]) {
    for (const y of places) {
      for (const x of places) {
        xy[i++] = target[0] * (col + x) + target[1] * (row + y) + target[2];
        xy[i++] = target[3] * (col + x) + target[4] * (row + y) + target[5];
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
