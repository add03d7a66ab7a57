import type { Geometry } from '../../vector/label.js';
import { coordinateArrays } from '../../vector/raw-geometry.js';
import { boundsOf } from '../../vector/ring-maths.js';
import type { PlacedSite } from './admin-shares.js';

/** West, south, east, north in degrees. */
export type LonLatBox = readonly [west: number, south: number, east: number, north: number];

/** Sites near each other: what is read around them is read by one question. */
export type SiteCell = {
  /** Around all of `boxes`. */
  readonly box: LonLatBox;
  /** Of the parts of sites, grown by the reach. */
  readonly boxes: readonly LonLatBox[];
};

/** Metres of a degree of latitude, the least on WGS 84. */
const METRES_PER_DEGREE = 110_574;

/**
 * The parts of sites in groups by squares of `size` degrees that their first corners lie in, in order of the squares. Sites that are cut at
 * the antimeridian are in a group on each side.
 */
export function siteCells(sites: readonly PlacedSite[], size: number, reachM = 0): SiteCell[] {
  const cells = new Map<string, LonLatBox[]>();
  for (const { geometry } of sites) {
    for (const box of partBoxes(geometry, reachM)) {
      const key = `${Math.floor(box[1] / size)} ${Math.floor(box[0] / size)}`;
      const cell = cells.get(key);
      if (cell === undefined) cells.set(key, [box]);
      else cell.push(box);
    }
  }
  return [...cells].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, boxes]) => ({ box: around(boxes), boxes }));
}

/** Whether two boxes share a point. */
export function boxesMeet(a: LonLatBox, b: LonLatBox): boolean {
  return a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3];
}

function partBoxes(geometry: Geometry, reachM: number): LonLatBox[] {
  const rings = geometry.kind === 'polygons' ? geometry.polygons.map(([outer]) => outer!) : coordinateArrays(geometry);
  return rings.map((ring) => {
    const { xmin, ymin, xmax, ymax } = boundsOf(ring);
    const dy = reachM / METRES_PER_DEGREE;
    const cosine = Math.cos((Math.min(89, Math.max(Math.abs(ymin), Math.abs(ymax)) + dy) * Math.PI) / 180);
    return [xmin - dy / cosine, ymin - dy, xmax + dy / cosine, ymax + dy];
  });
}

function around(boxes: readonly LonLatBox[]): LonLatBox {
  let [west, south, east, north] = boxes[0]!;
  for (const box of boxes) {
    west = Math.min(west, box[0]);
    south = Math.min(south, box[1]);
    east = Math.max(east, box[2]);
    north = Math.max(north, box[3]);
  }
  return [west, south, east, north];
}
