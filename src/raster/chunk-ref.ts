/** How the inner chunks of a shard are found. */
export type ShardLayout = {
  /** Number of inner chunks, in C order of the shard's inner grid. */
  readonly innerChunks: number;
  readonly indexLocation: 'start' | 'end';
  /** True where the index ends with its crc32c (4 bytes more, verified). */
  readonly indexChecksum: boolean;
};

/** Where the encoded bytes of one chunk are: COG tile, Zarr chunk or virtual reference alike. */
export type ChunkRef =
  | { readonly kind: 'range'; readonly url: string; readonly offset: number; readonly length: number }
  | { readonly kind: 'object'; readonly url: string } // a whole object; absent means missing
  | { readonly kind: 'shard'; readonly url: string; readonly index: number; readonly layout: ShardLayout }
  | { readonly kind: 'inline'; readonly bytes: Uint8Array }
  | { readonly kind: 'missing' };

/** The references of all chunks of a level, compact and plain; `chunkRef(level, index)` looks one up. */
export type ChunkRefs =
  /** One file; entry i belongs to chunk i in C order of the chunk grid. Length 0 means missing (sparse). */
  | { readonly kind: 'ranges'; readonly url: string; readonly offsets: Float64Array; readonly lengths: Float64Array }
  /** One object a chunk: `base` + indices joined by `separator`; `base` ends with '/', `prefix` is 'c' for Zarr v3 default keys. */
  | { readonly kind: 'objects'; readonly base: string; readonly prefix: string; readonly separator: '/' | '.' }
  /** Chunks inside shards; `shardShape` in samples, object keys as for 'objects'. */
  | {
      readonly kind: 'shards';
      readonly base: string;
      readonly prefix: string;
      readonly separator: '/' | '.';
      readonly shardShape: readonly number[];
      readonly layout: ShardLayout;
    }
  /** Any references, in C order of the chunk grid. */
  | { readonly kind: 'list'; readonly refs: readonly ChunkRef[] };
