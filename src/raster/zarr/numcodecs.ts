import type { CodecSpec } from '../../codec/codec-spec.js';
import { CubeError } from '../../errors.js';
import { isDataType, isFloatType, type DataType } from '../../grid/dtype.js';
import { numpyName, numpyType } from './array-type.js';
import { member, type JsonObject } from './json.js';

/** One codec of a chain in encode order: on samples or on bytes. `specs` is empty where decoding does nothing. */
export type Step = { readonly kind: 'array' | 'bytes'; readonly specs: readonly CodecSpec[] };

/**
 * A numcodecs filter that works on samples, by its id, or null where the id is none. bitround and a quantize that keeps
 * the type lose bits when written and have nothing to undo.
 */
export function arrayFilter(id: string, settings: JsonObject, dtype: DataType, url: string): Step | null {
  switch (id) {
    case 'bitround':
      return { kind: 'array', specs: [] };
    case 'quantize':
      if (filterTypes(id, settings, dtype, url).stored !== dtype)
        throw unsupported('quantize with another astype', url);
      return { kind: 'array', specs: [] };
    case 'delta':
      return { kind: 'array', specs: [{ name: 'delta', storedType: filterTypes(id, settings, dtype, url).name }] };
    case 'fixedscaleoffset':
      return { kind: 'array', specs: [fixedScaleOffset(settings, dtype, url)] };
    default:
      return null;
  }
}

/** A codec on bytes, by its numcodecs id or Zarr v3 name. Others are `unsupported` by name. */
export function byteCodec(id: string, settings: JsonObject, url: string): Step {
  switch (id) {
    case 'zlib':
    case 'gzip':
    case 'zstd':
    case 'lz4':
    case 'blosc':
      return { kind: 'bytes', specs: [{ name: id }] };
    case 'crc32c':
      if ((member(settings, 'location') ?? 'end') !== 'end') throw unsupported('crc32c at the start', url);
      return { kind: 'bytes', specs: [{ name: 'crc32c' }] };
    case 'fletcher32':
      return { kind: 'bytes', specs: [{ name: 'fletcher32' }] };
    case 'shuffle': {
      const elementSize = member(settings, 'elementsize') ?? 4; // numcodecs' default
      if (typeof elementSize !== 'number' || !Number.isInteger(elementSize) || elementSize < 1 || elementSize > 255) {
        throw invalid(`shuffle elementsize is ${JSON.stringify(elementSize)}`, url);
      }
      return { kind: 'bytes', specs: elementSize === 1 ? [] : [{ name: 'shuffle', elementSize }] };
    }
    default:
      throw unsupported(`codec ${id}`, url);
  }
}

function fixedScaleOffset(settings: JsonObject, dtype: DataType, url: string): CodecSpec {
  const offset = member(settings, 'offset');
  const scale = member(settings, 'scale');
  if (typeof offset !== 'number' || typeof scale !== 'number' || scale === 0) {
    throw invalid('fixedscaleoffset needs a numeric offset and a scale that is not 0', url);
  }
  return {
    name: 'fixed-scale-offset',
    offset,
    scale,
    storedType: filterTypes('fixedscaleoffset', settings, dtype, url).name,
  };
}

/** The stored type of a filter (`astype`, default its `dtype`), once its `dtype` is known to be the array's. */
function filterTypes(
  id: string,
  settings: JsonObject,
  dtype: DataType,
  url: string,
): { stored: DataType; name: string } {
  const decoded = sampleType(member(settings, 'dtype') ?? dtype);
  const name = member(settings, 'astype') ?? member(settings, 'dtype') ?? dtype;
  const stored = sampleType(name);
  if (decoded === null || stored === null) throw unsupported(`${id} of type ${JSON.stringify(name)}`, url);
  if (decoded !== dtype) throw unsupported(`${id} of ${decoded} in an array of ${dtype}`, url);
  if (id === 'delta' && isFloatType(stored) !== isFloatType(dtype))
    throw unsupported(`delta of ${dtype} as ${stored}`, url);
  return { stored, name: typeof name === 'string' && numpyType(name) !== null ? name : numpyName(stored) };
}

/** numcodecs writes numpy type strings, Zarr v3 its own names. */
function sampleType(value: unknown): DataType | null {
  if (isDataType(value)) return value;
  return typeof value === 'string' ? (numpyType(value)?.dtype ?? null) : null;
}

function unsupported(feature: string, url: string): CubeError {
  return new CubeError({ kind: 'unsupported', feature: `Zarr ${feature}`, url });
}

function invalid(what: string, url: string): CubeError {
  return new CubeError({ kind: 'invalid-data', url, what });
}
