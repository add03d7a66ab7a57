/** One level of one raster: a row of `levels`. JSON text is that of `formatPlain`. */
export type LevelRow = {
  /** Hash of everything here but who named the raster and when it was scanned, and of the level's references. */
  readonly levelId: string;
  /** Milliseconds UTC. */
  readonly scannedAt: number;
  /** Of the raster's file or store; no query, no user info. */
  readonly href: string;
  /** Which array of a store; null where it has but one, and for files. */
  readonly variable: string | null;
  /** Which item and band named the raster first; null where a person did. */
  readonly itemId: string | null;
  readonly band: string | null;
  /** Version of the one file behind all chunks; null where chunks are objects of their own. */
  readonly size: number | null;
  readonly etag: string | null;
  readonly modifiedMs: number | null;
  readonly driver: string;
  /** 0 is full resolution. A mask has the number of the level that it belongs to. */
  readonly level: number;
  readonly isMask: boolean;
  /** Of the level itself; a level of a store has its own. */
  readonly levelHref: string;
  readonly shape: readonly number[];
  readonly chunkShape: readonly number[];
  readonly edge: string;
  /** JSON: dimensions of rows, columns and bands, or null. */
  readonly axes: string;
  readonly dtype: string;
  /** JSON: `CodecSpec`s in decode order. */
  readonly codecs: string;
  /** Equal where chunks are stored alike: sample type, codecs, shape, edge. */
  readonly codecFingerprint: string;
  /** JSON: a number or a bigint. */
  readonly fill: string;
  /** JSON: name and unit of each band, and its sample type. */
  readonly bands: string;
  /** JSON: a list of values a band. */
  readonly nodata: string;
  /** One number a band. */
  readonly scale: readonly number[];
  readonly offset: readonly number[];
  /** "EPSG:32633" or WKT. */
  readonly crs: string | null;
  readonly transform: readonly number[] | null;
  /** JSON: `RasterDimension`s. */
  readonly dimensions: string;
  /** JSON: texts. */
  readonly problems: string;
  /** JSON: `ChunkRefs` without their lists. */
  readonly refs: string;
  /** How many chunks `refs` rows list; 0 where the rule says all. */
  readonly chunks: number;
};

/** References of some thousand chunks of a level that follow each other: a row of `refs`. */
export type RefsRow = {
  readonly levelId: string;
  /** Place of the first chunk in C order of the chunk grid. */
  readonly firstChunk: number;
  readonly offsets: Float64Array;
  /** 0: the chunk is missing. */
  readonly lengths: Float64Array;
  /** 1 + the place in the level's list of files, 0 where the chunk is missing; null where one file has all. */
  readonly files: Uint32Array | null;
};

/** A raster as rows. */
export type StoredRaster = { readonly levels: readonly LevelRow[]; readonly refs: readonly RefsRow[] };
