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
import { nativeCoverCells, type CoverCells } from '../native/cells.js';
import {
  areaM2,
  bulgeOf,
  cellCount,
  CLOSE_DEGREES,
  holdsNoCell,
  traceRing,
  walkInside,
  type CellGrid,
  type CellSize,
} from './cell-cover.js';
import { clipPolygon } from './clip-ring.js';
import type { Geometry, PolygonRings, Ring } from './label.js';
import { boundsOf } from './ring-maths.js';

/** Cells of one cover; more are a wrong resolution for the polygon, not a label. */
const MAX_CELLS = 1_000_000;
/**
 * With fewer cells than this walking from cell to cell is faster than H3's fill, by far for thin polygons: the fill looks at
 * every cell of the box, on all levels.
 */
const MANY_CELLS = 100_000;
/** By resolution. */
const SIZES = Array.from({ length: 16 }, (_, resolution): CellSize => ({
  areaM2: getHexagonAreaAvg(resolution, UNITS.m2),
  edgeM: getHexagonEdgeLengthAvg(resolution, UNITS.m),
}));
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
      for (const ring of polygon) traceRing(ring, gridOf(resolution), boundary, grazeDegrees);
      for (const cell of boundary) cells.add(cell);
      addInside(polygon, resolution, boundary, cells);
    }
  }
  return Array.from(cells, toBigInt).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** How `h3Covers` finds them. */
export type CoversOptions = {
  /** As of `h3Cover`. */
  readonly grazeDegrees?: number;
  /** That may share the work; 1 by default. */
  readonly threads?: number;
  /** Null: the twin of the addon's. */
  readonly coverCells?: CoverCells | null;
};

/** `h3Cover` of each of many geometries; with the addon many times as quick, but for those of very many cells. */
export function h3Covers(
  geometries: readonly Geometry[],
  resolution: number,
  { grazeDegrees = CLOSE_DEGREES, threads = 1, coverCells = nativeCoverCells() }: CoversOptions = {},
): bigint[][] {
  const one = (geometry: Geometry) => h3Cover(geometry, resolution, grazeDegrees);
  if (coverCells === null) return geometries.map(one);
  const covers = geometries.map((geometry) => (isSmall(geometry, resolution) ? null : one(geometry)));
  const small = geometries.filter((_, i) => covers[i] === null);
  const meanAreaM2 = SIZES[resolution]!.areaM2;
  const { cells, ends } = coverCells(small, { resolution, meanAreaM2, grazeDegrees, threads });
  let next = 0;
  return covers.map((known) => {
    if (known !== null) return known;
    const start = next === 0 ? 0 : ends[next - 1]!;
    return Array.from(cells.subarray(start, ends[next++]));
  });
}

/** The cell of each of some points (x, y pairs). */
export function h3Cells(points: Float64Array, resolution: number): bigint[] {
  const geometries = Array.from({ length: points.length / 2 }, (_, i) => ({
    kind: 'points' as const,
    points: points.subarray(2 * i, 2 * i + 2),
  }));
  return h3Covers(geometries, resolution).map(([cell]) => cell!);
}

function isSmall(geometry: Geometry, resolution: number): boolean {
  if (geometry.kind === 'points') return true;
  return geometry.polygons.every((polygon) => cellCount(polygon, SIZES[resolution]!) < MANY_CELLS);
}

/** About how many cells `h3Cover` gives; for choosing a resolution. */
export function h3CoverSize(geometry: Geometry, resolution: number): number {
  if (geometry.kind === 'points') return geometry.points.length / 2;
  return geometry.polygons.reduce((sum, polygon) => sum + cellCount(polygon, SIZES[resolution]!), 0);
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

/** Add the cells that lie inside the polygon as a whole; those on its rings are there already. */
function addInside(polygon: PolygonRings, resolution: number, boundary: ReadonlySet<string>, cells: Set<string>): void {
  const size = SIZES[resolution]!;
  if (holdsNoCell(polygon, size)) return;
  if (areaM2(polygon) < MANY_CELLS * size.areaM2) walkInside(polygon, gridOf(resolution), boundary, cells);
  else fillInside(polygon, resolution, cells);
}

function gridOf(resolution: number): CellGrid {
  return {
    cellAt: (lon, lat) => cellAt(lon, lat, resolution),
    neighbours: (cell) => gridDisk(cell, 1),
    centre: (cell) => {
      const [lat, lon] = cellToLatLng(cell);
      return { lon, lat };
    },
  };
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
  if (cellCount(polygon, SIZES[resolution]!) <= MAX_CELLS) return;
  let fitting = resolution;
  while (fitting > 0 && cellCount(polygon, SIZES[fitting]!) > MAX_CELLS) fitting--;
  const what = `a polygon of about ${Math.round(areaM2(polygon) / 1e6)} km² has more than ${MAX_CELLS} cells at resolution ${resolution}`;
  throw new CubeError({ kind: 'invalid-spec', path: 'labels.h3', what, fix: `set it to ${fitting} or lower` });
}
