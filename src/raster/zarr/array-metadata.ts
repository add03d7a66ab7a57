import type { CodecSpec } from '../../codec/codec-spec.js';
import { CubeError } from '../../errors.js';
import { memoryBytes, storedBytes, type DataType } from '../../grid/dtype.js';
import type { ChunkRefs, ShardLayout } from '../chunk-ref.js';
import { parseTypeV2, parseTypeV3, type DatetimeUnit } from './array-type.js';
import { parseCodecsV2 } from './codecs-v2.js';
import { parseCodecsV3 } from './codecs-v3.js';
import { parseFillValue } from './fill-value.js';
import type { ZarrNode } from './hierarchy.js';
import { isObject, member, strings, type JsonObject } from './json.js';

/** A Zarr array's own metadata, checked. */
export type ArrayMetadata = {
  readonly shape: readonly number[];
  /** Of the smallest unit that is decoded alone: a chunk, or an inner chunk of a shard. */
  readonly chunkShape: readonly number[];
  readonly dtype: DataType;
  readonly datetime: DatetimeUnit | null;
  readonly codecs: readonly CodecSpec[];
  readonly fill: number | bigint;
  /** True where the metadata states a fill value; Zarr v2 may leave it null. */
  readonly fillGiven: boolean;
  /** Null where the dimensions have no names. */
  readonly dimensionNames: readonly (string | null)[] | null;
  readonly refs: ChunkRefs;
};

/** One decoded chunk must fit a typed array of 2 GiB. */
const MAX_CHUNK_BYTES = 2 ** 31;
const MAX_RANK = 32;

/** Names that a Zarr v3 array may have (core specification 3.1); others must say `must_understand: false`. */
const V3_MEMBERS = new Set([
  'zarr_format',
  'node_type',
  'shape',
  'data_type',
  'chunk_grid',
  'chunk_key_encoding',
  'fill_value',
  'codecs',
  'attributes',
  'storage_transformers',
  'dimension_names',
  'consolidated_metadata',
]);

/** Check an array's metadata. Errors: `invalid-data` for what breaks the format, `unsupported` names what we do not read. */
export function parseArrayMetadata(node: ZarrNode): ArrayMetadata {
  return node.version === 2 ? parseV2(node) : parseV3(node);
}

function parseV2({ json, url, attributes, refs }: ZarrNode): ArrayMetadata {
  const type = parseTypeV2(member(json, 'dtype'), url);
  const shape = parseShape(member(json, 'shape'), 'shape', url);
  const chunkShape = parseChunkShape(member(json, 'chunks'), shape, type.dtype, url);
  const separator = member(json, 'dimension_separator') ?? '.';
  if (separator !== '.' && separator !== '/') throw invalid(`dimension_separator is ${JSON.stringify(separator)}`, url);
  const stated = member(json, 'fill_value') ?? null;
  const fillValue = type.datetime !== null && stated === 'NaT' ? NOT_A_TIME : stated;
  return {
    shape,
    chunkShape,
    dtype: type.dtype,
    datetime: type.datetime,
    codecs: parseCodecsV2(json, type, shape.length, url),
    fill: parseFill(fillValue, type.dtype, url),
    fillGiven: stated !== null,
    dimensionNames: arrayDimensions(attributes, shape.length),
    refs: refs ?? { kind: 'objects', base: `${url}/`, prefix: '', separator },
  };
}

function parseV3({ json, url, attributes, refs }: ZarrNode): ArrayMetadata {
  refuseUnknownMembers(json, url);
  const { dtype, datetime } = parseTypeV3(member(json, 'data_type'), url);
  const shape = parseShape(member(json, 'shape'), 'shape', url);
  const grid = named(member(json, 'chunk_grid'), 'chunk_grid', url);
  if (grid.name !== 'regular') throw unsupported(`chunk grid ${grid.name}`, url);
  const outerShape = parseShape(member(grid.settings, 'chunk_shape'), 'chunk_shape', url);
  if (outerShape.length !== shape.length || outerShape.includes(0))
    throw invalid('chunk_shape does not fit the shape', url);
  const { codecs, shard } = parseCodecsV3(member(json, 'codecs'), { dtype, shape: outerShape, url });
  const objects = { base: `${url}/`, ...parseKeyEncoding(member(json, 'chunk_key_encoding'), url) };
  const fillValue = member(json, 'fill_value');
  return {
    shape,
    chunkShape: parseChunkShape(shard?.chunkShape ?? outerShape, shape, dtype, url),
    dtype,
    datetime,
    codecs,
    fill: parseFill(datetime !== null && fillValue === 'NaT' ? NOT_A_TIME : fillValue, dtype, url),
    fillGiven: fillValue !== null && fillValue !== undefined,
    dimensionNames: parseDimensionNames(member(json, 'dimension_names'), attributes, shape.length, url),
    refs:
      shard === null
        ? (refs ?? { kind: 'objects', ...objects })
        : refs === null
          ? { kind: 'shards', ...objects, shardShape: outerShape, layout: shard.layout }
          : shardRefs(refs, { url, shardShape: outerShape, layout: shard.layout }),
  };
}

