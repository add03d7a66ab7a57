import type { CodecSpec } from '../../codec/codec-spec.js';
import { CubeError } from '../../errors.js';
import { member, type JsonObject } from './json.js';

/**
 * Codecs of TIFF files under the names that the Python packages virtual-tiff and imagecodecs register them by. They have no
 * registered Zarr names; virtual stores made of TIFF files hold them.
 */
const BYTE_CODECS: Readonly<Record<string, CodecSpec>> = {
  imagecodecs_zstd: { name: 'zstd' },
  imagecodecs_lzw: { name: 'lzw' },
  imagecodecs_packbits: { name: 'packbits' },
  imagecodecs_zlib: { name: 'zlib' },
};

/** A TIFF compression by its name in Zarr metadata, or null. */
export function tiffByteCodec(name: string): CodecSpec[] | null {
  return Object.hasOwn(BYTE_CODECS, name) ? [BYTE_CODECS[name]!] : null;
}

/** A codec of TIFF that stands at the place of `bytes`, or null. `columns` is the length of the stored rows. */
export function tiffSampleCodec(name: string, columns: number): CodecSpec | null {
  if (name === 'imagecodecs_floatpred') return { name: 'float-predictor', rowSamples: columns, samplesPerPixel: 1 };
  if (name === 'imagecodecs_lerc') return { name: 'lerc', samplesPerPixel: 1, nodata: null };
  return null;
}

/**
 * TIFF's horizontal differencing along the last dimension of an array whose stored dimension i is `order[i]`. What is stored
 * behind x belongs to one pixel.
 */
export function deltaAlongX(shape: readonly number[], order: readonly number[], url: string): CodecSpec {
  const x = shape.length - 1;
  const place = order.indexOf(x);
  const samplesPerPixel = order.slice(place + 1).reduce((product, d) => product * shape[d]!, 1);
  if (place < 0) throw new CubeError({ kind: 'unsupported', feature: 'Zarr HorizontalDeltaCodec of a scalar', url });
  return { name: 'predictor', rowSamples: shape[x]! * samplesPerPixel, samplesPerPixel };
}

/** imagecodecs' delta filter of Zarr v2: differences along the last dimension, or along the last but one (interleaved bands). */
export function imagecodecsDelta(settings: JsonObject, url: string): CodecSpec {
  const shape = member(settings, 'shape');
  const axis = member(settings, 'axis') ?? -1;
  const distance = member(settings, 'dist') ?? 1;
  const valid = Array.isArray(shape) && shape.every((size) => Number.isSafeInteger(size) && (size as number) > 0);
  if (!valid || distance !== 1) {
    throw new CubeError({ kind: 'unsupported', feature: 'Zarr imagecodecs_delta without the shape of chunks', url });
  }
  const sizes = shape as readonly number[];
  const along = Number(axis) < 0 ? sizes.length + Number(axis) : Number(axis);
  if (along !== sizes.length - 1 && along !== sizes.length - 2) {
    throw new CubeError({
      kind: 'unsupported',
      feature: `Zarr imagecodecs_delta along dimension ${String(axis)}`,
      url,
    });
  }
  const samplesPerPixel = along === sizes.length - 1 ? 1 : sizes.at(-1)!;
  return { name: 'predictor', rowSamples: sizes[along]! * samplesPerPixel, samplesPerPixel };
}

/** The length of the rows that imagecodecs' floating point predictor works on. */
export function floatPredictorColumns(settings: JsonObject, url: string): number {
  const shape = member(settings, 'shape');
  const columns: unknown = Array.isArray(shape) ? shape.at(-1) : null;
  const axis = member(settings, 'axis') ?? -1;
  if (
    Number.isSafeInteger(columns) &&
    (columns as number) > 0 &&
    (member(settings, 'dist') ?? 1) === 1 &&
    axis === -1
  ) {
    return columns as number;
  }
  throw new CubeError({ kind: 'unsupported', feature: 'Zarr imagecodecs_floatpred without the shape of chunks', url });
}
