import type { EncodeSpec } from '../../codec/encode-chunk.js';
import type { DataType, Samples } from '../../grid/dtype.js';
import type { Json } from '../../stac/item.js';
import type { TileChain } from '../tile-chain.js';

/** Zarr attributes: JSON by name. */
export type Attributes = { readonly [key: string]: Json };

/** One array of the store, as far as metadata and encoding go. Plain data. */
export type ArrayLayout = {
  readonly name: string;
  readonly dtype: DataType;
  readonly dimensions: readonly string[];
  readonly shape: readonly number[];
  /** What is decoded alone. */
  readonly chunk: readonly number[];
  /** What is stored as one object, a multiple of `chunk`; null where every chunk is an object. */
  readonly shard: readonly number[] | null;
  readonly codec: EncodeSpec;
  /** In place of `codec`, where some chunks are tiles of source files. Never with a shard. */
  readonly chain?: TileChain;
  /** What a missing object holds. */
  readonly fill: number;
  readonly attributes: Attributes;
};

/** A small array whose values are known when the store is laid out. */
export type CoordinateLayout = {
  readonly name: string;
  readonly dtype: DataType;
  /** Empty for a scalar. */
  readonly dimensions: readonly string[];
  /** In C order; their number is the only dimension's size, or 1. */
  readonly values: Samples;
  readonly attributes: Attributes;
};

/** All arrays of a cube and the attributes of its root group. */
export type CubeLayout = {
  readonly arrays: readonly ArrayLayout[];
  readonly coordinates: readonly CoordinateLayout[];
  readonly attributes: Attributes;
};

/** Shape of one stored object: a shard, or a chunk. */
export function objectShape({ shard, chunk }: Pick<ArrayLayout, 'shard' | 'chunk'>): readonly number[] {
  return shard ?? chunk;
}

/** A coordinate as an array of one chunk, so that one function encodes both. */
export function coordinateArray({ name, dtype, dimensions, values, attributes }: CoordinateLayout): ArrayLayout {
  const shape = dimensions.length === 0 ? [] : [values.length];
  const codec: EncodeSpec = dimensions.length === 0 ? { name: 'none' } : { name: 'zstd', level: 1 };
  const fill = dtype.startsWith('float') ? NaN : 0;
  return { name, dtype, dimensions, shape, chunk: shape, shard: null, codec, fill, attributes };
}
