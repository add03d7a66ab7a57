import { CubeError } from '../errors.js';
import type { Affine, Bounds, Point, Size } from './affine.js';
import { formatCrs, sameCrs } from './crs-definition.js';
import type { Crs } from './crs.js';
import type { GridSpec } from './grid-spec.js';
import { groupLattices, type Geobox, type Lattice } from './lattice.js';
import { reprojectBounds } from './reproject.js';
import { snapGrid, type Anchor } from './snap-grid.js';

/** What a grid must cover and how it lies. */
export type GridRequest = {
  readonly crs: Crs;
  /** CRS units; both numbers positive. */
  readonly resolution: number | Point;
  /** CRS units. Snapped outwards to the lattice unless the anchor is floating. */
  readonly bounds: Bounds;
  readonly anchor: Anchor;
  /** Side of a chunk in pixels. */
  readonly chunk: number;
};

/** Zarr shapes and our pixel indices stay far below this, and a typing error of the resolution goes far above. */
const MAX_SIDE = 2 ** 31 - 1;

/** A grid whose pixels cover the bounds (G1, G2): y descending, edges on the lattice of the anchor. */
export function makeGrid({ crs, resolution, bounds, anchor, chunk }: GridRequest): GridSpec {
  const { x, y } = typeof resolution === 'number' ? { x: resolution, y: resolution } : resolution;
  if (!(x > 0 && y > 0 && Number.isFinite(x) && Number.isFinite(y))) {
    throw invalid('grid.resolution', `must be positive, found ${x} by ${y}`);
  }
  const { xmin, ymin, xmax, ymax } = bounds;
  if (![xmin, ymin, xmax, ymax].every(Number.isFinite) || xmin > xmax || ymin > ymax) {
    throw invalid('grid.extent', `must be finite with min <= max, found [${xmin}, ${ymin}, ${xmax}, ${ymax}]`);
  }
  if (!Number.isInteger(chunk) || chunk < 1 || chunk > MAX_SIDE) {
    throw invalid('grid.chunk', `must be a whole number of pixels, found ${chunk}`);
  }
  const across = snapGrid(xmin, xmax, x, anchor);
  const down = snapGrid(ymin, ymax, -y, anchor);
  return finish(crs, [x, 0, across.origin, 0, -y, down.origin], { width: across.count, height: down.count }, chunk);
}

/**
 * The grid of sources that leave it open (G4). Sources on one lattice give exactly the union of their extents on it. Else
 * the lattice of most of them serves when more than a tenth share it, and covers them all; else an error that lists what
 * there is.
 */
export function autoGrid(geoboxes: readonly Geobox[], chunk = 512): GridSpec {
  const lattices = groupLattices(geoboxes);
  const [first] = lattices;
  if (first === undefined) {
    throw new CubeError({
      kind: 'no-data',
      what: 'no source has a grid to take over',
      fix: 'set grid.crs and grid.resolution',
    });
  }
  if (lattices.length > 1 && first.boxes.length <= geoboxes.length / 10) throw noMode(lattices, geoboxes.length);
  const extents = lattices.flatMap(({ crs, boxes }) => boxes.map((box) => boundsIn(box, crs, first.crs)));
  return onLattice(first, extents, chunk);
}

/** The pixels of a lattice that cover all extents. Extents on the lattice itself come out exactly. */
function onLattice({ crs, transform: t }: Lattice, extents: readonly Bounds[], chunk: number): GridSpec {
  const axis = (min: number, max: number, origin: number, step: number): readonly [first: number, count: number] => {
    const snapped = snapGrid((min - origin) / step, (max - origin) / step, 1, 'edge');
    return [snapped.origin, snapped.count];
  };
  const xs = axis(least(extents, 'xmin'), most(extents, 'xmax'), t[2], t[0]);
  // Rows count downwards from the lattice's origin.
  const ys = axis(-most(extents, 'ymax'), -least(extents, 'ymin'), -t[5], -t[4]);
  const transform: Affine = [t[0], 0, t[2] + xs[0] * t[0], 0, t[4], t[5] + ys[0] * t[4]];
  return finish(crs, transform, { width: xs[1], height: ys[1] }, chunk);
}

function boundsIn(box: Bounds, from: Crs, to: Crs): Bounds {
  const found = sameCrs(from, to) ? box : reprojectBounds(box, from, to);
  if (Object.values(found).every(Number.isFinite) && found.xmin <= found.xmax) return found;
  throw new CubeError({
    kind: 'invalid-spec',
    path: 'grid',
    what: `a source in ${formatCrs(from).slice(0, 80)} has no box in ${formatCrs(to).slice(0, 80)}, the CRS of most sources`,
    fix: 'set grid.crs, grid.resolution and grid.extent',
  });
}

function least(extents: readonly Bounds[], side: 'xmin' | 'ymin'): number {
  return extents.reduce((value, box) => Math.min(value, box[side]), Infinity);
}

function most(extents: readonly Bounds[], side: 'xmax' | 'ymax'): number {
  return extents.reduce((value, box) => Math.max(value, box[side]), -Infinity);
}

function finish(crs: Crs, transform: Affine, size: Size, chunk: number): GridSpec {
  if (!(size.width <= MAX_SIDE && size.height <= MAX_SIDE) || !transform.every(Number.isFinite)) {
    throw invalid(
      'grid',
      `${size.width} by ${size.height} pixels are too many`,
      'check that grid.resolution is in the units of grid.crs',
    );
  }
  return { crs, transform, size, chunk: { width: chunk, height: chunk } };
}

function noMode(lattices: readonly Lattice[], total: number): CubeError {
  const lines = lattices.slice(0, 8).map(({ crs, transform: t, boxes }) => {
    const share = `${boxes.length} of ${total}`;
    return `${formatCrs(crs).slice(0, 60)} at ${t[0]} x ${-t[4]} from (${t[2]}, ${t[5]}): ${share}`;
  });
  const rest = lattices.length > 8 ? `; and ${lattices.length - 8} more` : '';
  return invalid('grid', `the sources share no grid: ${lines.join('; ')}${rest}`, 'set grid.crs and grid.resolution');
}

function invalid(path: string, what: string, fix?: string): CubeError {
  return new CubeError({ kind: 'invalid-spec', path, what, ...(fix === undefined ? {} : { fix }) });
}