/** Stores of references tell where the shards are. */
function shardRefs(
  refs: ChunkRefs,
  shards: { readonly url: string; readonly shardShape: readonly number[]; readonly layout: ShardLayout },
): ChunkRefs {
  if (refs.kind === 'files' || refs.kind === 'list') return { kind: 'shard-refs', shards: refs, ...shards };
  throw unsupported(`shards in references of kind ${refs.kind}`, shards.url);
}

/** numpy's "not a time" is the smallest int64. */
const NOT_A_TIME = '-9223372036854775808';

function parseFill(value: unknown, dtype: DataType, url: string): number | bigint {
  const fill = parseFillValue(value, dtype);
  if (fill === undefined) throw invalid(`fill_value ${JSON.stringify(value)} is no ${dtype}`, url);
  return fill;
}

function parseShape(value: unknown, what: string, url: string): readonly number[] {
  if (!Array.isArray(value) || !value.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw invalid(`${what} is ${JSON.stringify(value)}, expected a list of sizes`, url);
  }
  if (value.length > MAX_RANK) throw unsupported(`array of ${value.length} dimensions`, url);
  return value;
}

/** Sizes of at least 1 (v2 writers use 0 where the dimension is empty), together not too large to decode. */
function parseChunkShape(value: unknown, shape: readonly number[], dtype: DataType, url: string): readonly number[] {
  const chunk = parseShape(value, 'chunk shape', url).map((size, d) => (size === 0 && shape[d] === 0 ? 1 : size));
  if (chunk.length !== shape.length || chunk.includes(0))
    throw invalid(`chunks ${JSON.stringify(value)} do not fit the shape`, url);
  const samples = chunk.reduce((product, size) => product * size, 1);
  if (samples * Math.max(memoryBytes(dtype), storedBytes(dtype)) > MAX_CHUNK_BYTES) {
    throw unsupported(`chunk of ${samples} samples of ${dtype}`, url);
  }
  return chunk;
}

function parseKeyEncoding(value: unknown, url: string): { prefix: string; separator: '/' | '.' } {
  const { name, settings } = named(value, 'chunk_key_encoding', url);
  if (name !== 'default' && name !== 'v2') throw unsupported(`chunk key encoding ${name}`, url);
  const separator = member(settings, 'separator') ?? (name === 'default' ? '/' : '.');
  if (separator !== '/' && separator !== '.') throw invalid(`separator is ${JSON.stringify(separator)}`, url);
  return { prefix: name === 'default' ? 'c' : '', separator };
}

/** Extension points are `{ name, configuration }` or just a name. */
function named(value: unknown, what: string, url: string): { name: string; settings: JsonObject } {
  const name = isObject(value) ? member(value, 'name') : value;
  const settings = isObject(value) ? (member(value, 'configuration') ?? {}) : {};
  if (typeof name !== 'string' || !isObject(settings)) throw invalid(`${what} has no name`, url);
  return { name, settings };
}

function parseDimensionNames(
  value: unknown,
  attributes: JsonObject,
  rank: number,
  url: string,
): readonly (string | null)[] | null {
  if (value === null || value === undefined) return arrayDimensions(attributes, rank);
  const valid = Array.isArray(value) && value.length === rank;
  if (!valid || !value.every((name) => name === null || typeof name === 'string')) {
    throw invalid(`dimension_names ${JSON.stringify(value)} do not fit ${rank} dimensions`, url);
  }
  return value;
}

/** xarray's `_ARRAY_DIMENSIONS`, which names the dimensions of Zarr v2. */
function arrayDimensions(attributes: JsonObject, rank: number): readonly string[] | null {
  const names = strings(member(attributes, '_ARRAY_DIMENSIONS'));
  return names !== null && names.length === rank ? names : null;
}

function refuseUnknownMembers(json: JsonObject, url: string): void {
  for (const [name, value] of Object.entries(json)) {
    if (V3_MEMBERS.has(name) || (isObject(value) && member(value, 'must_understand') === false)) continue;
    throw unsupported(`metadata member ${name}`, url);
  }
  const transformers = member(json, 'storage_transformers') ?? [];
  if (!Array.isArray(transformers) || transformers.length > 0) throw unsupported('storage transformers', url);
}

function unsupported(feature: string, url: string): CubeError {
  return new CubeError({ kind: 'unsupported', feature: `Zarr ${feature}`, url });
}

function invalid(what: string, url: string): CubeError {
  return new CubeError({ kind: 'invalid-data', url, what });
}
