import { isCubeError } from '../errors.js';
import type { Affine } from '../grid/affine.js';
import { parseCrs } from '../grid/crs-definition.js';
import type { Crs } from '../grid/crs.js';
import type { Json, RasterAsset } from './item.js';
import type { JsonObject } from './json.js';

/**
 * CRS, transform and shape of an asset (G5): `proj:code`, `proj:epsg`, `proj:wkt2` or `proj:projjson`, a `proj:transform`
 * of 6 or 9 numbers and `proj:shape`, on the asset or else on the item. What cannot be understood is null: the file is
 * asked anyway.
 */
export function parseProjection(
  asset: JsonObject,
  properties: JsonObject,
): Pick<RasterAsset, 'crs' | 'transform' | 'shape'> {
  return {
    crs: firstCrs(asset) ?? firstCrs(properties),
    transform: parseTransform(asset['proj:transform'] ?? properties['proj:transform']),
    shape: parseShape(asset['proj:shape'] ?? properties['proj:shape']),
  };
}

function firstCrs(object: JsonObject): Crs | null {
  for (const name of ['proj:code', 'proj:epsg', 'proj:wkt2', 'proj:projjson']) {
    const value = object[name];
    if (typeof value !== 'string' && typeof value !== 'number' && (typeof value !== 'object' || value === null))
      continue;
    try {
      return parseCrs(value);
    } catch (error) {
      if (!isCubeError(error)) throw error;
    }
  }
  return null;
}

function parseTransform(value: Json | undefined): Affine | null {
  if (!Array.isArray(value) || (value.length !== 6 && value.length !== 9)) return null;
  const numbers = value.filter((entry) => typeof entry === 'number' && Number.isFinite(entry)) as number[];
  if (numbers.length !== value.length) return null;
  const [a, b, c, d, e, f] = numbers as [number, number, number, number, number, number];
  return a * e - b * d === 0 ? null : [a, b, c, d, e, f];
}

function parseShape(value: Json | undefined): readonly [number, number] | null {
  if (!Array.isArray(value) || value.length !== 2) return null;
  const [height, width] = value;
  const whole = (size: Json | undefined): size is number =>
    typeof size === 'number' && Number.isSafeInteger(size) && size > 0;
  return whole(height) && whole(width) ? [height, width] : null;
}
