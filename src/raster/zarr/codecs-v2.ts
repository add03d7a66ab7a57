import type { CodecSpec } from '../../codec/codec-spec.js';
import { CubeError } from '../../errors.js';
import type { ArrayType } from './array-type.js';
import { numpyType } from './array-type.js';
import { isObject, member, type JsonObject } from './json.js';
import { floatPredictorColumns, imagecodecsDelta, tiffByteCodec, tiffSampleCodec } from './tiff-codecs.js';
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
    const tiff = tiffFilter(id, entry, url);
    const step = tiff ?? arrayFilter(id, entry, type.dtype, url) ?? byteCodec(id, entry, url);
    const last = steps.at(-1);
    if (step.kind === 'array' && last?.kind === 'bytes') {
      throw new CubeError({ kind: 'unsupported', feature: `Zarr filter ${id} behind a bytes codec`, url });
    }
    steps.push(step);
  }
  const ofKind = (kind: Step['kind']) => steps.filter((step) => step.kind === kind).flatMap((step) => step.specs);
  const filtered = ofKind('array').toReversed();
  const head = ofKind('bytes').toReversed();
  const bytes: CodecSpec = { name: 'bytes', endian: storedEndian(steps) ?? type.endian ?? 'little' };
  // LERC and the predictor of floats give samples themselves.
  const whole = [head.at(-1), filtered[0]].some((codec) => codec?.name === 'lerc' || codec?.name === 'float-predictor');
  return [...head, ...(whole ? [] : [bytes]), ...filtered, ...fOrder(metadata, rank, url)];
}

/** Codecs of TIFF files by the ids of imagecodecs, or null. */
function tiffFilter(id: string, settings: JsonObject, url: string): Step | null {
  if (id === 'imagecodecs_delta') return { kind: 'array', specs: [imagecodecsDelta(settings, url)] };
  if (id === 'imagecodecs_floatpred') {
    return { kind: 'array', specs: [tiffSampleCodec(id, floatPredictorColumns(settings, url))!] };
  }
  const lerc = id === 'imagecodecs_lerc' ? tiffSampleCodec(id, 0) : null;
  const specs = lerc === null ? tiffByteCodec(id) : [lerc];
  return specs === null ? null : { kind: 'bytes', specs };
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
