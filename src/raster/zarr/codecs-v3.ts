import type { CodecSpec } from '../../codec/codec-spec.js';
import { CubeError } from '../../errors.js';
import { storedBytes, type DataType } from '../../grid/dtype.js';
import type { ShardLayout } from '../chunk-ref.js';
import { isObject, member, type JsonObject } from './json.js';
import { arrayFilter, byteCodec } from './numcodecs.js';
import { deltaAlongX, floatPredictorColumns, tiffByteCodec, tiffSampleCodec } from './tiff-codecs.js';

/** What the codecs of a Zarr v3 array say: the decode chain of one chunk, and the shard around it, if any. */
export type ChunkCodecs = {
  readonly codecs: readonly CodecSpec[];
  readonly shard: { readonly chunkShape: readonly number[]; readonly layout: ShardLayout } | null;
};

type Named = { readonly name: string; readonly settings: JsonObject };
type Context = { readonly dtype: DataType; readonly shape: readonly number[]; readonly url: string };

/** The index of a larger shard would take more than 16 MiB. */
const MAX_INNER_CHUNKS = 2 ** 20;

/**
 * Read the codec list of a Zarr v3 array (encode order, long or short form). `shape` is that of the array's chunk; with
 * `sharding_indexed` that is the shard. Codecs around the sharding codec are `unsupported`.
 */
export function parseCodecsV3(value: unknown, context: Context): ChunkCodecs {
  const list = namedCodecs(value, context.url);
  const sharding = list.find((codec) => codec.name === 'sharding_indexed');
  if (sharding === undefined) return { codecs: decodeChain(list, context), shard: null };
  const other = list.find((codec) => codec !== sharding);
  if (other !== undefined) throw unsupported(`codec ${other.name} around sharding_indexed`, context.url);
  return parseSharding(sharding.settings, context);
}

function parseSharding(settings: JsonObject, context: Context): ChunkCodecs {
  const { shape, url } = context;
  const chunkShape = member(settings, 'chunk_shape');
  if (!isShape(chunkShape) || chunkShape.length !== shape.length)
    throw invalid('sharding_indexed has no chunk_shape', url);
  if (shape.some((size, d) => size % chunkShape[d]! !== 0)) {
    throw invalid(`inner chunks ${chunkShape.join('×')} do not divide the shard ${shape.join('×')}`, url);
  }
  const innerChunks = shape.reduce((count, size, d) => count * (size / chunkShape[d]!), 1);
  if (innerChunks > MAX_INNER_CHUNKS) throw unsupported(`shards of ${innerChunks} chunks`, url);
  const indexLocation = member(settings, 'index_location') ?? 'end';
  if (indexLocation !== 'start' && indexLocation !== 'end')
    throw invalid(`index_location is ${String(indexLocation)}`, url);
  const inner = namedCodecs(member(settings, 'codecs'), url);
  if (inner.some((codec) => codec.name === 'sharding_indexed')) throw unsupported('nested sharding_indexed', url);
  const indexChecksum = parseIndexCodecs(member(settings, 'index_codecs'), url);
  return {
    codecs: decodeChain(inner, { ...context, shape: chunkShape }),
    shard: { chunkShape, layout: { innerChunks, indexLocation, indexChecksum } },
  };
}

/** The index is little-endian uint64, with a crc32c behind it or not; whatever else is `unsupported`. */
function parseIndexCodecs(value: unknown, url: string): boolean {
  const [bytes, checksum, ...rest] = namedCodecs(value, url);
  if (bytes?.name !== 'bytes' || member(bytes.settings, 'endian') !== 'little' || rest.length > 0) {
    throw unsupported('shard index codecs other than little-endian bytes and crc32c', url);
  }
  if (checksum !== undefined && checksum.name !== 'crc32c')
    throw unsupported(`shard index codec ${checksum.name}`, url);
  return checksum !== undefined;
}

