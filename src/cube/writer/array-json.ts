import type { EncodeSpec } from '../../codec/encode-chunk.js';
import { CubeError } from '../../errors.js';
import { isFloatType, storedBytes, type DataType } from '../../grid/dtype.js';
import type { Json } from '../../stac/item.js';
import { coordinateArray, type ArrayLayout, type Attributes, type CubeLayout } from './layout.js';

/** What the metadata of an array says; `codecs` are those of Zarr v3, in encode order. */
export type ArrayDocument = Pick<ArrayLayout, 'shape' | 'dtype' | 'attributes' | 'dimensions'> & {
  /** Of one stored object. */
  readonly chunkShape: readonly number[];
  readonly fill: number | bigint;
  readonly codecs: Json;
};

/** The `zarr.json` of an array (Zarr core specification v3.1 §"Array metadata"). */
export function arrayDocument(array: ArrayDocument): { readonly [key: string]: Json } {
  return {
    zarr_format: 3,
    node_type: 'array',
    shape: array.shape,
    data_type: array.dtype,
    chunk_grid: { name: 'regular', configuration: { chunk_shape: array.chunkShape } },
    chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
    fill_value: fillJson(array.fill, array.dtype),
    codecs: array.codecs,
    attributes: array.attributes,
    dimension_names: array.dimensions,
    storage_transformers: [],
  };
}

/** The `zarr.json` of an array of a cube (sharding codec 1.0). */
export function arrayJson(array: ArrayLayout): { readonly [key: string]: Json } {
  const { chunk, shard, dtype, codec, chain } = array;
  const inner = chain === undefined ? chunkCodecs(dtype, codec) : [...chain.v3];
  const codecs = shard === null ? inner : [shardingCodec(chunk, inner)];
  return arrayDocument({ ...array, chunkShape: shard ?? chunk, codecs });
}

/** The `zarr.json` of the root: attributes, and the metadata of every array inline, in name order. */
export function rootJson(layout: CubeLayout): { readonly [key: string]: Json } {
  const arrays = [...layout.arrays, ...layout.coordinates.map(coordinateArray)];
  const sorted = arrays.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return consolidatedJson(
    layout,
    sorted.map((array) => [array.name, arrayJson(array)]),
  );
}

/** The `zarr.json` of a group alone. The metadata of others would go stale in it where a store has versions. */
export function groupJson({ attributes }: { readonly attributes: Attributes }): { readonly [key: string]: Json } {
  return { zarr_format: 3, node_type: 'group', attributes };
}

/** The `zarr.json` of a root with the metadata of all nodes below it, by path. */
export function consolidatedJson(
  root: { readonly attributes: Attributes },
  nodes: Iterable<readonly [path: string, json: Json]>,
): { readonly [key: string]: Json } {
  const metadata = Object.fromEntries(nodes);
  return { ...groupJson(root), consolidated_metadata: { kind: 'inline', must_understand: false, metadata } };
}

/** Metadata as it is stored. JSON has no NaN: a number that is not finite is our bug or a caller's, and an error. */
export function metadataBytes(value: Json): Uint8Array {
  const text = JSON.stringify(
    value,
    (key, part: unknown) => {
      if (typeof part !== 'number' || Number.isFinite(part)) return part;
      throw new CubeError({
        kind: 'invalid-argument',
        what: `metadata member "${key}" is ${part}, which JSON cannot hold`,
      });
    },
    1,
  );
  return new TextEncoder().encode(`${text}\n`);
}

/**
 * xarray's `_FillValue` in Zarr v3: floats as base64 of a little-endian double, whatever their size; integers as numbers.
 * The value of a float32 array is rounded first, so that it equals what the array holds.
 */
export function fillValueAttribute(nodata: number, dtype: DataType): Json {
  if (!isFloatType(dtype)) return nodata;
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(dtype === 'float32' ? Math.fround(nodata) : nodata);
  return bytes.toString('base64');
}

/** A fill value as metadata of Zarr v3 and v2 write it; whole numbers must be exact as doubles. */
export function fillJson(fill: number | bigint, dtype: DataType): Json {
  const value = Number(fill);
  if (dtype === 'bool') return value !== 0;
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? value : value > 0 ? 'Infinity' : '-Infinity';
}

function shardingCodec(chunk: readonly number[], codecs: Json): Json {
  const indexCodecs = [bytesCodec(8), { name: 'crc32c' }];
  return {
    name: 'sharding_indexed',
    configuration: { chunk_shape: chunk, codecs, index_codecs: indexCodecs, index_location: 'end' },
  };
}

function chunkCodecs(dtype: DataType, codec: EncodeSpec): Json[] {
  const elementSize = storedBytes(dtype);
  const bytes = bytesCodec(elementSize);
  switch (codec.name) {
    case 'none':
      return [bytes];
    case 'gzip':
      return [bytes, { name: 'gzip', configuration: { level: codec.level } }];
    case 'zstd':
      return [bytes, { name: 'zstd', configuration: { level: codec.level, checksum: false } }];
    case 'blosc': {
      const { cname, level: clevel, shuffle } = codec;
      return [bytes, { name: 'blosc', configuration: { typesize: elementSize, cname, clevel, shuffle, blocksize: 0 } }];
    }
  }
}

function bytesCodec(elementSize: number): Json {
  return elementSize === 1 ? { name: 'bytes' } : { name: 'bytes', configuration: { endian: 'little' } };
}
