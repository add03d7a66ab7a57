import type { CodecSpec } from '../../codec/codec-spec.js';
import { CubeError } from '../../errors.js';
import { bytesOf, numberOf, numbersOf, type Directory } from './directory.js';
import type { SampleFormat } from './sample-format.js';
import { Tag } from './tags.js';

/** Shape facts that the codecs need. `chunkSamples` is samples per pixel of one chunk: 1 in planar files. */
export type ChunkLayout = {
  readonly format: SampleFormat;
  /** Pixels in one row of a chunk. */
  readonly chunkWidth: number;
  readonly chunkSamples: number;
  readonly planar: boolean;
  readonly littleEndian: boolean;
};

/** Compression schemes that we know by name and do not read. */
const REFUSED: Readonly<Record<number, string>> = {
  2: 'CCITT RLE compression',
  3: 'CCITT Group 3 fax compression',
  4: 'CCITT Group 4 fax compression',
  6: 'old-style JPEG compression (6)',
  9: 'JBIG compression',
  10: 'JBIG compression',
  32766: 'NeXT compression',
  32771: 'CCITT RLE compression',
  32809: 'ThunderScan compression',
  32908: 'Pixar film compression',
  32909: 'Pixar log compression',
  33003: 'JPEG 2000 compression',
  33004: 'JPEG 2000 compression',
  33005: 'JPEG 2000 compression',
  34661: 'JBIG compression',
  34676: 'SGI LogLuv compression',
  34677: 'SGI LogLuv compression',
  34712: 'JPEG 2000 compression',
  34892: 'lossy DNG JPEG compression',
  34925: 'LZMA compression',
  34933: 'PNG compression',
  34934: 'JPEG XR compression',
  50002: 'JPEG XL compression',
  52546: 'JPEG XL compression',
};
const PHOTOMETRIC_NAMES: Readonly<Record<number, string>> = {
  5: 'CMYK colours',
  6: 'YCbCr colours',
  8: 'CIE L*a*b* colours',
  9: 'ICC L*a*b* colours',
  10: 'ITU L*a*b* colours',
  32844: 'CIE Log2(L) luminance',
  32845: 'CIE Log2(L)(u,v) colours',
};
/** Whose encoder runs the predictor; other schemes ignore the tag, as libtiff does. */
const WITH_PREDICTOR: ReadonlySet<number> = new Set([5, 8, 32946, 50000]);

/** The decoding steps of every chunk of an image, from its tags. Errors: `unsupported` by name, `invalid-data`. */
export function codecChain(directory: Directory, layout: ChunkLayout, url: string): CodecSpec[] {
  const compression = numberOf(directory, Tag.Compression, 1);
  const unsupported = (feature: string) => new CubeError({ kind: 'unsupported', url, feature });
  const feature = refusedColours(directory, layout, compression);
  if (feature !== null) throw unsupported(feature);
  const reversed = fillOrder(directory, compression, url);
  switch (compression) {
    case 1:
      return [...reversed, ...rawSamples(directory, layout, compression, url)];
    case 5:
      return [...reversed, { name: 'lzw' }, ...rawSamples(directory, layout, compression, url)];
    case 8:
    case 32946:
      return [...reversed, { name: 'zlib' }, ...rawSamples(directory, layout, compression, url)];
    case 32773:
      return [...reversed, { name: 'packbits' }, ...rawSamples(directory, layout, compression, url)];
    case 50000:
      return [...reversed, { name: 'zstd' }, ...rawSamples(directory, layout, compression, url)];
    case 7:
      return [jpeg(directory, layout, url)];
    case 34887:
      return lerc(directory, layout, url);
    case 50001:
      return [webp(layout, url)];
    default:
      throw unsupported(REFUSED[compression] ?? `compression ${compression}`);
  }
}

/** Colour spaces that GDAL turns into RGB behind the caller; as stored they would be other pixels than it shows. */
function refusedColours(directory: Directory, { format, planar }: ChunkLayout, compression: number): string | null {
  const photometric = numberOf(directory, Tag.Photometric, 1);
  const name = PHOTOMETRIC_NAMES[photometric];
  if (name === undefined) return null;
  if (photometric === 6) return compression === 7 && !planar ? null : `${name} without JPEG compression`;
  // Only 8-bit images are turned into RGB; deeper CMYK stays four plain bands.
  if (photometric === 5 && format.bits !== 8) return null;
  return name;
}

