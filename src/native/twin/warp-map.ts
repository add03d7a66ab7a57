import { MAP_CELL, MAP_CELL_EMPTY, MAP_CELL_EXACT, type PixelMap } from '../kernels.js';

type Cells = Extract<PixelMap, { kind: 'cells' }>;

/** Where positions go, and the point inside each pixel that is asked for, 0 to 1 from its upper left corner. */
export type Points = { readonly x: Float64Array; readonly y: Float64Array; readonly dx: number; readonly dy: number };

/** Fractional source pixels of one target row (`row` within the window); NaN where there is none. */
export function rowPositions(map: PixelMap, row: number, points: Points): void {
  if (map.kind === 'affine') affineRow(map, row, points);
  else {
    for (let i = 0; i < map.width;) {
      const length = Math.min(MAP_CELL - modulo(map.col + i, MAP_CELL), map.width - i);
      cellRow(map, { col: map.col + i, row: map.row + row }, points, i, length);
      i += length;
    }
  }
}

/** Nodes a side of a cell. */
export function nodesPerSide(splits: number): number {
  if (splits === MAP_CELL_EMPTY) return 0;
  return splits === MAP_CELL_EXACT ? 2 * MAP_CELL + 1 : 3 * splits + 1;
}

/** Cells that `length` pixels from `start` on touch. */
export function cellsAcross(start: number, length: number): number {
  return length === 0 ? 0 : Math.floor((start + length - 1) / MAP_CELL) - Math.floor(start / MAP_CELL) + 1;
}

function affineRow(
  { col, row: top, width, matrix: [a, b, c, d, e, f] }: Extract<PixelMap, { kind: 'affine' }>,
  row: number,
  points: Points,
): void {
  const v = top + row + points.dy;
  for (let i = 0; i < width; i++) {
    const u = col + i + points.dx;
    points.x[i] = a * u + b * v + c;
    points.y[i] = d * u + e * v + f;
  }
}

function cellRow(map: Cells, at: { col: number; row: number }, points: Points, start: number, length: number): void {
  const columns = cellsAcross(map.col, map.width);
  const line = Math.floor(at.row / MAP_CELL) - Math.floor(map.row / MAP_CELL);
  const cell = line * columns + Math.floor(at.col / MAP_CELL) - Math.floor(map.col / MAP_CELL);
  const splits = map.splits[cell]!;
  const place = {
    first: map.offsets[cell]!,
    col: modulo(at.col, MAP_CELL),
    row: modulo(at.row, MAP_CELL),
    start,
    length,
  };
  if (splits === MAP_CELL_EMPTY) {
    points.x.fill(NaN, start, start + length);
    points.y.fill(NaN, start, start + length);
  } else if (splits === MAP_CELL_EXACT) exactRow(map.nodes, place, points);
  else patchRow(map.nodes, splits, place, points);
}

/** Part of a cell's row: first node of the cell, first pixel in it, and where in the points it goes. */
type Place = {
  readonly first: number;
  readonly col: number;
  readonly row: number;
  readonly start: number;
  readonly length: number;
};

/** `dx` and `dy` are multiples of a half pixel, where the nodes are. */
function exactRow(nodes: Float64Array, { first, col, row, start, length }: Place, { x, y, dx, dy }: Points): void {
  const line = (2 * row + Math.trunc(2 * dy)) * nodesPerSide(MAP_CELL_EXACT);
  for (let i = 0; i < length; i++) {
    const node = first + 2 * (line + 2 * (col + i) + Math.trunc(2 * dx));
    x[start + i] = nodes[node]!;
    y[start + i] = nodes[node + 1]!;
  }
}

function patchRow(
  nodes: Float64Array,
  splits: number,
  { first, col, row, start, length }: Place,
  points: Points,
): void {
  const { x, y, dx, dy } = points;
  const stride = 2 * nodesPerSide(splits);
  const patch = MAP_CELL / splits;
  const scale = 1 / patch;
  const weights = lobattoWeights(((row % patch) + dy) * scale);
  const line = first + 3 * Math.floor(row / patch) * stride;
  for (let i = 0; i < length;) {
    const from = (col + i) % patch;
    const end = Math.min(i + patch - from, length);
    const node = line + 6 * Math.floor((col + i) / patch);
    const [x0, x1, x2, x3] = curve(nodes, node, stride, weights);
    const [y0, y1, y2, y3] = curve(nodes, node + 1, stride, weights);
    for (let k = i; k < end; k++) {
      const t = (from + k - i + dx) * scale;
      x[start + k] = ((x3 * t + x2) * t + x1) * t + x0;
      y[start + k] = ((y3 * t + y2) * t + y1) * t + y0;
    }
    i = end;
  }
}

