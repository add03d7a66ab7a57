import type { CoverageCells, CoverageRings, CoverageRule } from '../coverage-contract.js';
import type { PixelWindow } from '../kernels.js';

/**
 * Sums per cell of a window; a column more than it has takes what lies beyond its right side. All arithmetic is on
 * absolute coordinates, so that a cell's part of an edge is the same to the bit in every window.
 */
type Sums = {
  readonly window: PixelWindow;
  /** Area to the right of the edges inside the cell itself. */
  readonly areas: Float64Array;
  /** Height of the edges that end left of the cell: they cover it, and all cells right of it, whole. */
  readonly heights: Float64Array;
  /** Whether an edge runs through the cell; where none does the sum of heights is a whole number but for rounding. */
  readonly touched: Uint8Array;
};

/** An edge from its upper to its lower end; `sign` is 1 where the ring goes down along it, times the ring's sign. */
type Edge = {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
  readonly sign: number;
};

/** As the addon's `coverPolygons`: writes cells of `window` and their fractions above `least`, answers how many. */
export function coverRingsTwin(
  rings: CoverageRings,
  window: PixelWindow,
  rule: CoverageRule,
  least: number,
  output: CoverageCells,
): number {
  const count = (window.width + 1) * window.height;
  const sums = {
    window,
    areas: new Float64Array(count),
    heights: new Float64Array(count),
    touched: new Uint8Array(count),
  };
  let start = 0;
  for (let i = 0; i < rings.ends.length; i++) {
    const end = rings.ends[i]!;
    addRing(sums, rings.points.subarray(2 * start, 2 * end), rings.signs[i]!, rule);
    start = end;
  }
  return writeCells(sums, rule === 'exact', least, output);
}

function addRing(sums: Sums, points: Float64Array, sign: number, rule: CoverageRule): void {
  for (let i = 0; i < points.length; i += 2) {
    const j = i + 2 === points.length ? 0 : i + 2;
    const [ax, ay, bx, by] = [points[i]!, points[i + 1]!, points[j]!, points[j + 1]!];
    if (ay === by) {
      if (rule !== 'center') touch(sums, Math.min(ax, bx), Math.max(ax, bx), ay);
      continue;
    }
    const edge = ay < by ? { x0: ax, y0: ay, x1: bx, y1: by, sign } : { x0: bx, y0: by, x1: ax, y1: ay, sign: -sign };
    if (rule === 'center') addCrossings(sums, edge);
    else addEdge(sums, edge);
  }
}

/** x at a given y of the edge, never beyond its ends. */
function xAt({ x0, y0, x1, y1 }: Edge, y: number): number {
  if (y <= y0) return x0;
  if (y >= y1) return x1;
  const x = x0 + (y - y0) * ((x1 - x0) / (y1 - y0));
  return Math.min(Math.max(x, Math.min(x0, x1)), Math.max(x0, x1));
}

/** A horizontal edge adds nothing, but the cells that it runs through are not covered whole. */
function touch({ window, touched }: Sums, left: number, right: number, y: number): void {
  const row = Math.floor(y) - window.row;
  if (Number.isInteger(y) || row < 0 || row >= window.height) return;
  const line = row * (window.width + 1);
  const first = Math.max(0, Math.floor(left) - window.col);
  const end = Math.min(window.width, Math.ceil(right) - window.col);
  if (first < end) touched.fill(1, line + first, line + end);
}

function addEdge(sums: Sums, edge: Edge): void {
  const { row, height } = sums.window;
  const end = Math.min(Math.ceil(edge.y1), row + height);
  for (let y = Math.max(Math.floor(edge.y0), row); y < end; y++) {
    const from = Math.max(edge.y0, y);
    const to = Math.min(edge.y1, y + 1);
    if (to > from)
      addPiece(sums, (y - row) * (sums.window.width + 1), xAt(edge, from), xAt(edge, to), (to - from) * edge.sign);
  }
}

/** The piece of an edge inside one row of pixels: from one x to another, `height` signed. */
function addPiece(sums: Sums, line: number, a: number, b: number, height: number): void {
  const { col, width } = sums.window;
  const left = Math.min(a, b);
  const right = Math.max(a, b);
  const first = Math.floor(left);
  const last = Math.max(Math.ceil(right) - 1, first);
  if (first >= col + width) return;
  if (first === last) {
    addPart(sums, line, first, 0.5 * (left + right), height);
    return;
  }
  const rate = height / (right - left);
  if (first < col) sums.heights[line]! += rate * (Math.min(right, col) - left);
  const end = Math.min(last + 1, col + width);
  for (let c = Math.max(first, col); c < end; c++) {
    const from = Math.max(left, c);
    const to = Math.min(right, c + 1);
    addPart(sums, line, c, 0.5 * (from + to), rate * (to - from));
  }
}

/** An edge part inside cell `col`, its middle at `x`. */
function addPart(
  { window, areas, heights, touched }: Sums,
  line: number,
  col: number,
  x: number,
  height: number,
): void {
  if (col < window.col) {
    heights[line]! += height;
    return;
  }
  const cell = line + col - window.col;
  areas[cell]! += height * (col + 1 - x);
  heights[cell + 1]! += height;
  touched[cell] = 1;
}

/**
 * The centre rule: every row of pixel centres that the edge crosses (its top counts, its bottom does not) winds around
 * the centres from the crossing on, a centre exactly on it included.
 */
function addCrossings({ window, heights }: Sums, edge: Edge): void {
  const end = Math.min(Math.ceil(edge.y1), window.row + window.height);
  for (let row = Math.max(Math.floor(edge.y0), window.row); row < end; row++) {
    const y = row + 0.5;
    if (y < edge.y0 || y >= edge.y1) continue;
    const first = Math.max(Math.ceil(xAt(edge, y) - 0.5) - window.col, 0);
    if (first < window.width) heights[(row - window.row) * (window.width + 1) + first]! += edge.sign;
  }
}

function writeCells(
  { window, areas, heights, touched }: Sums,
  exact: boolean,
  least: number,
  output: CoverageCells,
): number {
  let n = 0;
  for (let row = 0; row < window.height; row++) {
    const line = row * (window.width + 1);
    let sum = 0;
    for (let col = 0; col < window.width; col++) {
      sum += heights[line + col]!;
      const signed = touched[line + col] === 1 ? sum + areas[line + col]! : Math.round(sum);
      const covered = Math.min(Math.abs(signed), 1);
      if (covered <= least) continue;
      output.cells[n] = row * window.width + col;
      output.fractions[n] = exact ? covered : 1;
      n++;
    }
  }
  return n;
}
