/** What says that the object of a virtual chunk is still the one that was referenced. */
export type VirtualChecksum =
  /**
   * Not changed after this time, ms. The format counts whole seconds: it is rounded up when written, so a file's own
   * modification time is always accepted.
   */
  | { readonly kind: 'last-modified'; readonly timeMs: number }
  /** Sent as If-Match without quotes, which strict HTTP servers refuse: for S3 only. */
  | { readonly kind: 'etag'; readonly etag: string };

/** Virtual references of one array, one row a chunk; rows in any order, a chunk at most once. */
export type VirtualRefs = {
  /** Position in the chunk grid, rank numbers a row. */
  readonly indices: Uint32Array;
  /** Absolute URLs (`file`, `http`, `https`, `s3`) without query. */
  readonly locations: readonly string[];
  /** For each location; null or not given: no check. */
  readonly checksums?: readonly (VirtualChecksum | null)[];
  /** Of each row, index into `locations`. */
  readonly location: Uint32Array;
  /** First byte and number of bytes in the object: whole numbers below 2^53; a length is at least 1. */
  readonly offsets: Float64Array;
  readonly lengths: Float64Array;
};

/** Value of `kinds`: an object of the repository itself. */
export const CHUNK_NATIVE = 0;
/** Value of `kinds`: bytes in the manifest. */
export const CHUNK_INLINE = 1;
/** Value of `kinds`: a range of an object elsewhere. */
export const CHUNK_VIRTUAL = 2;

/** All stored chunks of one array, one row a chunk, in C order of the chunk grid. A chunk without row is fill. */
export type IcechunkRefs = {
  readonly rank: number;
  readonly count: number;
  /** Chunks along each axis. */
  readonly gridShape: readonly number[];
  /** Position in the chunk grid, rank numbers a row. */
  readonly indices: Uint32Array;
  /** `CHUNK_NATIVE`, `CHUNK_INLINE` or `CHUNK_VIRTUAL`. */
  readonly kinds: Uint8Array;
  /**
   * Native: the path `chunks/<id>` in the repository, to be joined to the place of the storage. Virtual: an absolute URL.
   * A URL stands here once for each checksum that it has.
   */
  readonly locations: readonly string[];
  /** For each location; null: none (always so for native chunks, whose objects never change). */
  readonly checksums: readonly (VirtualChecksum | null)[];
  /** Of each row, index into `locations`; 0 for inline chunks, whose rows do not use it. */
  readonly location: Uint32Array;
  /** In the object; of an inline chunk in `inline`. */
  readonly offsets: Float64Array;
  readonly lengths: Float64Array;
  /** Bytes of all inline chunks. */
  readonly inline: Uint8Array;
};
