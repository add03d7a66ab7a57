import type { LonLatBox } from '../../stac/item-box.js';
import { growBox, sidesOf } from '../../vector/grow-box.js';
import type { Geometry } from '../../vector/label.js';
import { coordinateArrays } from '../../vector/raw-geometry.js';
import { boundsOf } from '../../vector/ring-maths.js';
import type { PlacedSite } from './admin-shares.js';

/** Sites near each other: what is read around them is read by one question. */
export type SiteCell = {
  /** Around all of `boxes`. */
  readonly box: LonLatBox;
  /** Of the parts of sites, grown by the reach. */
  readonly boxes: readonly LonLatBox[];
};

/**
 * The parts of sites in groups by squares of `size` degrees that their first corners lie in, in order of the squares. What reaches
 * across the antimeridian is in a group on each side.
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
  return rings.flatMap((ring) => {
    const { xmin, ymin, xmax, ymax } = boundsOf(ring);
    return sidesOf(growBox([xmin, ymin, xmax, ymax], reachM));
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
