import type { Window } from '../grid/affine.js';
import type { ObjectIdentity } from '../io/byte-source.js';

/** How the inner chunks of a shard are found. */
export type ShardLayout = {
  /** Number of inner chunks, in C order of the shard's inner grid. */
  readonly innerChunks: number;
  readonly indexLocation: 'start' | 'end';
  /** True where the index ends with its crc32c (4 bytes more, verified). */
  readonly indexChecksum: boolean;
};

/** What a reference knows of its object where its version is not known whole. */
export type ObjectGuard = {
  /** The object was not changed after this time, ms since 1970; null where nothing is said. */
  readonly notAfterMs: number | null;
  readonly etag: string | null;
};

/** A part of an object. `identity` is the version that the reference is true of, where the level does not tell it. */
export type RangeRef = {
  readonly kind: 'range';
  readonly url: string;
  readonly offset: number;
  readonly length: number;
  readonly identity?: ObjectIdentity;
  readonly guard?: ObjectGuard;
};

/** What GDAL opens for a level: a file or a part of one, by the name that its driver gives it. */
export type GdalSource = {
  readonly name: string;
  readonly driver: string;
  /** Number of the overview; null is the full resolution. */
  readonly overview: number | null;
};

/** A window of one band (from 1 on) that GDAL reads: there are no bytes that could be referred to. `url` is its local file. */
export type WindowRef = {
  readonly kind: 'window';
  readonly url: string;
  readonly source: GdalSource;
  readonly band: number;
  readonly window: Window;
};

/** One text a window, for tables of what was read. */
export function windowKey({ url, source, band, window }: WindowRef): string {
  const { col, row, width, height } = window;
  return [url, source.driver, source.name, source.overview ?? 'full', band, col, row, width, height].join('|');
}

/** Bytes that the reference itself holds. */
export type InlineRef = { readonly kind: 'inline'; readonly bytes: Uint8Array };

/** An inner chunk of a shard, by its place in C order. The shard is the object at `url`, or `part` of it. */
export type ShardRef = {
  readonly kind: 'shard';
  readonly url: string;
  readonly index: number;
  readonly layout: ShardLayout;
  readonly part?: RangeRef;
};

/** Where the encoded bytes of one chunk are: COG tile, Zarr chunk or virtual reference alike. */
export type ChunkRef =
  | RangeRef
  | { readonly kind: 'object'; readonly url: string } // a whole object; absent means missing
  | ShardRef
  | InlineRef
  | WindowRef
  | { readonly kind: 'missing' };

/** A file that chunks lie in, and the version that the references are true of (null: nobody knows). */
export type ReferencedFile = {
  readonly url: string;
  readonly identity: ObjectIdentity | null;
  readonly guard?: ObjectGuard;
};

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
  /** Chunks inside shards that are referred to: `shards` has one reference a shard, `shardShape` is in samples. */
  | {
      readonly kind: 'shard-refs';
      readonly url: string;
      readonly shards: ReferenceList;
      readonly shardShape: readonly number[];
      readonly layout: ShardLayout;
    }
  | ReferenceList
  /** Chunks (band, y, x) of one band each, as windows that GDAL reads. */
  | { readonly kind: 'windows'; readonly url: string; readonly source: GdalSource };

/** What stores of references hold, one reference a chunk. */
export type ReferenceList =
  /** Ranges of many files. `file[i]` is 1 + the index in `files`, or 0 where chunk i (in C order) is missing. */
  | {
      readonly kind: 'files';
      readonly files: readonly ReferencedFile[];
      readonly file: Uint32Array;
      readonly offsets: Float64Array;
      readonly lengths: Float64Array;
    }
  /** Any references, in C order of the chunk grid. */
  | { readonly kind: 'list'; readonly refs: readonly ChunkRef[] };
