import { nativeFunctions } from './load.js';

/** Numbers of the codecs of `storeChunks`. */
export const CHUNK_CODEC = { none: 0, 'blosc-lz4': 1, gzip: 2, zstd: 3, 'blosc-zstd': 4 } as const;

/** Chunks of an array in memory that become files. */
export type ChunkBatch = {
  /** The array's samples in C order, as they are stored (little-endian). Nobody changes them before the end. */
  readonly array: Uint8Array;
  readonly shape: readonly number[];
  /** As many dimensions as `shape`; chunks at the far edges are filled up. */
  readonly chunk: readonly number[];
  /** One sample: what a missing chunk holds. Its length is the samples'. */
  readonly fill: Uint8Array;
  /** A path for every chunk, in C order of their grid. The folders are there. */
  readonly paths: readonly string[];
  /** A value of `CHUNK_CODEC`. */
  readonly codec: number;
  readonly level: number;
  /** blosc's: 0 none, 1 bytes, 2 bits. */
  readonly filter: number;
  readonly threads: number;
};

/**
 * Encode chunks and write their files off the main thread. Gives for every chunk the length of its file, 0 where it holds
 * nothing but the fill value and gets none, or a value of `FAILURE`.
 */
export type StoreChunks = (batch: ChunkBatch) => Promise<Float64Array>;

/** The addon's function, or null where the addon is absent: callers encode chunk by chunk then. */
export function nativeStoreChunks(): StoreChunks | null {
  return nativeFunctions<{ storeChunks: StoreChunks }>(['storeChunks'])?.storeChunks ?? null;
}
