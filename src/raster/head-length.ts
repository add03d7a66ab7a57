import type { CodecSpec } from '../codec/codec-spec.js';

/** Decoded bytes of a chunk's rows, from its first row on. */
export type RowBytes = {
  /** Of the rows that are needed. */
  readonly needed: number;
  /** Of the rows that hold pixels of the raster; what pads a tile below the raster's edge compresses to next to nothing. */
  readonly filled: number;
  /** Of all rows. */
  readonly total: number;
};

/** The upper part of a tile may compress worse than the whole; one in eight tiles of Sentinel-2 is denser than this. */
const MARGIN = 1.1;
/** Decoders that stop early go on so far behind the last byte needed (the inflater by 64 KiB and a match). */
const DECODED_SLACK = 128 * 1024;
/** A second request costs a round trip; it is risked where at least so many bytes may be saved. */
const WORTH_BYTES = 256 * 1024;

/** Compressions whose streams are decoded from front to back. */
const STREAMS: ReadonlySet<CodecSpec['name']> = new Set(['zlib', 'gzip', 'zstd', 'lzw', 'packbits']);

/**
 * How many of a chunk's `length` encoded bytes hold its first rows, most likely; null where all of them should be read.
 * Exact for uncompressed samples. For streams it is an estimate: the decoder says when it was too little.
 */
export function headLength(codecs: readonly CodecSpec[], length: number, rows: RowBytes): number | null {
  const [first, second] = codecs;
  if (first?.name === 'bytes') return length === rows.total && rows.needed < length ? rows.needed : null;
  if (first === undefined || !STREAMS.has(first.name)) return null;
  if (second?.name !== 'bytes' && second?.name !== 'float-predictor') return null;
  const share = Math.min(1, (rows.needed + DECODED_SLACK) / rows.filled);
  const estimate = Math.ceil(length * share * MARGIN);
  return length - estimate >= WORTH_BYTES ? estimate : null;
}
