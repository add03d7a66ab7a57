import { CubeError } from '../errors.js';
import type { Affine, Bounds, Size } from '../grid/affine.js';
import { commonCrs } from '../grid/common-crs.js';
import type { Crs } from '../grid/crs.js';
import { crsDefinition, parseCrs, sameCrs } from '../grid/crs-definition.js';
import type { GridSpec } from '../grid/grid-spec.js';
import { autoGrid, makeGrid } from '../grid/make-grid.js';
import { fullTurn, reprojectBounds } from '../grid/reproject.js';
import { unionBounds } from '../grid/union-bounds.js';
import type { Label } from '../vector/label.js';
import { boundsOf } from '../vector/ring-maths.js';
import type { Candidate } from './candidate.js';
import { levelBounds } from './place-source.js';
import { levelSize } from './read-window.js';
import { specError } from './spec-error.js';
import type { BuildSpec } from './spec.js';

const WGS84: Crs = { kind: 'epsg', code: 4326 };

type Extent = readonly [xmin: number, ymin: number, xmax: number, ymax: number];

/** A raster's place on the ground. */
export type Geobox = { readonly crs: Crs; readonly transform: Affine; readonly size: Size };

/**
 * Compute the one grid of the cube. What the specification leaves open comes from the first requested band of all
 * sources (G4), or from the labels where only the extent is theirs.
 */
export function resolveGrid(spec: BuildSpec, candidates: readonly Candidate[], labels: readonly Label[]): GridSpec {
  const geoboxes = sourceGeoboxes(candidates);
  assertPlaced(candidates, geoboxes);
  const { grid } = spec;
  const extent = grid.extent ?? (spec.labels === undefined ? 'items' : 'labels');
  if (grid.crs === 'auto' && grid.resolution === undefined) return automatic(spec, geoboxes, extent, labels);
  const crs = grid.crs === 'auto' ? commonCrs(geoboxes.map((box) => box.crs))! : parseCrs(grid.crs);
  const resolution = grid.resolution ?? commonResolution(geoboxes, crs);
  const bounds =
    typeof extent === 'object' ? explicitBounds(extent, crs) : extentBounds(spec, extent, crs, geoboxes, labels);
  return makeGrid({
    crs,
    resolution: typeof resolution === 'number' ? resolution : { x: resolution[0], y: resolution[1] },
    bounds,
    anchor: grid.anchor,
    chunk: grid.chunk,
  });
}

/** Longitude of the middle of the grid, for solar days (T1). */
export function middleLongitude({ crs, transform: t, size }: Pick<GridSpec, 'crs' | 'transform' | 'size'>): number {
  const xmin = t[2];
  const ymax = t[5];
  const xmax = xmin + t[0] * size.width;
  const ymin = ymax + t[4] * size.height;
  const box = reprojectBounds({ xmin, ymin, xmax, ymax }, crs, WGS84);
  const east = box.xmax < box.xmin ? box.xmax + 360 : box.xmax;
  const middle = (box.xmin + east) / 2;
  return middle > 180 ? middle - 360 : middle;
}

/** Metres along one pixel side, at the grid's centre on lon/lat grids. */
export function pixelMetres({ crs, transform: t, size }: GridSpec): { x: number; y: number } {
  const { geographic, metresPerUnit } = crsDefinition(crs);
  const perY = Math.abs(t[4]);
  if (!geographic) return { x: t[0] * metresPerUnit, y: perY * metresPerUnit };
  // WGS 84 mean radius: a dilation is no survey.
  const metresPerDegree = (Math.PI / 180) * 6_371_008.8;
  const latitude = ((t[5] + (t[4] * size.height) / 2) * Math.PI) / 180;
  return { x: t[0] * metresPerDegree * Math.max(0.01, Math.cos(latitude)), y: perY * metresPerDegree };
}

function sourceGeoboxes(candidates: readonly Candidate[]): Geobox[] {
  return candidates.flatMap(({ bands }) => {
    const level = bands[0]?.raster.levels[0];
    if (level === undefined || level.axes === null || level.crs === null || level.transform === null) return [];
    return [{ crs: level.crs, transform: level.transform, size: levelSize(level) }];
  });
}

