import {
  cellToLatLng,
  getHexagonAreaAvg,
  getHexagonEdgeLengthAvg,
  gridDisk,
  latLngToCell,
  polygonToCellsExperimental,
  POLYGON_TO_CELLS_FLAGS,
  UNITS,
} from 'h3-js';
import { CubeError } from '../errors.js';
import { clipPolygon } from './clip-ring.js';
import type { Geometry, PolygonRings, Ring } from './label.js';
import { boundsOf, doubleSignedArea, locateInPolygon } from './ring-maths.js';

/** Cells of one cover; more are a wrong resolution for the polygon, not a label. */
const MAX_CELLS = 1_000_000;
/** Length of a degree of latitude at the equator on WGS 84 is 110,574 m, of longitude 111,320 m: the longer one. */
const METRES_PER_DEGREE = 111_320;
/**
 * With fewer cells than this walking from cell to cell is faster than H3's fill, by far for thin polygons: the fill looks at
 * every cell of the box, on all levels.
 */
const MANY_CELLS = 100_000;
/** No cell is smaller than this part of the mean of its resolution (pentagons are about half of it). */
const SMALLEST_CELL = 0.4;
/** 0.1 mm: see `h3Cover`. */
const CLOSE_DEGREES = 1e-9;
/** Longer edges are cut before anything is said of their curvature. */
const MAX_EDGE_DEGREES = 10;
const RADIAN = Math.PI / 180;
/** Polygons that one cell may hold are looked at for that first; not near the poles, where the box of one says little. */
const MAX_ONLY_DEGREES = 1;
const MAX_ONLY_LATITUDE = 85;
/** H3 takes polygons wider than half the globe for their complement. */
const MAX_WIDTH_DEGREES = 90;

/**
 * The H3 cells of a geometry at a resolution (0 to 15) in overlapping mode: every point of the geometry lies in one of
 * them, and there is at least one. Ascending. Coordinates are lon/lat; polygons do not cross ±180°. The cells along the
 * rings are traced with `latLngToCell`, because H3's overlapping fill takes the edges of cells for straight lines in
 * lon/lat, which those of large cells are not; then come the cells inside. A cell that an edge only grazes by less than
 * `grazeDegrees` (0.1 mm) may be missed; a larger one takes less time. More than a million cells:
 * `invalid-spec` with a resolution that fits.
 */
