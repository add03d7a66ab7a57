import { applyAffine } from '../grid/affine.js';
import type { Bounds } from '../grid/affine.js';
import { crsDefinition } from '../grid/crs-definition.js';
import type { GridSpec } from '../grid/grid-spec.js';
import { createTransform } from '../grid/transform.js';
import { boundsOf } from './ring-maths.js';
import { LON_LAT } from './source-crs.js';

/** Points a side at which a grid is looked at in lon/lat, inside too: poles are inside. */
const LATTICE = 33;
/** Degrees around a grid in which labels are still placed: more than any buffer around a label. */
const MARGIN = 1;

/** What placing labels needs to know of a grid. */
export type Surroundings = {
  /**
   * A lon/lat box that holds the grid and a wide margin. Labels are cut to it before they are projected, because far
   * from their domain projections give wrong places, not errors. Null: no bound (the grid reaches out of its CRS's domain).
   */
  readonly box: Bounds | null;
  /** Turns by which a label may be moved to meet the grid: a geographic grid may run from 0 to 360 or across 180. */
  readonly turns: readonly number[];
};

const known = new WeakMap<GridSpec, Surroundings>();

/** Computed once per grid object. */
export function surroundingsOf(grid: GridSpec): Surroundings {
  let surroundings = known.get(grid);
  if (surroundings === undefined) {
    const { geographic } = crsDefinition(grid.crs);
    surroundings = { box: lonLatBox(grid, geographic), turns: geographic ? [-360, 0, 360] : [0] };
    known.set(grid, surroundings);
  }
  return surroundings;
}

function lonLatBox(grid: GridSpec, geographic: boolean): Bounds | null {
  const points = new Float64Array(2 * LATTICE * LATTICE);
  for (let i = 0; i < LATTICE * LATTICE; i++) {
    const col = ((i % LATTICE) / (LATTICE - 1)) * grid.size.width;
    const row = (Math.floor(i / LATTICE) / (LATTICE - 1)) * grid.size.height;
    const { x, y } = applyAffine(grid.transform, { col, row });
    points[2 * i] = x;
    points[2 * i + 1] = y;
  }
  createTransform(grid.crs, LON_LAT).transform(points);
  if (points.some((value) => !Number.isFinite(value))) return null;
  const { xmin, ymin, xmax, ymax } = boundsOf(points);
  // A geographic grid's own edges are exact; of another grid only a lattice was looked at.
  const [dx, dy] = geographic ? [MARGIN, MARGIN] : [(xmax - xmin) / 2 + MARGIN, (ymax - ymin) / 2 + MARGIN];
  // Longitudes that spread over half the globe tell nothing: there is a pole, or ±180°, inside.
  const everywhere = !geographic && xmax - xmin > 180 - 2 * MARGIN;
  return {
    xmin: everywhere ? -Infinity : xmin - dx,
    xmax: everywhere ? Infinity : xmax + dx,
    ymin: ymin - dy,
    ymax: ymax + dy,
  };
}
