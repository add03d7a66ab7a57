import type { CodecSpec } from '../../codec/codec-spec.js';
import { storedBytes, type DataType } from '../../grid/dtype.js';
import { numpyName } from '../zarr/array-type.js';
import type { JsonObject } from '../zarr/json.js';

/** The codecs of a chunk under the names that Zarr readers know. Filters are in encode order in both. */
export type ExpressedCodecs = {
  /** Zarr v3: one list, from samples to bytes. */
  readonly v3: readonly JsonObject[];
  /** Zarr v2 with the codec ids of numcodecs and imagecodecs; `dtype` carries the byte order. */
  readonly v2: {
    readonly dtype: string;
    readonly filters: readonly JsonObject[] | null;
    readonly compressor: JsonObject | null;
  };
};

/** What decides how chunks can be expressed. */
export type ExpressInput = {
  readonly dtype: DataType;
  /** In decode order. */
  readonly codecs: readonly CodecSpec[];
  /** Rows and columns of a chunk, and the bands that are stored with each pixel. */
  readonly rows: number;
  readonly columns: number;
  readonly bands: number;
  /** Number of dimensions that stand before (y, x), or before (band, y, x) where bands are interleaved. */
  readonly lead: number;
};

/** Codecs that can be expressed, or the reason why they cannot. */
export type Expression = { readonly codecs: ExpressedCodecs } | { readonly refused: string };

type Both = { readonly v3: JsonObject; readonly v2: JsonObject };

/**
 * Say in Zarr's words how a level's chunks are decoded. The array has the chunk's dimensions (y, x), or (band, y, x) where
 * `bands` is more than 1, which a `transpose` makes of the stored (y, x, band); Zarr v2 has no transpose and keeps (y, x,
 * band). Core names wherever there are any; the predictors and TIFF's own compressions have the names under which the Python
 * packages virtual-tiff and imagecodecs register them. Pure.
 */
export function expressCodecs(input: ExpressInput): Expression {
  const compressors: Both[] = [];
  const filters: Both[] = [];
  let endian: 'little' | 'big' | null = null;
  // TIFF's zstd frames do not tell their size, which the core codec of Python refuses.
  const sizeless = input.codecs.some((codec) => codec.name === 'bytes' && codec.surplus === 'ignore');
  const tiffFloat = input.codecs.some((codec) => codec.name === 'float-predictor');
  for (const codec of input.codecs) {
    switch (codec.name) {
      case 'bytes':
        endian = codec.endian;
        break;
      case 'float-predictor': {
        const filter = floatPredictor(input);
        if (filter === null) return { refused: 'floating point predictor of interleaved bands' };
        endian = 'little';
        filters.push(filter);
        break;
      }
      case 'predictor':
        filters.push(horizontalDelta(input));
        break;
      case 'lerc':
        if (codec.samplesPerPixel !== 1) return { refused: 'LERC of interleaved bands' };
        endian = 'little';
        compressors.push(same('imagecodecs_lerc', {}));
        break;
      default: {
        const named = compressor(codec, sizeless || tiffFloat);
        if (named === null) return { refused: `codec ${codec.name}` };
        compressors.push(named);
      }
    }
  }
  if (endian === null) return { refused: 'samples that are not whole bytes' };
  return { codecs: assemble(input, { endian, compressors: compressors.toReversed(), filters }) };
}

type Parts = {
  readonly endian: 'little' | 'big';
  /** In encode order. */
  readonly compressors: readonly Both[];
  readonly filters: readonly Both[];
};

