import type { CoverageCells } from '../coverage.js';
import type { PixelWindow } from '../kernels.js';

type Polygons = readonly (readonly Float64Array[])[];

/** Arithmetic noise of the sums below; a pixel that is covered less than this is not covered. */
const NOISE = 1e-12;

/**
 * Exact covered fractions by signed areas: every edge adds, to the cells of each row that it crosses, the area between
 * it and the right side of the window; a running sum along the row then gives each cell's covered area.
 */
export function coverExactTwin(polygons: Polygons, window: PixelWindow): CoverageCells {
  const part = touchedPart(polygons, window);
  if (part === null) return none();
  const stride = part.width + 2;
  const sums = new Float64Array(stride * part.height);
  for (const rings of polygons) {
    for (const [index, ring] of rings.entries()) {
      const sign = (signedArea(ring) >= 0 ? 1 : -1) * (index === 0 ? 1 : -1);
      addRing(sums, stride, part, ring, sign);
    }
  }
  return collect(window, part, (row, emit) => {
    let covered = 0;
    for (let col = 0; col < part.width; col++) {
      covered += sums[row * stride + col]!;
      emit(col, Math.min(1, covered));
    }
  });
}

/** Pixels whose centre is inside; a centre on an edge belongs to the polygon on its right or below, so that neighbours never share one. */
export function coverCentersTwin(polygons: Polygons, window: PixelWindow): CoverageCells {
  const part = touchedPart(polygons, window);
  if (part === null) return none();
  return collect(window, part, (row, emit) => {
    const y = part.row + row + 0.5;
    const inside = new Uint8Array(part.width);
    for (const rings of polygons) {
      const crossings = rings.flatMap((ring) => crossingsAt(ring, y)).sort((a, b) => a - b);
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        const first = Math.max(0, Math.ceil(crossings[i]! - 0.5) - part.col);
        const last = Math.min(part.width, Math.ceil(crossings[i + 1]! - 0.5) - part.col);
        if (last > first) inside.fill(1, first, last);
      }
    }
    for (let col = 0; col < part.width; col++) emit(col, inside[col]!);
  });
}

/** Pixels that a polygon covers in part or that its outline runs through. */
export function coverTouchedTwin(polygons: Polygons, window: PixelWindow): CoverageCells {
  const { cells } = coverExactTwin(polygons, window);
  return { cells, fractions: new Float64Array(cells.length).fill(1) };
}

/** The pixels of the window inside the polygons' bounding box. */
function touchedPart(polygons: Polygons, window: PixelWindow): PixelWindow | null {
  let [xmin, ymin, xmax, ymax] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [outline] of polygons) {
    if (outline === undefined) continue;
    for (let i = 0; i + 1 < outline.length; i += 2) {
      xmin = Math.min(xmin, outline[i]!);
      xmax = Math.max(xmax, outline[i]!);
      ymin = Math.min(ymin, outline[i + 1]!);
      ymax = Math.max(ymax, outline[i + 1]!);
    }
  }
  const col = Math.max(window.col, Math.floor(xmin));
  const row = Math.max(window.row, Math.floor(ymin));
  const width = Math.min(window.col + window.width, Math.ceil(xmax)) - col;
  const height = Math.min(window.row + window.height, Math.ceil(ymax)) - row;
  return width > 0 && height > 0 ? { col, row, width, height } : null;
}

function addRing(sums: Float64Array, stride: number, part: PixelWindow, ring: Float64Array, sign: number): void {
  for (let i = 0; i + 3 < ring.length; i += 2) {
    const [x0, y0, x1, y1] = [ring[i]! - part.col, ring[i + 1]! - part.row, ring[i + 2]! - part.col, ring[i + 3]! - part.row];
    if (y0 === y1) continue;
    // An edge that runs up has its area to the right with the other sign.
    if (y0 < y1) addEdge(sums, stride, part, { x0, y0, x1, y1 }, -sign);
    else addEdge(sums, stride, part, { x0: x1, y0: y1, x1: x0, y1: y0 }, sign);
  }
}

