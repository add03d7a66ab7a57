import type { Affine, Bounds, Size } from './affine.js';
import { formatCrs, sameCrs } from './crs-definition.js';
import type { Crs } from './crs.js';

/** The georeference of one raster. */
export type Geobox = { readonly crs: Crs; readonly transform: Affine; readonly size: Size };

/** Rasters whose pixels fall on each other: one CRS, one resolution, one alignment. */
export type Lattice = {
  readonly crs: Crs;
  /** North up; its origin is a pixel corner of the lattice. */
  readonly transform: Affine;
  /** The rasters' extents in the CRS. */
  readonly boxes: readonly Bounds[];
};

/** Alignments that differ by less of a pixel are one (as in rule G1). */
const SLACK_PX = 0.01;

/**
 * Group rasters by lattice, the largest group first; between equals the order of CRS and resolution decides, so that the
 * order of the rasters does not. Rotated rasters have no lattice and are left out.
 */
export function groupLattices(geoboxes: readonly Geobox[]): Lattice[] {
  const groups: { crs: Crs; transform: Affine; boxes: Bounds[] }[] = [];
  for (const { crs, transform, size } of geoboxes) {
    const placed = northUp(transform, size);
    if (placed === null) continue;
    const group = groups.find(
      (candidate) => sameCrs(candidate.crs, crs) && sameLattice(candidate.transform, placed.transform),
    );
    if (group === undefined) groups.push({ crs, transform: placed.transform, boxes: [placed.bounds] });
    else group.boxes.push(placed.bounds);
  }
  return groups.toSorted((a, b) => b.boxes.length - a.boxes.length || compare(sortKey(a), sortKey(b)));
}

function northUp(t: Affine, { width, height }: Size): { transform: Affine; bounds: Bounds } | null {
  if (t[1] !== 0 || t[3] !== 0 || t[0] === 0 || t[4] === 0 || !t.every(Number.isFinite)) return null;
  const [x1, y1] = [t[2] + width * t[0], t[5] + height * t[4]];
  const bounds = {
    xmin: Math.min(t[2], x1),
    ymin: Math.min(t[5], y1),
    xmax: Math.max(t[2], x1),
    ymax: Math.max(t[5], y1),
  };
  return { transform: [Math.abs(t[0]), 0, bounds.xmin, 0, -Math.abs(t[4]), bounds.ymax], bounds };
}

function sameLattice(a: Affine, b: Affine): boolean {
  const steps = [(b[2] - a[2]) / a[0], (b[5] - a[5]) / a[4]];
  const aligned = steps.every((step) => Math.abs(step - Math.round(step)) <= SLACK_PX);
  return aligned && Math.abs(a[0] - b[0]) <= 1e-9 * a[0] && Math.abs(a[4] - b[4]) <= -1e-9 * a[4];
}

function sortKey({ crs, transform: t }: { crs: Crs; transform: Affine }): string {
  return `${formatCrs(crs)} ${t[0]} ${t[4]} ${fraction(t[2] / t[0])} ${fraction(t[5] / t[4])}`;
}

function fraction(value: number): string {
  return (value - Math.floor(value)).toFixed(3);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