type Four = readonly [number, number, number, number];

/** Coefficients, constant first, of the cubic in x that a patch is at one y. `first` is the place of its first node. */
function curve(nodes: Float64Array, first: number, stride: number, weights: Four): Four {
  const at = (i: number): number => {
    const k = first + 2 * i;
    const upper = nodes[k]! * weights[0] + nodes[k + stride]! * weights[1];
    return upper + nodes[k + 2 * stride]! * weights[2] + nodes[k + 3 * stride]! * weights[3];
  };
  const start = at(0);
  const p = at(1) - start;
  const q = at(2) - start;
  const r = at(3) - start;
  return [
    start,
    8 * p - (8 / 3) * q + r,
    (40 / 3) * q - (56 / 3) * p - (16 / 3) * r,
    (32 / 3) * p - (32 / 3) * q + (16 / 3) * r,
  ];
}

/** Lagrange weights at `t` for the nodes 0, ¼, ¾, 1 (Chebyshev-Lobatto points of degree 3). */
export function lobattoWeights(t: number): Four {
  const a = t - 0.25;
  const b = t - 0.75;
  const c = t - 1;
  return [(a * b * c) / -0.1875, (t * b * c) / 0.09375, (t * a * c) / -0.09375, (t * a * b) / 0.1875];
}

function modulo(value: number, size: number): number {
  return ((value % size) + size) % size;
}

/** The source position of any point of the window, in fractional pixels of the window; NaN where there is none. */
export function positionOnMap(
  map: PixelMap,
  at: { readonly col: number; readonly row: number },
): { col: number; row: number } {
  const u = map.col + at.col;
  const v = map.row + at.row;
  if (map.kind === 'affine') {
    const [a, b, c, d, e, f] = map.matrix;
    return { col: a * u + b * v + c, row: d * u + e * v + f };
  }
  const cell = { col: cellAt(u, map.col, map.width), row: cellAt(v, map.row, map.height) };
  const index = cell.row * cellsAcross(map.col, map.width) + cell.col;
  const x = u - (Math.floor(map.col / MAP_CELL) + cell.col) * MAP_CELL;
  const y = v - (Math.floor(map.row / MAP_CELL) + cell.row) * MAP_CELL;
  return positionInCell(map.nodes, map.splits[index] ?? MAP_CELL_EMPTY, map.offsets[index] ?? 0, { x, y });
}

/** Place of a position's cell among those of the map, the nearest one for positions beyond them. */
function cellAt(position: number, start: number, length: number): number {
  const place = Math.floor(position / MAP_CELL) - Math.floor(start / MAP_CELL);
  return Math.min(Math.max(place, 0), cellsAcross(start, length) - 1);
}

function positionInCell(
  nodes: Float64Array,
  splits: number,
  first: number,
  { x, y }: { readonly x: number; readonly y: number },
): { col: number; row: number } {
  if (splits === MAP_CELL_EMPTY) return { col: NaN, row: NaN };
  const side = nodesPerSide(splits);
  if (splits === MAP_CELL_EXACT) {
    const near = (value: number) => Math.min(Math.max(Math.round(2 * value), 0), side - 1);
    const node = first + 2 * (near(y) * side + near(x));
    return { col: nodes[node]!, row: nodes[node + 1]! };
  }
  const patch = MAP_CELL / splits;
  const at = (value: number) => Math.min(Math.max(Math.floor(value / patch), 0), splits - 1);
  const node = first + 6 * (at(y) * side + at(x));
  const weights = lobattoWeights(y / patch - at(y));
  const t = x / patch - at(x);
  const cubic = ([c0, c1, c2, c3]: Four) => ((c3 * t + c2) * t + c1) * t + c0;
  return { col: cubic(curve(nodes, node, 2 * side, weights)), row: cubic(curve(nodes, node + 1, 2 * side, weights)) };
}
