import type { DataType } from '../../grid/dtype.js';
import { isFloatType } from '../../grid/dtype.js';
import type { RasterBand } from '../raster.js';
import type { ArrayMetadata } from './array-metadata.js';
import { parseFillValue } from './fill-value.js';
import { member, text, type JsonObject } from './json.js';

/**
 * What an array says of its samples, by CF: `_FillValue`, `missing_value`, `scale_factor`, `add_offset`, `units`. As
 * xarray does, Zarr v2's own `fill_value` counts as `_FillValue`; v3's does not.
 */
export function arrayBand(
  name: string | null,
  metadata: ArrayMetadata,
  attributes: JsonObject,
  version: 2 | 3,
  problems: string[],
): RasterBand {
  const { dtype } = metadata;
  const nodata = new Set<number>();
  if (version === 2 && metadata.fillGiven) addNodata(nodata, metadata.fill, dtype, 'fill_value', problems);
  for (const key of ['_FillValue', 'missing_value']) {
    const value = member(attributes, key) ?? null;
    for (const one of value === null ? [] : Array.isArray(value) ? value : [value]) {
      const parsed = parseNodata(one, dtype);
      if (parsed === undefined) problems.push(`${key} ${JSON.stringify(one)} is no ${dtype}`);
      else addNodata(nodata, parsed, dtype, key, problems);
    }
  }
  return {
    name,
    dtype,
    nodata: [...nodata],
    scale: factor(attributes, 'scale_factor', 1, problems),
    offset: factor(attributes, 'add_offset', 0, problems),
    unit: text(attributes, 'units'),
  };
}

/** xarray writes base64 of a little-endian double for floats, whatever their size, and of an int64 for integers. */
function parseNodata(value: unknown, dtype: DataType): number | bigint | undefined {
  if (typeof value === 'string' && /^[A-Za-z0-9+/]{11}=$/.test(value)) {
    const bytes = Buffer.from(value, 'base64');
    const wide = isFloatType(dtype) ? bytes.readDoubleLE(0) : Number(bytes.readBigInt64LE(0));
    return parseFillValue(wide, dtype);
  }
  return parseFillValue(value, dtype);
}

function addNodata(
  nodata: Set<number>,
  value: number | bigint,
  dtype: DataType,
  where: string,
  problems: string[],
): void {
  const number = Number(value);
  if (Number.isNaN(number)) return; // NaN is no data for floats anyway
  if (typeof value === 'bigint' && BigInt(number) !== value) {
    problems.push(`${where} ${value} of ${dtype} is not a double: it is not used`);
    return;
  }
  nodata.add(number);
}

function factor(attributes: JsonObject, key: string, otherwise: number, problems: string[]): number {
  const value = member(attributes, key) ?? null;
  const number = Array.isArray(value) && value.length === 1 ? (value[0] as unknown) : value;
  if (number === null) return otherwise;
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  problems.push(`${key} ${JSON.stringify(value)} is no number`);
  return otherwise;
}