function assemble({ dtype, bands, lead }: ExpressInput, { endian, compressors, filters }: Parts): ExpressedCodecs {
  const wide = storedBytes(dtype) > 1;
  const first = Array.from({ length: lead }, (_, d) => d);
  const transpose = { name: 'transpose', configuration: { order: [...first, lead + 1, lead + 2, lead] } };
  const last = compressors.at(-1);
  const before = [...filters, ...compressors.slice(0, -1)].map(({ v2 }) => v2);
  const type = numpyName(dtype);
  return {
    v3: [
      ...filters.map(({ v3 }) => v3),
      ...(bands > 1 ? [transpose] : []),
      wide ? { name: 'bytes', configuration: { endian } } : { name: 'bytes' },
      ...compressors.map(({ v3 }) => v3),
    ],
    v2: {
      dtype: wide && endian === 'big' ? type.replace('<', '>') : type,
      filters: before.length === 0 ? null : before,
      compressor: last?.v2 ?? null,
    },
  };
}

/** TIFF 6.0 §14. The Zarr v3 codec sums along the array's last dimension, which is x behind the transpose. */
function horizontalDelta(input: ExpressInput): Both {
  const { rows, columns, bands, dtype } = input;
  const interleaved = bands > 1;
  const shape = interleaved ? [rows, columns, bands] : [rows, columns];
  return {
    v3: { name: 'HorizontalDeltaCodec' },
    v2: { id: 'imagecodecs_delta', shape, dtype: storedType(input, unsignedName(dtype)), axis: interleaved ? -2 : -1 },
  };
}

/** TIFF Technical Note 3: the planes of bytes begin with the highest, whatever the byte order of the file. */
function floatPredictor({ rows, columns, bands, dtype }: ExpressInput): Both | null {
  if (bands > 1) return null;
  const settings = { shape: [rows, columns], dtype: numpyName(dtype), axis: -1, dist: 1 };
  return same('imagecodecs_floatpred', settings);
}

function compressor(codec: CodecSpec, tiff: boolean): Both | null {
  switch (codec.name) {
    case 'zlib':
      return numcodec('zlib', { level: 6 });
    case 'gzip':
      return core('gzip', { level: 6 });
    case 'zstd':
      return tiff
        ? same('imagecodecs_zstd', { level: 9 })
        : {
            v3: { name: 'zstd', configuration: { level: 3, checksum: false } },
            v2: { id: 'zstd', level: 3 },
          };
    case 'lzw':
      return same('imagecodecs_lzw', {});
    case 'packbits':
      return same('imagecodecs_packbits', {});
    case 'lz4':
      return numcodec('lz4', { acceleration: 1 });
    case 'crc32c':
      return core('crc32c', {});
    case 'shuffle':
      return numcodec('shuffle', { elementsize: codec.elementSize });
    case 'blosc':
      // Frames say themselves how they are packed; readers ask only for sound settings.
      return {
        v3: {
          name: 'blosc',
          configuration: { cname: 'zstd', clevel: 5, shuffle: 'noshuffle', blocksize: 0 },
        },
        v2: { id: 'blosc', cname: 'zstd', clevel: 5, shuffle: 0, blocksize: 0 },
      };
    default:
      return null;
  }
}

/** Imagecodecs' names are the same in both versions. */
function same(name: string, settings: JsonObject): Both {
  return { v3: named(name, settings), v2: { id: name, ...settings } };
}

function numcodec(id: string, settings: JsonObject): Both {
  return { v3: named(`numcodecs.${id}`, settings), v2: { id, ...settings } };
}

function core(name: string, settings: JsonObject): Both {
  return { v3: named(name, settings), v2: { id: name, ...settings } };
}

function named(name: string, settings: JsonObject): JsonObject {
  return Object.keys(settings).length === 0 ? { name } : { name, configuration: settings };
}

/** Differences are those of unsigned integers of the sample's width. */
function unsignedName(dtype: DataType): string {
  const size = storedBytes(dtype);
  return size === 1 ? '|u1' : `<u${size}`;
}

function storedType({ codecs }: ExpressInput, little: string): string {
  const bytes = codecs.find((codec) => codec.name === 'bytes');
  return bytes?.name === 'bytes' && bytes.endian === 'big' ? little.replace('<', '>') : little;
}