function automatic(
  spec: BuildSpec,
  geoboxes: readonly Geobox[],
  extent: 'labels' | 'items' | Extent,
  labels: readonly Label[],
): GridSpec {
  const whole = autoGrid(geoboxes, spec.grid.chunk);
  if (extent === 'items') return whole;
  const { crs, transform: t } = whole;
  const bounds =
    typeof extent === 'object' ? explicitBounds(extent, crs) : extentBounds(spec, 'labels', crs, geoboxes, labels);
  // Snap to the sources' own lattice, which need not start at a multiple of the resolution.
  const [width, height] = [t[0], -t[4]];
  const west = t[2] + Math.floor((bounds.xmin - t[2]) / width + 0.01) * width;
  const north = t[5] - Math.floor((t[5] - bounds.ymax) / height + 0.01) * height;
  const east = t[2] + Math.ceil((bounds.xmax - t[2]) / width - 0.01) * width;
  const south = t[5] - Math.ceil((t[5] - bounds.ymin) / height - 0.01) * height;
  return makeGrid({
    crs,
    resolution: { x: width, y: height },
    bounds: { xmin: west, ymin: south, xmax: Math.max(east, west + width), ymax: Math.max(north, south + height) },
    anchor: 'floating',
    chunk: spec.grid.chunk,
  });
}

/** Sources without a place on the ground cannot be read onto any grid, whatever the specification says of it. */
function assertPlaced(candidates: readonly Candidate[], geoboxes: readonly Geobox[]): void {
  if (geoboxes.length > 0) return;
  const band = candidates.flatMap(({ bands }) => bands[0] ?? [])[0];
  if (band === undefined) throw new CubeError({ kind: 'no-data', what: 'no item could be opened' });
  const lacks = band.raster.levels[0]!.crs === null ? 'CRS' : 'transform';
  const what = `the file has no ${lacks}, nor has any other (give the files one, such as by gdal_edit -a_srs and -a_ullr)`;
  throw new CubeError({ kind: 'invalid-data', url: band.raster.url, what });
}

function commonResolution(geoboxes: readonly Geobox[], crs: Crs): [number, number] {
  const own = geoboxes.find((box) => sameCrs(box.crs, crs));
  const agreed = own !== undefined && geoboxes.every((box) => sameResolution(box.transform, own.transform));
  if (agreed) return [Math.abs(own.transform[0]), Math.abs(own.transform[4])];
  throw specError(
    'grid.resolution',
    'the sources do not share one resolution in the CRS of the grid',
    'set grid.resolution',
  );
}

function sameResolution(a: Affine, b: Affine): boolean {
  return Math.abs(a[0] - b[0]) <= Math.abs(b[0]) * 1e-9 && Math.abs(a[4] - b[4]) <= Math.abs(b[4]) * 1e-9;
}

/** In longitudes, west > east crosses the antimeridian: the grid goes on past 180. */
function explicitBounds([xmin, ymin, xmax, ymax]: Extent, crs: Crs): Bounds {
  if (xmin < xmax && ymin < ymax) return { xmin, ymin, xmax, ymax };
  const turn = fullTurn(crs);
  if (turn !== null && xmin > xmax && xmax + turn > xmin && ymin < ymax) return { xmin, ymin, xmax: xmax + turn, ymax };
  throw specError('grid.extent', `[${[xmin, ymin, xmax, ymax].join(', ')}] is empty`, 'give [xmin, ymin, xmax, ymax]');
}

function extentBounds(
  spec: BuildSpec,
  extent: 'labels' | 'items',
  crs: Crs,
  geoboxes: readonly Geobox[],
  labels: readonly Label[],
): Bounds {
  if (extent === 'items') {
    if (geoboxes.length === 0) throw new CubeError({ kind: 'no-data', what: 'no source has a CRS and a transform' });
    return unionBounds(
      geoboxes.map((box) => reprojectBounds(geoboxBounds(box), box.crs, crs)),
      crs,
    );
  }
  if (labels.length === 0) {
    throw new CubeError({
      kind: 'no-data',
      what: 'grid.extent is labels and no label is left',
      fix: 'check labels.where',
    });
  }
  const box = unionBounds(
    labels.flatMap(partBounds).map((part) => reprojectBounds(part, WGS84, crs)),
    crs,
  );
  const { geographic, metresPerUnit } = crsDefinition(crs);
  const unit = geographic
    ? 111_195 * Math.max(0.01, Math.cos((((box.ymin + box.ymax) / 2) * Math.PI) / 180))
    : metresPerUnit;
  const buffer = spec.clip.mode === 'none' ? 0 : spec.clip.buffer / unit;
  return { xmin: box.xmin - buffer, ymin: box.ymin - buffer, xmax: box.xmax + buffer, ymax: box.ymax + buffer };
}

function geoboxBounds({ crs, transform, size }: Geobox): Bounds {
  return levelBounds({ crs, transform, shape: [size.height, size.width], axes: { y: 0, x: 1, band: null } });
}

/** Boxes of a label's parts: a label that is cut at the antimeridian has parts on both sides. */
function partBounds({ geometry }: Label): Bounds[] {
  if (geometry.kind === 'polygons') return geometry.polygons.map(([outer]) => boundsOf(outer!));
  const { points } = geometry;
  return Array.from({ length: points.length / 2 }, (_, i) => boundsOf(points.subarray(2 * i, 2 * i + 2)));
}