/** FillOrder 2 (TIFF 6.0 §8): the bits of every stored byte are reversed, before anything else is decoded. */
function fillOrder(directory: Directory, compression: number, url: string): CodecSpec[] {
  const order = numberOf(directory, Tag.FillOrder, 1);
  if (order !== 2) return [];
  if (compression === 7 || compression === 34887 || compression === 50001) {
    throw new CubeError({ kind: 'unsupported', url, feature: `FillOrder 2 with compression ${compression}` });
  }
  return [{ name: 'bit-reverse' }];
}

/** From decompressed bytes to samples: byte order or unpacking, then the predictor. */
function rawSamples(directory: Directory, layout: ChunkLayout, compression: number, url: string): CodecSpec[] {
  const { format, littleEndian, chunkSamples } = layout;
  const predictor = WITH_PREDICTOR.has(compression) ? numberOf(directory, Tag.Predictor, 1) : 1;
  const unsupported = (feature: string) => new CubeError({ kind: 'unsupported', url, feature });
  const rows = { rowSamples: layout.chunkWidth * chunkSamples, samplesPerPixel: chunkSamples };
  // Some writers leave bytes behind the last sample; GDAL does not mind.
  const bytes: CodecSpec = { name: 'bytes', endian: littleEndian ? 'little' : 'big', surplus: 'ignore' };
  if (format.packed) {
    if (predictor !== 1) throw unsupported(`predictor ${predictor} on ${format.bits}-bit samples`);
    return [{ name: 'unpack-bits', bits: format.bits, rowSamples: rows.rowSamples, signed: format.signed }];
  }
  switch (predictor) {
    case 1:
      return [bytes];
    case 2:
      return [bytes, { name: 'predictor', ...rows }];
    case 3:
      if (!format.dtype.startsWith('float')) throw unsupported('floating point predictor on integer samples');
      return [{ name: 'float-predictor', ...rows }];
    default:
      throw unsupported(`predictor ${predictor}`);
  }
}

function jpeg(directory: Directory, { format, chunkSamples }: ChunkLayout, url: string): CodecSpec {
  if (format.dtype !== 'uint8' || format.packed) {
    throw new CubeError({
      kind: 'unsupported',
      url,
      feature: `JPEG compression of ${format.bits}-bit ${format.dtype} samples`,
    });
  }
  // Decoders read one, three or four components; two or five are legal JPEG, and rare.
  if (![1, 3, 4].includes(chunkSamples)) {
    throw new CubeError({ kind: 'unsupported', url, feature: `JPEG compression of ${chunkSamples} bands together` });
  }
  const tables = bytesOf(directory, Tag.JPEGTables);
  const toRgb = numberOf(directory, Tag.Photometric, 1) === 6;
  if (toRgb && chunkSamples !== 3) {
    throw new CubeError({ kind: 'unsupported', url, feature: `YCbCr colours with ${chunkSamples} bands` });
  }
  const text = tables === null ? null : Buffer.from(tables).toString('base64');
  return { name: 'jpeg', tables: text, toRgb, samplesPerPixel: chunkSamples };
}

/** LercParameters: LERC version, then what is wrapped around the blob (0 nothing, 1 deflate, 2 zstd). */
function lerc(directory: Directory, { format, chunkSamples }: ChunkLayout, url: string): CodecSpec[] {
  const wrapper = numbersOf(directory, Tag.LercParameters)?.[1] ?? 0;
  const unsupported = (feature: string) => new CubeError({ kind: 'unsupported', url, feature });
  if (format.packed || ['int64', 'uint64', 'float16'].includes(format.dtype)) {
    throw unsupported(`LERC compression of ${format.bits}-bit ${format.dtype} samples`);
  }
  // libtiff gives NaN for the pixels that a blob masks, whatever the file's nodata says.
  const nodata = format.dtype.startsWith('float') ? NaN : null;
  const blob: CodecSpec = { name: 'lerc', samplesPerPixel: chunkSamples, nodata };
  switch (wrapper) {
    case 0:
      return [blob];
    case 1:
      return [{ name: 'zlib' }, blob];
    case 2:
      return [{ name: 'zstd' }, blob];
    default:
      throw unsupported(`LERC with additional compression ${wrapper}`);
  }
}

function webp({ format, chunkSamples }: ChunkLayout, url: string): CodecSpec {
  if (format.dtype === 'uint8' && !format.packed && (chunkSamples === 3 || chunkSamples === 4)) {
    return { name: 'webp', samplesPerPixel: chunkSamples };
  }
  const feature = `WebP compression of ${chunkSamples} bands of ${format.dtype}`;
  throw new CubeError({ kind: 'unsupported', url, feature });
}
