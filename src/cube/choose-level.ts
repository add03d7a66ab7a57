import { applyAffine, invertAffine, type Affine, type PixelPoint } from '../grid/affine.js';
import type { GridSpec } from '../grid/grid-spec.js';
import type { CrsTransform } from '../grid/transform.js';
import type { Raster } from '../raster/raster.js';
import { levelSize } from './read-window.js';

/** Size of a target pixel in source pixels along x and y of the target. */
export type PixelScale = { readonly x: number; readonly y: number };

/** A hair of slack, so that an overview of exactly the target's resolution is taken. */
const SLACK = 1 + 1e-6;

/**
 * Size of a target pixel in full-resolution source pixels, measured once for a source and a grid: at the grid's centre
 * where that lies in the source, else at the source's centre. Null where neither can be transformed.
 */
export function pixelScale(
  grid: GridSpec,
  source: Affine,
  size: { width: number; height: number },
  transforms: {
    readonly toSource: CrsTransform;
    readonly toGrid: CrsTransform;
  },
): PixelScale | null {
  const toSource = (point: PixelPoint) => mapPixel(point, grid.transform, transforms.toSource, source);
  const centre = { col: grid.size.width / 2, row: grid.size.height / 2 };
  const at = toSource(centre);
  const inside = at !== null && at.col >= 0 && at.row >= 0 && at.col <= size.width && at.row <= size.height;
  const place = inside
    ? centre
    : mapPixel({ col: size.width / 2, row: size.height / 2 }, source, transforms.toGrid, grid.transform);
  if (place === null) return null;
  const [left, right] = [toSource({ ...place, col: place.col - 0.5 }), toSource({ ...place, col: place.col + 0.5 })];
  const [upper, lower] = [toSource({ ...place, row: place.row - 0.5 }), toSource({ ...place, row: place.row + 0.5 })];
  if (left === null || right === null || upper === null || lower === null) return null;
  return { x: distance(left, right), y: distance(upper, lower) };
}

/**
 * R7: the coarsest level whose pixels are not larger than the target's; nothing is upsampled from an overview. Class
 * bands always read full resolution: overviews of classes are often averaged.
 */
export function chooseLevel(raster: Raster, scale: PixelScale, classes: boolean): number {
  if (classes) return 0;
  const full = levelSize(raster.levels[0]!);
  const shrink = Math.min(scale.x, scale.y) * SLACK;
  let best = 0;
  for (let i = 1; i < raster.levels.length; i++) {
    // An overview without the mask of the full image would show what is masked out.
    if ((raster.masks[0] ?? null) !== null && (raster.masks[i] ?? null) === null) continue;
    const { width, height } = levelSize(raster.levels[i]!);
    if (Math.max(full.width / width, full.height / height) <= shrink) best = i;
  }
  return best;
}

function mapPixel(point: PixelPoint, from: Affine, transform: CrsTransform, to: Affine): PixelPoint | null {
  const { x, y } = applyAffine(from, point);
  const xy = Float64Array.of(x, y);
  transform.transform(xy);
  const inverse = invertAffine(to);
  if (inverse === null || !Number.isFinite(xy[0]!) || !Number.isFinite(xy[1]!)) return null;
  const pixel = applyAffine(inverse, { col: xy[0]!, row: xy[1]! });
  return { col: pixel.x, row: pixel.y };
}

function distance(a: PixelPoint, b: PixelPoint): number {
  return Math.hypot(a.col - b.col, a.row - b.row);
}