type Edge = { readonly x0: number; readonly y0: number; readonly x1: number; readonly y1: number };

/** One edge that runs down, row by row. */
function addEdge(sums: Float64Array, stride: number, part: PixelWindow, { x0, y0, x1, y1 }: Edge, sign: number): void {
  const slope = (x1 - x0) / (y1 - y0);
  const from = Math.max(0, Math.floor(y0));
  const to = Math.min(part.height, Math.ceil(y1));
  for (let row = from; row < to; row++) {
    const top = Math.max(row, y0);
    const bottom = Math.min(row + 1, y1);
    if (bottom <= top) continue;
    const xTop = top === y0 ? x0 : x0 + (top - y0) * slope;
    const xBottom = bottom === y1 ? x1 : x0 + (bottom - y0) * slope;
    addSpan(sums, row * stride, part.width, Math.min(xTop, xBottom), Math.max(xTop, xBottom), (bottom - top) * sign);
  }
}

/** A piece of an edge within one row, from `left` to `right`, `dy` high; heights are shared along x in proportion. */
function addSpan(sums: Float64Array, base: number, width: number, left: number, right: number, dy: number): void {
  if (left >= width) return;
  if (right <= 0) {
    sums[base] = sums[base]! + dy;
    return;
  }
  const run = right - left;
  if (run === 0) return addPiece(sums, base, Math.floor(left), left - Math.floor(left), dy);
  if (left < 0) sums[base] = sums[base]! + (dy * -left) / run;
  const first = Math.max(0, Math.floor(left));
  for (let col = first; col < width && col < right; col++) {
    const a = Math.max(left, col);
    const b = Math.min(right, col + 1);
    if (b > a) addPiece(sums, base, col, (a + b) / 2 - col, (dy * (b - a)) / run);
  }
}

/** A piece inside one cell whose mean distance from the cell's left side is `x`. */
function addPiece(sums: Float64Array, base: number, col: number, x: number, dy: number): void {
  sums[base + col] = sums[base + col]! + dy * (1 - x);
  sums[base + col + 1] = sums[base + col + 1]! + dy * x;
}

/** Twice the signed area is not needed: only its sign is. Relative to the first point, against cancellation. */
function signedArea(ring: Float64Array): number {
  const [ox, oy] = [ring[0] ?? 0, ring[1] ?? 0];
  let sum = 0;
  for (let i = 0; i + 3 < ring.length; i += 2) {
    sum += (ring[i]! - ox) * (ring[i + 3]! - oy) - (ring[i + 2]! - ox) * (ring[i + 1]! - oy);
  }
  return sum;
}

/** Where a ring crosses the line of height y; an edge owns its upper end. */
function crossingsAt(ring: Float64Array, y: number): number[] {
  const xs: number[] = [];
  for (let i = 0; i + 3 < ring.length; i += 2) {
    const [x0, y0, x1, y1] = [ring[i]!, ring[i + 1]!, ring[i + 2]!, ring[i + 3]!];
    if (y0 <= y === y1 <= y) continue;
    xs.push(x0 + ((y - y0) * (x1 - x0)) / (y1 - y0));
  }
  return xs;
}

function collect(
  window: PixelWindow,
  part: PixelWindow,
  eachRow: (row: number, emit: (col: number, fraction: number) => void) => void,
): CoverageCells {
  const cells: number[] = [];
  const fractions: number[] = [];
  for (let row = 0; row < part.height; row++) {
    const base = (part.row - window.row + row) * window.width + part.col - window.col;
    eachRow(row, (col, fraction) => {
      if (fraction <= NOISE) return;
      cells.push(base + col);
      fractions.push(fraction);
    });
  }
  return { cells: Uint32Array.from(cells), fractions: Float64Array.from(fractions) };
}

function none(): CoverageCells {
  return { cells: new Uint32Array(0), fractions: new Float64Array(0) };
}
