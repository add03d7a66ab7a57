import { S2Cell, S2CellId, S2LatLng } from 'nodes2ts';
import { CubeError } from '../errors.js';
import { cellCount, holdsNoCell, traceRing, walkInside, type CellGrid, type CellSize } from './cell-cover.js';
import type { Geometry } from './label.js';

/** Levels of S2 cells: 0 is a sixth of the Earth, 30 a square centimetre. */
export const MAX_S2_LEVEL = 30;
/** The sphere as large as WGS 84; a cell of level 0 is a sixth of it. */
const EARTH_M2 = 5.100_656_2e14;
/** Cells of one cover; more are a wrong level for the geometry. */
const MAX_CELLS = 1_000_000;
/** Parts of a side of a cell, straight in lon/lat: at level 1 they leave the great circle by some 100 m, at level 6 by less than one. */
const EDGE_PARTS = 64;

/**
 * Tokens of the S2 cells of a level (0 to 30) that a geometry touches: every point of it lies in one of them. In the order of their text,
 * which is that of the cells. Coordinates are lon/lat, edges straight in them (unlike those of S2's polygons); polygons do not cross ±180°.
 * More than a million cells: `invalid-argument`.
 */
export function s2Cover(geometry: Geometry, level: number): string[] {
  const grid = gridOf(level);
  const cells = new Set<string>();
  if (geometry.kind === 'points') {
    for (let i = 0; i < geometry.points.length; i += 2)
      cells.add(grid.cellAt(geometry.points[i]!, geometry.points[i + 1]!));
    return [...cells].sort();
  }
  if (s2CoverSize(geometry, level) > MAX_CELLS) {
    const what = `a geometry has more than ${MAX_CELLS} S2 cells of level ${level}`;
    throw new CubeError({ kind: 'invalid-argument', what, fix: 'take a lower level' });
  }
  for (const polygon of geometry.polygons) {
    const boundary = new Set<string>();
    for (const ring of polygon) traceRing(ring, grid, boundary);
    for (const cell of boundary) cells.add(cell);
    if (!holdsNoCell(polygon, sizeOf(level))) walkInside(polygon, grid, boundary, cells);
  }
  return [...cells].sort();
}

/** About how many cells `s2Cover` gives; for choosing a level. */
export function s2CoverSize(geometry: Geometry, level: number): number {
  if (geometry.kind === 'points') return geometry.points.length / 2;
  return geometry.polygons.reduce((sum, polygon) => sum + cellCount(polygon, sizeOf(level)), 0);
}

/** The token of the cell of a point. */
export function s2Token(lon: number, lat: number, level: number): string {
  return S2CellId.fromPoint(S2LatLng.fromDegrees(lat, lon).toPoint()).parentL(level).toToken();
}

/** Whether a text is the token of an S2 cell, as S2 writes it: hexadecimal, without zeros at its end. */
export function isS2Token(text: string): boolean {
  return /^[0-9a-f]{0,15}[1-9a-f]$/.test(text) && S2CellId.fromToken(text).isValid();
}

/**
 * The cell of a token as rings of lon/lat, closed: sides are great circles, cut into straight parts. A ring may cross the antimeridian; none
 * holds a pole, since a face of the cube is given as its four children.
 */
export function s2CellRings(token: string): [lon: number, lat: number][][] {
  const id = S2CellId.fromToken(token);
  if (id.level() > 0) return [ringOf(id)];
  const children: S2CellId[] = [];
  for (let child = id.childBegin(); !child.equals(id.childEnd()); child = child.next()) children.push(child);
  return children.map(ringOf);
}

function gridOf(level: number): CellGrid {
  return {
    cellAt: (lon, lat) => s2Token(lon, lat, level),
    neighbours: (cell) =>
      S2CellId.fromToken(cell)
        .getEdgeNeighbors()
        .map((near) => near.toToken()),
    centre: (cell) => {
      const { lngDegrees: lon, latDegrees: lat } = S2CellId.fromToken(cell).toLatLng();
      return { lon, lat };
    },
  };
}

function sizeOf(level: number): CellSize {
  const areaM2 = EARTH_M2 / (6 * 4 ** level);
  return { areaM2, edgeM: Math.sqrt(areaM2) };
}

/** Vertices as unit vectors. */
type Vector = readonly [x: number, y: number, z: number];

function ringOf(id: S2CellId): [number, number][] {
  const cell = new S2Cell(id);
  const vertices = [0, 1, 2, 3].map((k): Vector => {
    const { x, y, z } = cell.getVertex(k);
    return [x, y, z];
  });
  const east = id.toLatLng().lngDegrees >= 0;
  const points = vertices.flatMap((from, k) => {
    const to = vertices[(k + 1) % 4]!;
    return Array.from({ length: EDGE_PARTS }, (_, i) => between(from, to, i / EDGE_PARTS));
  });
  const ring = points.flatMap((point, i): [number, number][] => {
    if (!isPole(point)) return [lonLatOf(point, east)];
    // The pole is a line in lon/lat: from the meridian on which a side comes to the one on which the next goes.
    const lat = point[2] > 0 ? 90 : -90;
    const [before, after] = [points.at(i - 1)!, points[(i + 1) % points.length]!];
    return [
      [lonLatOf(before, east)[0], lat],
      [lonLatOf(after, east)[0], lat],
    ];
  });
  return [...ring, ring[0]!];
}

function between(a: Vector, b: Vector, part: number): Vector {
  const mix = (i: 0 | 1 | 2) => a[i] + part * (b[i] - a[i]);
  return [mix(0), mix(1), mix(2)];
}

function isPole([x, y, z]: Vector): boolean {
  return Math.hypot(x, y) < 1e-12 * Math.abs(z);
}

/** Sides on the antimeridian itself are east or west of it, as the cell is. */
function lonLatOf([x, y, z]: Vector, east: boolean): [lon: number, lat: number] {
  const lon = (Math.atan2(y, x) * 180) / Math.PI;
  return [Math.abs(lon) > 180 - 1e-12 ? (east ? 180 : -180) : lon, (Math.atan2(z, Math.hypot(x, y)) * 180) / Math.PI];
}
