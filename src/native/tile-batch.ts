import type { TileCoding } from './codec-types.js';

/** Numbers of one tile in `TileBatch.tiles`. */
export const TILE_FIELDS = 5;
/** Numbers of one part in `TileBatch.parts`. */
export const PART_FIELDS = 8;
/** Longest tile that a batch takes, decoded, in bytes. */
export const MAX_TILE_BYTES = 2 ** 30;

/** Tiles of one raster to be decoded, and where their samples go. */
export type TileBatch = {
  /** Descriptor of an open file, or -1. */
  readonly file: number;
  /** Encoded tiles in memory. They must not change before the end. */
  readonly inputs: readonly Uint8Array[];
  /** Paths of files that are encoded tiles, each all of one. */
  readonly paths: readonly string[];
  /**
   * `TILE_FIELDS` numbers a tile: its input, or -1 for the file, or -2 - i for path i; offset and byte length in the file,
   * and how many of the
   * bytes are most likely enough (all are read where they are not); the number of its parts. The middle three count for
   * the file only.
   */
  readonly tiles: Float64Array;
  /**
   * `PART_FIELDS` numbers a part, tile by tile, places and strides in samples: its destination; first sample in the
   * decoded tile, stride of rows and of columns there; first sample in the destination and stride of rows there, the
   * same for all parts of a destination; rows, columns. No two parts share a sample of a destination.
   */
  readonly parts: Float64Array;
  /** Memory that the samples go to; nobody else touches it before the end. */
  readonly destinations: readonly Uint8Array[];
  /** How all tiles are stored; `needed` is found for each. */
  readonly coding: TileCoding;
  /** Bytes of a whole decoded tile, at most `MAX_TILE_BYTES`. */
  readonly tileBytes: number;
  /** Threads at most. */
  readonly threads: number;
  /** One shared number; when it is not 0, no further tile is begun. */
  readonly cancel: Int32Array;
};

/**
 * Decode tiles off the main thread, each as far as its parts need it. Gives 0 or a value of `FAILURE` for every tile, in
 * order; the parts of a tile that failed are undefined. A batch that contradicts itself writes nothing.
 */
export type DecodeTiles = (batch: TileBatch) => Promise<Int32Array>;
