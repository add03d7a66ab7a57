import type { CodecSpec } from '../../codec/codec-spec.js';
import { CubeError } from '../../errors.js';
import type { ArrayType } from './array-type.js';
import { numpyType } from './array-type.js';
import { isObject, member, type JsonObject } from './json.js';
import { arrayFilter, byteCodec, type Step } from './numcodecs.js';

/**
 * The decode chain of a Zarr v2 array. Chunks were written through `filters` in order, then `compressor`; F order is
 * undone last. Errors: `unsupported` names a codec, `invalid-data` a broken one.
 */
export function parseCodecsV2(metadata: JsonObject, type: ArrayType, rank: number, url: string): CodecSpec[] {
  const filters = member(metadata, 'filters') ?? [];
  if (!Array.isArray(filters)) throw invalid('filters is not a list', url);
  const compressor = member(metadata, 'compressor') ?? null;
  const steps: Step[] = [];
  for (const entry of compressor === null ? filters : [...filters, compressor]) {
    if (!isObject(entry)) throw invalid('a codec is not an object', url);
    const id = member(entry, 'id');
    if (typeof id !== 'string') throw invalid('a codec has no id', url);
    const step = arrayFilter(id, entry, type.dtype, url) ?? byteCodec(id, entry, url);
    const last = steps.at(-1);
    if (step.kind === 'array' && last?.kind === 'bytes') {
      throw new CubeError({ kind: 'unsupported', feature: `Zarr filter ${id} behind a bytes codec`, url });
    }
    steps.push(step);
  }
  const ofKind = (kind: Step['kind']) => steps.filter((step) => step.kind === kind).flatMap((step) => step.specs);
  const bytes: CodecSpec = { name: 'bytes', endian: storedEndian(steps) ?? type.endian ?? 'little' };
  return [...ofKind('bytes').toReversed(), bytes, ...ofKind('array').toReversed(), ...fOrder(metadata, rank, url)];
}

/** The byte order of what the last filter stored; null without such a filter or for one-byte samples. */
function storedEndian(steps: readonly Step[]): 'little' | 'big' | null {
  const last = steps.filter((step) => step.kind === 'array' && step.specs.length > 0).at(-1);
  const spec = last?.specs[0];
  return spec !== undefined && 'storedType' in spec ? (numpyType(spec.storedType)?.endian ?? 'little') : null;
}

/** Zarr v2 `order`: F stores the dimensions in reverse. */
function fOrder(metadata: JsonObject, rank: number, url: string): CodecSpec[] {
  const order = member(metadata, 'order') ?? 'C';
  if (order !== 'C' && order !== 'F') throw invalid(`order is ${JSON.stringify(order)}, expected "C" or "F"`, url);
  if (order === 'C' || rank < 2) return [];
  return [{ name: 'transpose', order: Array.from({ length: rank }, (_, i) => rank - 1 - i) }];
}

function invalid(what: string, url: string): CubeError {
  return new CubeError({ kind: 'invalid-data', url, what });
}