export function h3Cover(geometry: Geometry, resolution: number, grazeDegrees = CLOSE_DEGREES): bigint[] {
  const cells = new Set<string>();
  if (geometry.kind === 'points') {
    for (let i = 0; i < geometry.points.length; i += 2)
      cells.add(cellAt(geometry.points[i]!, geometry.points[i + 1]!, resolution));
  } else {
    for (const polygon of geometry.polygons) {
      const only = onlyCell(polygon, resolution);
      if (only !== null) {
        cells.add(only);
        continue;
      }
      assertReasonable(polygon, resolution);
      const boundary = new Set<string>();
      for (const ring of polygon) traceRing(ring, { resolution, grazeDegrees }, boundary);
      for (const cell of boundary) cells.add(cell);
      addInside(polygon, resolution, boundary, cells);
    }
  }
  return Array.from(cells, toBigInt).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** About how many cells `h3Cover` gives; for choosing a resolution. */
export function h3CoverSize(geometry: Geometry, resolution: number): number {
  if (geometry.kind === 'points') return geometry.points.length / 2;
  return geometry.polygons.reduce((sum, polygon) => sum + cellCount(polygon, resolution), 0);
}

/** The cell of a point, as a number. */
export function h3Cell(lon: number, lat: number, resolution: number): bigint {
  return toBigInt(cellAt(lon, lat, resolution));
}

function cellAt(lon: number, lat: number, resolution: number): string {
  return latLngToCell(lat, lon, resolution); // latitude first; wrong order gives a wrong cell, not an error
}

function toBigInt(cell: string): bigint {
  return BigInt(`0x${cell}`);
}

/**
 * The cell that holds a polygon as a whole, or null where several may. A cell is convex on the sphere, so it holds the box around the
 * polygon where it holds the corners of one that is larger by as much as straight lines in lon/lat leave great circles.
 */
function onlyCell(polygon: PolygonRings, resolution: number): string | null {
  const { xmin, ymin, xmax, ymax } = boundsOf(polygon[0]!);
  const [dx, dy] = [xmax - xmin, ymax - ymin];
  if (!(Math.max(dx, dy) < MAX_ONLY_DEGREES) || Math.max(Math.abs(ymin), Math.abs(ymax)) > MAX_ONLY_LATITUDE)
    return null;
  const north = 2 * bulgeOf(dx, dy) + CLOSE_DEGREES;
  const east = north / Math.cos(Math.max(Math.abs(ymin), Math.abs(ymax)) * RADIAN);
  if (xmin - east < -180 || xmax + east > 180) return null;
  const cell = cellAt(xmin - east, ymin - north, resolution);
  const isSame = (lon: number, lat: number) => cellAt(lon, lat, resolution) === cell;
  return isSame(xmax + east, ymax + north) && isSame(xmin - east, ymax + north) && isSame(xmax + east, ymin - north)
    ? cell
    : null;
}

type Trace = { readonly resolution: number; readonly grazeDegrees: number };

/** Cells of every point of a closed ring. */
function traceRing(ring: Ring, trace: Trace, cells: Set<string>): void {
  const { resolution, grazeDegrees } = trace;
  let from = cellAt(ring[0]!, ring[1]!, resolution);
  cells.add(from);
  for (let i = 2; i < ring.length; i += 2) {
    const to = cellAt(ring[i]!, ring[i + 1]!, resolution);
    cells.add(to);
    traceEdge([ring[i - 2]!, ring[i - 1]!, ring[i]!, ring[i + 1]!], from, to);
    from = to;
  }

  function traceEdge(edge: Edge, a: string, b: string): void {
    const [ax, ay, bx, by] = edge;
    if (a === b ? staysIn(a, edge, trace) : Math.max(Math.abs(bx - ax), Math.abs(by - ay)) <= grazeDegrees) return;
    const x = (ax + bx) / 2;
    const y = (ay + by) / 2;
    const middle = cellAt(x, y, resolution);
    cells.add(middle);
    traceEdge([ax, ay, x, y], a, middle);
    traceEdge([x, y, bx, by], middle, b);
  }
}

/** Lon/lat of the two ends. */
type Edge = readonly [ax: number, ay: number, bx: number, by: number];

/**
 * True where an edge whose ends are in one cell stays in it. Cells are convex on the sphere (their sides are great
 * circles), so the great circle between the ends does; the edge, straight in lon/lat, leaves it by at most
 * Δlon²/16 + Δlon·Δlat/4 radians (from φ'' = -sin φ cos φ - 2 tan φ φ'² of a great circle). So the cell must hold points that
 * far around both ends too.
 */
function staysIn(cell: string, [ax, ay, bx, by]: Edge, { resolution, grazeDegrees }: Trace): boolean {
  const [dx, dy] = [Math.abs(bx - ax), Math.abs(by - ay)];
  if (Math.max(dx, dy) > MAX_EDGE_DEGREES) return false;
  const bulge = bulgeOf(dx, dy);
  if (bulge <= grazeDegrees) return true;
  const north = 2 * bulge;
  for (const [x, y] of [
    [ax, ay],
    [bx, by],
  ] as const) {
    const east = north / Math.max(Math.cos(y * RADIAN), 0.01);
    for (const [lon, lat] of [
      [x, y + north],
      [x, y - north],
      [x + east, y],
      [x - east, y],
    ] as const) {
      if (cellAt(lon, Math.max(-90, Math.min(90, lat)), resolution) !== cell) return false;
    }
  }
  return true;
}

/** Degrees by which a line that is straight in lon/lat leaves the great circle between its ends, at most. */
function bulgeOf(dx: number, dy: number): number {
  return ((dx * dx) / 16 + (dx * dy) / 4) * RADIAN;
}

/** Add the cells that lie inside the polygon as a whole; those on its rings are there already. */
function addInside(polygon: PolygonRings, resolution: number, boundary: ReadonlySet<string>, cells: Set<string>): void {
  const area = getHexagonAreaAvg(resolution, UNITS.m2);
  const { xmin, ymin, xmax, ymax } = boundsOf(polygon[0]!);
  if ((xmax - xmin) * (ymax - ymin) * METRES_PER_DEGREE ** 2 < SMALLEST_CELL * area) return;
  if (areaM2(polygon) < MANY_CELLS * area) walkInside(polygon, boundary, cells);
  else fillInside(polygon, resolution, cells);
}

/** From the boundary inwards: a cell that no ring touches is inside when its centre is. */
function walkInside(polygon: PolygonRings, boundary: ReadonlySet<string>, cells: Set<string>): void {
  const seen = new Set(boundary);
  const queue = [...boundary];
  for (let cell = queue.pop(); cell !== undefined; cell = queue.pop()) {
    for (const near of gridDisk(cell, 1)) {
      if (seen.has(near)) continue;
      seen.add(near);
      const [lat, lon] = cellToLatLng(near);
      if (locateInPolygon(polygon, lon, lat) !== 1) continue;
      cells.add(near);
      queue.push(near);
    }
  }
}

function fillInside(polygon: PolygonRings, resolution: number, cells: Set<string>): void {
  const box = boundsOf(polygon[0]!);
  for (let west = box.xmin; west < box.xmax; west += MAX_WIDTH_DEGREES) {
    const slice = { ...box, xmin: west, xmax: Math.min(west + MAX_WIDTH_DEGREES, box.xmax) };
    const part = clipPolygon(polygon, slice);
    if (part === null) continue;
    const flag = POLYGON_TO_CELLS_FLAGS.containmentOverlapping;
    for (const cell of polygonToCellsExperimental(part.map(toPairs), resolution, flag, true)) cells.add(cell);
  }
}

/** Rings as H3 wants them; with `isGeoJson` true the order is lon, lat. */
function toPairs(ring: Ring): [number, number][] {
  const pairs: [number, number][] = [];
  for (let i = 0; i < ring.length; i += 2) pairs.push([ring[i]!, ring[i + 1]!]);
  return pairs;
}

function assertReasonable(polygon: PolygonRings, resolution: number): void {
  if (cellCount(polygon, resolution) <= MAX_CELLS) return;
  let fitting = resolution;
  while (fitting > 0 && cellCount(polygon, fitting) > MAX_CELLS) fitting--;
  const what = `a polygon of about ${Math.round(areaM2(polygon) / 1e6)} km² has more than ${MAX_CELLS} cells at resolution ${resolution}`;
  throw new CubeError({ kind: 'invalid-spec', path: 'labels.h3', what, fix: `set it to ${fitting} or lower` });
}

/** About how many cells a cover has: by area, and by the cells along the outer ring. */
function cellCount(polygon: PolygonRings, resolution: number): number {
  const edge = getHexagonEdgeLengthAvg(resolution, UNITS.m);
  return areaM2(polygon) / getHexagonAreaAvg(resolution, UNITS.m2) + lengthM(polygon[0]!) / edge;
}

function areaM2(polygon: PolygonRings): number {
  const { ymin, ymax } = boundsOf(polygon[0]!);
  const squareDegrees = Math.abs(doubleSignedArea(polygon[0]!)) / 2;
  return squareDegrees * METRES_PER_DEGREE ** 2 * Math.cos(((ymin + ymax) / 2) * RADIAN);
}

function lengthM(ring: Ring): number {
  let degrees = 0;
  for (let i = 2; i < ring.length; i += 2) degrees += Math.hypot(ring[i]! - ring[i - 2]!, ring[i + 1]! - ring[i - 1]!);
  return degrees * METRES_PER_DEGREE;
}