/** Encode order is array codecs, one array-to-bytes codec, bytes codecs; the chain returned is the reverse. */
function decodeChain(list: readonly Named[], { dtype, shape, url }: Context): CodecSpec[] {
  const head: CodecSpec[] = [];
  const tail: CodecSpec[] = [];
  let stored: DataType = dtype;
  let source: CodecSpec | null = null;
  let delta = false;
  for (const { name, settings } of list) {
    if (source !== null) {
      const blob = head.length === 0 && name === 'imagecodecs_lerc' ? tiffSampleCodec(name, 0) : null;
      if (blob !== null) source = blob;
      else head.unshift(...(tiffByteCodec(name) ?? byteCodec(name, settings, url).specs));
    } else if (name === 'transpose') {
      tail.unshift(...transposed(transposeOrder(member(settings, 'order'), shape.length, url)));
    } else if (name === 'bytes' || name === 'ChunkyCodec') {
      source = { name: 'bytes', endian: endianOf(settings, stored, url) };
      // Samples in F order.
      if (name === 'ChunkyCodec') tail.unshift(...transposed(shape.map((_, d) => shape.length - 1 - d)));
    } else if (name === 'HorizontalDeltaCodec' && tail.length === 0 && !delta) {
      delta = true;
    } else if (name === 'imagecodecs_floatpred') {
      tail.unshift(tiffSampleCodec(name, floatPredictorColumns(settings, url))!);
    } else {
      const step = arrayFilter(name, settings, dtype, url);
      if (step === null) throw unsupported(`codec ${name}`, url);
      tail.unshift(...step.specs);
      const spec = step.specs[0];
      if (spec !== undefined && 'storedType' in spec) stored = storedTypeOf(spec.storedType, stored);
    }
  }
  if (source === null) throw invalid('no array-to-bytes codec', url);
  if (delta) return [...head, source, ...undoDelta(tail, shape, url)];
  // The predictor of floats gives samples in machine order, so it stands where bytes do.
  return tail[0]?.name === 'float-predictor' ? [...head, ...tail] : [...head, source, ...tail];
}

/** The differences lie along x of the array, so what is done before them is turned around: predictor first, then one transpose. */
function undoDelta(tail: readonly CodecSpec[], shape: readonly number[], url: string): CodecSpec[] {
  let order: readonly number[] = shape.map((_, d) => d);
  for (const step of tail.toReversed()) {
    if (step.name !== 'transpose') throw unsupported(`HorizontalDeltaCodec before ${step.name}`, url);
    order = step.order.map((d) => order[d]!);
  }
  return [deltaAlongX(shape, order, url), ...transposed(order)];
}

function transposed(order: readonly number[]): CodecSpec[] {
  return order.every((dimension, i) => dimension === i) ? [] : [{ name: 'transpose', order }];
}

/** A list of `{ name, configuration }` or names; the prefix "numcodecs." is dropped. */
function namedCodecs(value: unknown, url: string): Named[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > 32) throw invalid('codecs is not a list', url);
  return value.map((entry: unknown) => {
    const name = isObject(entry) ? member(entry, 'name') : entry;
    const settings = isObject(entry) ? (member(entry, 'configuration') ?? {}) : {};
    if (typeof name !== 'string' || !isObject(settings)) throw invalid('a codec has no name', url);
    return { name: name.replace(/^numcodecs\./, ''), settings };
  });
}

/** A permutation; early drafts wrote "C" and "F". */
function transposeOrder(value: unknown, rank: number, url: string): number[] {
  const identity = Array.from({ length: rank }, (_, i) => i);
  if (value === 'C') return identity;
  if (value === 'F') return identity.toReversed();
  const valid = Array.isArray(value) && value.length === rank && identity.every((i) => value.includes(i));
  if (!valid) throw invalid(`transpose order ${JSON.stringify(value)} is no permutation of ${rank} dimensions`, url);
  return value.map(Number);
}

function endianOf(settings: JsonObject, stored: DataType, url: string): 'little' | 'big' {
  const endian = member(settings, 'endian') ?? null;
  if (endian === 'little' || endian === 'big') return endian;
  if (endian === null && storedBytes(stored) === 1) return 'little';
  throw invalid(`bytes codec of ${stored} has endian ${JSON.stringify(endian)}`, url);
}

function storedTypeOf(numpyType: string, otherwise: DataType): DataType {
  return numpyType.endsWith('1') ? 'uint8' : otherwise;
}

function isShape(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size > 0);
}

function unsupported(feature: string, url: string): CubeError {
  return new CubeError({ kind: 'unsupported', feature: `Zarr ${feature}`, url });
}

function invalid(what: string, url: string): CubeError {
  return new CubeError({ kind: 'invalid-data', url, what });
}
