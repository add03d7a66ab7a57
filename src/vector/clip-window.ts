import { CubeError } from '../errors.js';
import { intersectWindows, invertAffine } from '../grid/affine.js';
import type { Bounds, PixelPoint, Window } from '../grid/affine.js';
import { crsDefinition, formatCrs } from '../grid/crs-definition.js';
import { chunkWindow } from '../grid/grid-spec.js';
import type { GridSpec } from '../grid/grid-spec.js';
import type { CrsTransform } from '../grid/transform.js';
import { shiftedRing } from './antimeridian.js';
import { clipPolygon } from './clip-ring.js';
import { surroundingsOf } from './grid-surroundings.js';
import type { Label, PolygonRings } from './label.js';
import { projectRing, toPixels } from './project-ring.js';
import type { ToPixels } from './project-ring.js';
import { boundsIntersect, boundsOf } from './ring-maths.js';

/** A chord may leave the true edge by this many pixels (acceptance Z7). */
const TOLERANCE_PX = 0.01;

/** A label on a grid. Plain data. */
export type PlacedLabel = {
  readonly labelId: number;
  /** Pixel coordinates of the whole grid, x right, y down; closed rings. Empty for points and for labels far away. */
  readonly polygons: readonly PolygonRings[];
  /** Of a label of points: the pixels that hold them. */
  readonly pixels: readonly PixelPoint[];
  /** Pixels that the label touches, inside the grid; null where it misses the grid. */
  readonly window: Window | null;
  /** The same, not cut to the grid, so that a buffer can be added. A label far from the grid has an empty window far away. */
  readonly bounds: Window;
};

/** Chunks and the labels that touch them. */
export type TouchedChunk = { readonly yIndex: number; readonly xIndex: number; readonly labelIds: readonly number[] };

/** No buffer reaches a grid from here. */
const NOWHERE: Window = { col: -(2 ** 40), row: -(2 ** 40), width: 0, height: 0 };

/**
 * Place a label (lon/lat) on a grid; `transform` leads from lon/lat to the grid's CRS. Edges are split only where
 * needed (Z7). A label near the grid that reaches out of the CRS's domain is `unsupported`.
 */
export function placeLabel(label: Label, grid: GridSpec, transform: CrsTransform): PlacedLabel {
  const toPixel = invertAffine(grid.transform);
  if (toPixel === null) throw new CubeError({ kind: 'invalid-argument', what: 'the grid has a singular transform' });
  const to = { transform, toPixel };
  const polygons = label.geometry.kind === 'polygons' ? placePolygons(label.geometry.polygons, grid, to) : [];
  const arrays =
    label.geometry.kind === 'polygons'
      ? polygons.map(([outer]) => outer!)
      : placePoints(label.geometry.points, grid, to);
  if (arrays.length === 0) return { labelId: label.labelId, polygons: [], pixels: [], window: null, bounds: NOWHERE };
  if (arrays.some((xy) => xy.some((value) => !Number.isFinite(value)))) throw outsideDomain(label, grid);
  const bounds = pixelWindow(boundsOf(...arrays));
  const window = intersectWindows(bounds, { col: 0, row: 0, ...grid.size });
  const pixels = label.geometry.kind === 'points' ? arrays.map(pixelOf) : [];
  return { labelId: label.labelId, polygons, pixels, window, bounds };
}

/** A window grown by a distance on the ground, cut to the grid; null where nothing of it is inside. */
export function bufferWindow(window: Window, metres: number, grid: GridSpec): Window | null {
  const { x, y } = pixelRadius(metres, grid, window);
  const grown = {
    col: window.col - x,
    row: window.row - y,
    width: window.width + 2 * x,
    height: window.height + 2 * y,
  };
  return intersectWindows(grown, { col: 0, row: 0, ...grid.size });
}

/** The chunks that labels with a buffer around them touch, in row-major order; label ids ascending. */
export function chunksTouched(placed: readonly PlacedLabel[], grid: GridSpec, bufferMetres: number): TouchedChunk[] {
  const touched = new Map<string, { yIndex: number; xIndex: number; labelIds: Set<number> }>();
  for (const { labelId, bounds } of placed) {
    const window = bufferWindow(bounds, bufferMetres, grid);
    if (window === null) continue;
    for (const { yIndex, xIndex } of chunksOf(window, grid)) {
      const key = `${yIndex}/${xIndex}`;
      const entry = touched.get(key);
      if (entry === undefined) touched.set(key, { yIndex, xIndex, labelIds: new Set([labelId]) });
      else entry.labelIds.add(labelId);
    }
  }
  return Array.from(touched.values(), ({ labelIds, ...place }) => ({
    ...place,
    labelIds: [...labelIds].sort((a, b) => a - b),
  })).sort((a, b) => a.yIndex - b.yIndex || a.xIndex - b.xIndex);
}

