import type { CodecSpec } from '../codec/codec-spec.js';
import type { Affine } from '../grid/affine.js';
import type { Crs } from '../grid/crs.js';
import type { DataType } from '../grid/dtype.js';
import { flatten } from '../grid/flat-index.js';
import type { ObjectIdentity } from '../io/byte-source.js';
import type { ChunkRef, ChunkRefs, GdalSource } from './chunk-ref.js';
import { innerRef } from './inner-ref.js';

/** Which dimensions of an array are rows, columns and bands; every other dimension is fixed by an index. */
export type PlaneAxes = { readonly y: number; readonly x: number; readonly band: number | null };

/**
 * One resolution of one raster, plain data: what is stored, how to decode it, and where every chunk's bytes are.
 * A chunky TIFF is (y, x, band), a planar one (band, y, x), a Zarr array its own shape.
 */
export type RasterLevel = {
  /** For messages and tables; chunk URLs are in `refs`. */
  readonly url: string;
  /** Size and ETag of the one file behind all chunks, or null where chunks are objects of their own. */
  readonly identity: ObjectIdentity | null;
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly chunkShape: readonly number[];
  /** Chunks at the far edges are stored whole (`padded`) or cut to the array (`clipped`, TIFF strips). */
  readonly edge: 'padded' | 'clipped';
  /** In decode order. */
  readonly codecs: readonly CodecSpec[];
  /** What a missing chunk holds. */
  readonly fill: number | bigint;
  /** Null for arrays that are no raster (1-D coordinates). */
  readonly axes: PlaneAxes | null;
  readonly crs: Crs | null;
  readonly transform: Affine | null;
  readonly refs: ChunkRefs;
};

/** A level without the places of its chunks: how they are stored. */
export type StoredLevel = Omit<RasterLevel, 'refs'>;

/** Number of chunks along each dimension. */
export function chunkGrid(level: Pick<RasterLevel, 'shape' | 'chunkShape'>): number[] {
  return level.shape.map((size, dimension) => Math.ceil(size / level.chunkShape[dimension]!));
}

/** The shape of one chunk as stored: `chunkShape`, or less at a clipped edge. */
export function storedChunkShape(
  level: Pick<RasterLevel, 'shape' | 'chunkShape' | 'edge'>,
  index: readonly number[],
): number[] {
  if (level.edge === 'padded') return [...level.chunkShape];
  return level.chunkShape.map((size, d) => Math.min(size, level.shape[d]! - index[d]! * size));
}

/** Number of chunks that reach past the end of the one file that they lie in: it was cut off. */
export function chunksBeyond({ refs, identity }: Pick<RasterLevel, 'refs' | 'identity'>): number {
  if (refs.kind !== 'ranges' || identity === null) return 0;
  let beyond = 0;
  for (let i = 0; i < refs.lengths.length; i++) {
    if (refs.lengths[i]! > 0 && refs.offsets[i]! + refs.lengths[i]! > identity.size) beyond++;
  }
  return beyond;
}

/** Look up where one chunk is. `index` is its place in the chunk grid, one number a dimension. */
export function chunkRef(
  level: Pick<RasterLevel, 'shape' | 'chunkShape' | 'refs'>,
  index: readonly number[],
): ChunkRef {
  const refs = level.refs;
  switch (refs.kind) {
    case 'ranges': {
      const i = flatten(index, chunkGrid(level));
      const length = refs.lengths[i] ?? 0;
      return length === 0 ? { kind: 'missing' } : { kind: 'range', url: refs.url, offset: refs.offsets[i]!, length };
    }
    case 'objects':
      return { kind: 'object', url: objectUrl(refs, index) };
    case 'shards': {
      const { shard, inner } = splitIndex(level, refs.shardShape, index);
      return { kind: 'shard', url: objectUrl(refs, shard), index: inner, layout: refs.layout };
    }
    case 'shard-refs': {
      const { shard, inner } = splitIndex(level, refs.shardShape, index);
      const outer = { shape: level.shape, chunkShape: refs.shardShape, refs: refs.shards };
      return innerRef(chunkRef(outer, shard), inner, refs);
    }
    case 'files': {
      const i = flatten(index, chunkGrid(level));
      const file = refs.files[(refs.file[i] ?? 0) - 1];
      if (file === undefined) return { kind: 'missing' };
      const range = { kind: 'range', url: file.url, offset: refs.offsets[i]!, length: refs.lengths[i]! } as const;
      const { identity, guard } = file;
      return { ...range, ...(identity === null ? {} : { identity }), ...(guard === undefined ? {} : { guard }) };
    }
    case 'windows':
      return windowRef(level, refs, index);
    case 'list':
      return refs.refs[flatten(index, chunkGrid(level))] ?? { kind: 'missing' };
  }
}

/** The shard that a chunk lies in, and its place there in C order. */
function splitIndex(
  { chunkShape }: Pick<RasterLevel, 'chunkShape'>,
  shardShape: readonly number[],
  index: readonly number[],
): { readonly shard: readonly number[]; readonly inner: number } {
  const perShard = shardShape.map((size, d) => size / chunkShape[d]!);
  const shard = index.map((value, d) => Math.floor(value / perShard[d]!));
  const inner = index.map((value, d) => value % perShard[d]!);
  return { shard, inner: flatten(inner, perShard) };
}

function windowRef(
  level: Pick<RasterLevel, 'shape' | 'chunkShape'>,
  { url, source }: { readonly url: string; readonly source: GdalSource },
  index: readonly number[],
): ChunkRef {
  const [band, row, col] = index.map((value, d) => value * level.chunkShape[d]!);
  const [, height, width] = storedChunkShape({ ...level, edge: 'clipped' }, index);
  const window = { col: col!, row: row!, width: width!, height: height! };
  return { kind: 'window', url, source, band: band! + 1, window };
}

/** Zarr chunk keys: v3 default "c/0/1" (scalar "c"), v2 "0.1" (scalar "0"). */
function objectUrl(refs: { base: string; prefix: string; separator: string }, index: readonly number[]): string {
  const key = index.join(refs.separator);
  if (refs.prefix === '') return refs.base + (key === '' ? '0' : key);
  return refs.base + (key === '' ? refs.prefix : refs.prefix + refs.separator + key);
}
