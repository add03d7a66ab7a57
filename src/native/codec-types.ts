/** Numbers of the compressions that `decodeTile` knows; the addon has the same list. */
export const COMPRESSION = {
  none: 0,
  zlib: 1,
  gzip: 2,
  zstd: 3,
  lzw: 4,
  packbits: 5,
  lz4: 6,
  blosc: 7,
} as const;

/** Compressions that the kernels know. */
export type CompressionName = keyof typeof COMPRESSION;

/** What a kernel gives instead of a byte count when it fails. */
export const FAILURE = {
  /** The bytes break their format. */
  corrupt: -1,
  /** The bytes decode to more than the output holds. */
  surplus: -2,
  /** Legal, but a variant that is not read. */
  unsupported: -3,
  /** The image inside has another size, sample type or number of components than asked for. */
  mismatch: -4,
  /** Arguments that contradict each other. */
  badArgument: -5,
  /** Twins only: `prepareCodecs` was not awaited. */
  notPrepared: -6,
  /** Twins only: this codec exists in the addon alone. */
  addonOnly: -7,
  /** Batches only: the stream ends before the samples that are needed. */
  short: -8,
  /** Batches only: the file does not give the bytes. */
  unread: -9,
  /** Batches only: the caller gave up before the tile's turn. */
  cancelled: -10,
  /** Batches only: the file cannot be written. */
  unwritten: -11,
} as const;

/** How one tile is stored, from the outside in: compression, byte order, predictor. */
export type TileCoding = {
  /** A value of `COMPRESSION`. */
  readonly compression: number;
  /** Bytes of one stored sample: 1, 2, 4 or 8. */
  readonly elementSize: number;
  /** True where the stored byte order is not the machine's. */
  readonly swapBytes: boolean;
  /** TIFF's numbers: 1 none, 2 horizontal differences, 3 floating point (which ignores `swapBytes`); and 4, byte planes of each row (shuffle). */
  readonly predictor: number;
  /** Samples of one row, all components counted; used by predictors only. */
  readonly rowSamples: number;
  readonly samplesPerPixel: number;
  /** Bytes from the start of the output that must be right; whole rows where there is a predictor. */
  readonly needed: number;
  /** True where a stream may hold more than the output, as libtiff allows; the rest is ignored. */
  readonly surplus: boolean;
};

/** The image that a JPEG, WebP or LERC tile must hold. */
export type ImageShape = { readonly width: number; readonly height: number; readonly samplesPerPixel: number };

/**
 * The byte kernels of the codecs, the addon's or their twins. Each writes into `output` from its start and gives the
 * number of bytes written, or a value of `FAILURE`. Input is never trusted; nothing is written outside `output`.
 */
export type CodecKernels = {
  /** Fewer bytes than `coding.needed` mean that the stream is too short; the output is undefined then. */
  readonly decodeTile: (input: Uint8Array, output: Uint8Array, coding: TileCoding) => number;
  /** `tables` is TIFF tag 347, or empty. Rows of the image behind `shape.height` are ignored. */
  readonly decodeJpeg: (
    tables: Uint8Array,
    input: Uint8Array,
    output: Uint8Array,
    shape: ImageShape,
    toRgb: boolean,
  ) => number;
  readonly decodeWebp: (input: Uint8Array, output: Uint8Array, shape: ImageShape) => number;
  /** `dataType` is LERC's number (0 int8 to 7 float64); masked pixels become `fill`. */
  readonly decodeLerc: (
    input: Uint8Array,
    output: Uint8Array,
    shape: ImageShape,
    dataType: number,
    fill: number,
  ) => number;
  /** Samples of `bits` bits, most significant first, rows padded to bytes, widened to `elementSize` bytes. */
  readonly unpackBits: (
    input: Uint8Array,
    output: Uint8Array,
    bits: number,
    rowSamples: number,
    signed: boolean,
    elementSize: number,
  ) => number;
  /** Byte shuffle or its inverse; both arrays have one length. */
  readonly shuffleBytes: (input: Uint8Array, output: Uint8Array, elementSize: number, inverse: boolean) => number;
  /** One blosc1 frame. `codec` 1 lz4, 4 zstd; `filter` 0 none, 1 bytes, 2 bits. The output holds 16 bytes more than the input. */
  readonly encodeBlosc: (
    input: Uint8Array,
    output: Uint8Array,
    codec: number,
    level: number,
    filter: number,
    elementSize: number,
  ) => number;
  readonly encodeZstd: (input: Uint8Array, output: Uint8Array, level: number) => number;
  readonly encodeGzip: (input: Uint8Array, output: Uint8Array, level: number) => number;
  /** CRC-32C (Castagnoli), unsigned. */
  readonly crc32c: (bytes: Uint8Array) => number;
};
