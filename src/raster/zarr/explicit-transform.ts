import type { Affine, Size } from '../../grid/affine.js';
import { invertAffine, shiftAffine } from '../../grid/affine.js';
import { member, numbers, text, type JsonObject } from './json.js';

/** A transform that attributes state, and which ones. */
export type StatedTransform = { readonly where: string; readonly transform: Affine };

/** GDAL's order (c a b f d e) in the grid mapping variable's `GeoTransform`, numbers in text or a list. */
export function gdalTransform(gridMapping: JsonObject | null): StatedTransform | null {
  if (gridMapping === null) return null;
  const value = member(gridMapping, 'GeoTransform');
  const parts =
    typeof value === 'string'
      ? value
          .trim()
          .split(/[\s,]+/)
          .map(Number)
      : (numbers(value) ?? []);
  const [c, a, b, f, d, e] = parts as [number, number, number, number, number, number];
  return parts.length === 6 ? usable('GeoTransform', [a, b, c, d, e, f]) : null;
}

/**
 * GeoZarr's spatial convention: `spatial:transform` (a b c d e f), else `spatial:bbox` over the raster's size, north up.
 * With `spatial:registration: node` the transform gives pixel centres. Ignored, with a problem, where the attributes'
 * own `spatial:shape` is not the raster's.
 */
export function spatialTransform(
  attributes: JsonObject,
  owner: string,
  size: Size,
  problems: string[],
): StatedTransform | null {
  const stated = numbers(member(attributes, 'spatial:transform'));
  const box = numbers(member(attributes, 'spatial:bbox'));
  if (stated === null && box === null) return null;
  const shape = numbers(member(attributes, 'spatial:shape'));
  if (shape !== null && (shape.at(-2) !== size.height || shape.at(-1) !== size.width)) {
    problems.push(
      `spatial:shape of the ${owner} is ${shape.join('×')}, the raster ${size.height}×${size.width}: its transform is not used`,
    );
    return null;
  }
  const type = text(attributes, 'spatial:transform_type') ?? 'affine';
  if (stated !== null && type !== 'affine') problems.push(`spatial:transform_type ${type} of the ${owner} is not read`);
  else if (stated?.length === 6) {
    const transform = usable(`spatial:transform of the ${owner}`, stated as readonly number[] as Affine);
    const nodes = text(attributes, 'spatial:registration') === 'node';
    if (transform === null || !nodes) return transform;
    return { ...transform, transform: shiftAffine(transform.transform, { col: -0.5, row: -0.5 }) };
  }
  return box === null || type !== 'affine' ? null : boxTransform(box, owner, size);
}

function boxTransform(box: readonly number[], owner: string, { width, height }: Size): StatedTransform | null {
  if (box.length !== 4 && box.length !== 6) return null;
  const half = box.length / 2;
  const [xmin, ymin, xmax, ymax] = [box[0]!, box[1]!, box[half]!, box[half + 1]!];
  if (!(xmax > xmin) || !(ymax > ymin) || width === 0 || height === 0) return null;
  return usable(`spatial:bbox of the ${owner}`, [(xmax - xmin) / width, 0, xmin, 0, -(ymax - ymin) / height, ymax]);
}

function usable(where: string, transform: Affine): StatedTransform | null {
  return transform.every(Number.isFinite) && invertAffine(transform) !== null ? { where, transform } : null;
}