function placePolygons(polygons: readonly PolygonRings[], grid: GridSpec, to: ToPixels): PolygonRings[] {
  const { box, turns } = surroundingsOf(grid);
  return polygons.flatMap((polygon) => {
    const copies: PolygonRings[] = [];
    for (const degrees of turns) {
      if (box === null && degrees !== 0) continue;
      const rings = degrees === 0 ? polygon : polygon.map((ring) => shiftedRing(ring, degrees));
      const near = box === null ? rings : clipPolygon(rings, box);
      if (near !== null) copies.push(near.map((ring) => projectRing(ring, to, TOLERANCE_PX)));
    }
    return meetingGrid(copies, grid, ([outer]) => outer!);
  });
}

function placePoints(points: Float64Array, grid: GridSpec, to: ToPixels): Float64Array[] {
  const { box, turns } = surroundingsOf(grid);
  const placed: Float64Array[] = [];
  for (let i = 0; i < points.length; i += 2) {
    const copies = turns.map((degrees) => Float64Array.of(points[i]! + degrees, points[i + 1]!));
    const near = copies.filter((point, turn) =>
      box === null ? turns[turn] === 0 : boundsIntersect(boundsOf(point), box),
    );
    placed.push(
      ...meetingGrid(
        near.map((point) => toPixels(point, to)),
        grid,
        (point) => point,
      ),
    );
  }
  return placed;
}

/** Of the copies of one part a turn apart, those on the grid where there are any, so that a window is no wider than needed. */
function meetingGrid<T>(copies: readonly T[], { size }: GridSpec, outline: (copy: T) => Float64Array): readonly T[] {
  if (copies.length < 2) return copies;
  const whole = { xmin: 0, ymin: 0, xmax: size.width, ymax: size.height };
  const meeting = copies.filter((copy) => boundsIntersect(boundsOf(outline(copy)), whole));
  return meeting.length > 0 ? meeting : copies;
}

function pixelOf(point: Float64Array): PixelPoint {
  return { col: Math.floor(point[0]!), row: Math.floor(point[1]!) };
}

/** Whole pixels, at least one a side. */
function pixelWindow({ xmin, ymin, xmax, ymax }: Bounds): Window {
  const [col, row] = [Math.floor(xmin), Math.floor(ymin)];
  return { col, row, width: Math.max(1, Math.ceil(xmax) - col), height: Math.max(1, Math.ceil(ymax) - row) };
}

/**
 * A distance on the ground in whole pixels, rounded up. On a geographic grid the degrees of longitude are those at the
 * window's latitude farthest from the equator, buffer included; projected units count as ground metres.
 */
function pixelRadius(metres: number, grid: GridSpec, window: Window): { x: number; y: number } {
  if (metres === 0) return { x: 0, y: 0 };
  const { geographic, metresPerUnit } = crsDefinition(grid.crs);
  const [pixelX, pixelY] = [
    Math.hypot(grid.transform[0], grid.transform[3]),
    Math.hypot(grid.transform[1], grid.transform[4]),
  ];
  // A degree of latitude is shortest at the equator, 0.5 % below the mean.
  const y = Math.ceil(metres / (pixelY * metresPerUnit * (geographic ? 0.994 : 1)));
  if (!geographic) return { x: Math.ceil(metres / (pixelX * metresPerUnit)), y };
  const rows = [window.row - y, window.row + window.height + y];
  const lats = rows.map((row) => Math.abs(grid.transform[4] * row + grid.transform[5]));
  const shrink = Math.cos((Math.min(90, Math.max(...lats)) * Math.PI) / 180);
  const x = Math.ceil(metres / (pixelX * metresPerUnit * shrink));
  return { x: Math.min(x, grid.size.width + Math.abs(window.col)), y };
}

function* chunksOf(window: Window, grid: GridSpec): Generator<{ yIndex: number; xIndex: number }> {
  const { width, height } = grid.chunk;
  for (let yIndex = Math.floor(window.row / height); yIndex * height < window.row + window.height; yIndex++) {
    for (let xIndex = Math.floor(window.col / width); xIndex * width < window.col + window.width; xIndex++) {
      if (intersectWindows(chunkWindow(grid, yIndex, xIndex), window) !== null) yield { yIndex, xIndex };
    }
  }
}

function outsideDomain(label: Label, grid: GridSpec): CubeError {
  const crs = grid.crs.kind === 'epsg' ? formatCrs(grid.crs) : crsDefinition(grid.crs).name;
  const feature = `label ${label.labelId} reaches outside the domain of the grid's CRS ${crs}`;
  return new CubeError({
    kind: 'unsupported',
    feature,
    fix: 'choose another grid.crs or leave the label out with labels.where',
  });
}
