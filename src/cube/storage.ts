import type { VirtualChecksum } from '../native/icechunk/refs.js';

/** Whether a chunk is an object of the store, or a reference to a tile of a source file. */
export type Storage = 'native' | 'virtual';

/** Why a chunk is stored as it is, for builds that ask for references where they are possible. */
export type StorageReason =
  /** Virtual: every sample is that of the tile. */
  | 'aligned'
  /** Nothing is stored: every sample is the fill value. */
  | 'empty'
  /** No source has such samples: reason, count, coverage, label. */
  | 'computed'
  | 'composite'
  | 'scaled'
  /** No item lies there, or it could not be read. */
  | 'no item'
  | 'failed'
  | 'resampled'
  | 'other dtype'
  /** Of the tiles: not that of the cube's chunks, or with samples of other bands or times in them. */
  | 'other chunk shape'
  | 'not on tile'
  /** The chunk reaches over the edge of the raster. */
  | 'raster edge'
  /** The file has no tile there, or one that is cut at the raster's edge. */
  | 'no whole tile'
  /** Where the tile lies cannot be stored: an object of unknown length, or a file of this machine for a cube elsewhere. */
  | 'no stored place'
  | 'query in URL'
  /** The tile's codecs have no names in Zarr, others than the array's, or no encoder for the array's other chunks. */
  | 'unnamed codec'
  | 'other codec'
  | 'no encoder'
  | 'masked'
  | 'clip'
  | 'mosaic'
  /** Pixels without data hold another value than in the tile. */
  | 'nodata';

/** What the ledger says of a chunk; absent where nobody asked for references. */
export type ChunkStorage = { readonly storage: Storage; readonly storageReason: StorageReason };

/** A chunk of the cube that is a range of a source file. Plain JSON. */
export type ChunkReference = {
  readonly array: string;
  readonly timeIndex: number;
  readonly yIndex: number;
  readonly xIndex: number;
  /** Absolute, without query and user info. */
  readonly url: string;
  readonly offset: number;
  readonly length: number;
  /** What says that the file is still the one that was read; null where nobody knows. */
  readonly checksum: VirtualChecksum | null;
};
