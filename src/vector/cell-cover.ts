import type { PolygonRings, Ring } from './label.js';
import { boundsOf, doubleSignedArea, locateInPolygon } from './ring-maths.js';

/** Cells of one size all over the sphere. Their sides are great circles, so that each is convex. Cells are told by text. */
export type CellGrid = {
  /** Degrees; latitudes within ±90. */
  cellAt(lon: number, lat: number): string;
  /** The cells that share a side with one; others too, for all that matters here. */
  neighbours(cell: string): readonly string[];
  centre(cell: string): { readonly lon: number; readonly lat: number };
};

/** Of a cell of mean size. */
export type CellSize = { readonly areaM2: number; readonly edgeM: number };

/** Length of a degree of latitude at the equator on WGS 84 is 110,574 m, of longitude 111,320 m: the longer one. */
const METRES_PER_DEGREE = 111_320;
/** No cell is smaller than this part of the mean of its size (pentagons of H3 are about half of it, cells of S2 three fifths). */
const SMALLEST_CELL = 0.4;
/** 0.1 mm: a cell that an edge only grazes by less may be missed. */
export const CLOSE_DEGREES = 1e-9;
/** Longer edges are cut before anything is said of their curvature. */
const MAX_EDGE_DEGREES = 10;
const RADIAN = Math.PI / 180;

/** Adds the cells of every point of a closed ring, whose edges are straight in lon/lat; those that are only grazed may be left out. */
export function traceRing(ring: Ring, grid: CellGrid, cells: Set<string>, grazeDegrees = CLOSE_DEGREES): void {
  let from = grid.cellAt(ring[0]!, ring[1]!);
  cells.add(from);
  for (let i = 2; i < ring.length; i += 2) {
    const to = grid.cellAt(ring[i]!, ring[i + 1]!);
    cells.add(to);
    traceEdge([ring[i - 2]!, ring[i - 1]!, ring[i]!, ring[i + 1]!], from, to);
    from = to;
  }

  function traceEdge(edge: Edge, a: string, b: string): void {
    const [ax, ay, bx, by] = edge;
    if (ay === by && Math.abs(ay) === 90) return; // all of it is the pole
    if (a === b ? staysIn(a, edge) : Math.max(Math.abs(bx - ax), Math.abs(by - ay)) <= grazeDegrees) return;
    const x = (ax + bx) / 2;
    const y = (ay + by) / 2;
    const middle = grid.cellAt(x, y);
    cells.add(middle);
    traceEdge([ax, ay, x, y], a, middle);
    traceEdge([x, y, bx, by], middle, b);
  }

  /**
   * True where an edge whose ends are in one cell stays in it. Cells are convex on the sphere (their sides are great
   * circles), so the great circle between the ends does; the edge, straight in lon/lat, leaves it by at most
   * Δlon²/16 + Δlon·Δlat/4 radians (from φ'' = -sin φ cos φ - 2 tan φ φ'² of a great circle). So the cell must hold points that
   * far around both ends too.
   */
  function staysIn(cell: string, [ax, ay, bx, by]: Edge): boolean {
    const [dx, dy] = [Math.abs(bx - ax), Math.abs(by - ay)];
    if (Math.max(dx, dy) > MAX_EDGE_DEGREES) return false;
    const bulge = bulgeOf(dx, dy);
    if (bulge <= grazeDegrees) return true;
    return holdsAround(cell, ax, ay, 2 * bulge) && holdsAround(cell, bx, by, 2 * bulge);
  }

  function holdsAround(cell: string, x: number, y: number, north: number): boolean {
    const east = north / Math.max(Math.cos(y * RADIAN), 0.01);
    const isIn = (lon: number, lat: number) => grid.cellAt(lon, Math.max(-90, Math.min(90, lat))) === cell;
    return isIn(x, y + north) && isIn(x, y - north) && isIn(x + east, y) && isIn(x - east, y);
  }
}

/** Lon/lat of the two ends. */
type Edge = readonly [ax: number, ay: number, bx: number, by: number];

/** Degrees by which a line that is straight in lon/lat leaves the great circle between its ends, at most. */
export function bulgeOf(dx: number, dy: number): number {
  return ((dx * dx) / 16 + (dx * dy) / 4) * RADIAN;
}

/** Whether a polygon is so small that no cell lies inside of it. */
export function holdsNoCell(polygon: PolygonRings, { areaM2 }: CellSize): boolean {
  const { xmin, ymin, xmax, ymax } = boundsOf(polygon[0]!);
  return (xmax - xmin) * (ymax - ymin) * METRES_PER_DEGREE ** 2 < SMALLEST_CELL * areaM2;
}

/** Adds the cells inside of a polygon, from those on its rings (`boundary`) inwards: a cell that no ring touches is inside when its centre is. */
export function walkInside(
  polygon: PolygonRings,
  grid: CellGrid,
  boundary: ReadonlySet<string>,
  cells: Set<string>,
): void {
  const seen = new Set(boundary);
  const queue = [...boundary];
  for (let cell = queue.pop(); cell !== undefined; cell = queue.pop()) {
    for (const near of grid.neighbours(cell)) {
      if (seen.has(near)) continue;
      seen.add(near);
      const { lon, lat } = grid.centre(near);
      if (locateInPolygon(polygon, lon, lat) !== 1) continue;
      cells.add(near);
      queue.push(near);
    }
  }
}

/** About how many cells the cover of a polygon has: by area, and by the cells along the outer ring. */
export function cellCount(polygon: PolygonRings, { areaM2: cellM2, edgeM }: CellSize): number {
  return areaM2(polygon) / cellM2 + lengthM(polygon[0]!) / edgeM;
}

/** Square metres, roughly. */
export function areaM2(polygon: PolygonRings): number {
  const { ymin, ymax } = boundsOf(polygon[0]!);
  const squareDegrees = Math.abs(doubleSignedArea(polygon[0]!)) / 2;
  return squareDegrees * METRES_PER_DEGREE ** 2 * Math.cos(((ymin + ymax) / 2) * RADIAN);
}

function lengthM(ring: Ring): number {
  let degrees = 0;
  for (let i = 2; i < ring.length; i += 2) degrees += Math.hypot(ring[i]! - ring[i - 2]!, ring[i + 1]! - ring[i - 1]!);
  return degrees * METRES_PER_DEGREE;
}
