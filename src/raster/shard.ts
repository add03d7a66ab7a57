import { LRUCache } from 'lru-cache';
import { CubeError, isCubeError } from '../errors.js';
import type { ByteSource, ObjectIdentity } from '../io/byte-source.js';
import type { ShardLayout } from './chunk-ref.js';
import { readShardIndex, type ShardIndex } from './shard-index.js';

type Entry = { readonly key: string; readonly bytes: number; readonly index: Promise<ShardIndex | null> };

/** What reading an inner chunk takes. `onObject` is told the version of the shard; null where it is absent. */
export type ReadShardOptions = {
  readonly signal?: AbortSignal | undefined;
  readonly onObject?: (identity: ObjectIdentity | null) => void;
};

/** Indexes of a thread in use lately, by source. Bounded, because one index may take 16 MiB. */
const indexes = new LRUCache<ByteSource, Entry>({ maxSize: 32 * 2 ** 20, sizeCalculation: ({ bytes }) => bytes });

/**
 * The encoded bytes of inner chunk `index` of a shard, or null where the shard or the chunk is missing. The index is
 * kept a while, checked against its crc32c and against the object's size; an object that changes between two
 * reads has its index read again. Errors: `invalid-data`, `changed`, and those of reading.
 */
export async function readShardChunk(
  source: ByteSource,
  index: number,
  layout: ShardLayout,
  { signal, onObject = () => {} }: ReadShardOptions = {},
): Promise<Uint8Array | null> {
  for (const attempt of [1, 2]) {
    const shard = await sharedIndex(source, layout, signal, attempt === 2);
    onObject(shard === null ? null : shard.identity);
    if (shard === null || shard.offsets[index] === -1) return null;
    const offset = shard.offsets[index];
    const length = shard.lengths[index];
    if (offset === undefined || length === undefined) {
      throw new CubeError({
        kind: 'invalid-argument',
        what: `inner chunk ${index} of a shard of ${layout.innerChunks}`,
      });
    }
    if (length === 0) return new Uint8Array(0);
    const result = await source.read({ offset, length }, signal === undefined ? {} : { signal });
    if (!sameObject(result, shard.identity)) continue;
    if (result.bytes.length === length) return result.bytes;
    const what = `inner chunk ${index} has ${result.bytes.length} of ${length} bytes`;
    throw new CubeError({ kind: 'invalid-data', url: source.url, offset, what });
  }
  throw new CubeError({
    kind: 'changed',
    url: source.url,
    expected: 'one version while its index and chunk are read',
    found: 'two changes',
  });
}

/** The index read may be another caller's; when that one aborts, ours is read anew. */
async function sharedIndex(
  source: ByteSource,
  layout: ShardLayout,
  signal: AbortSignal | undefined,
  fresh: boolean,
): Promise<ShardIndex | null> {
  try {
    return await cachedIndex(source, layout, signal, fresh);
  } catch (error) {
    if (!isCubeError(error, 'aborted') || signal?.aborted === true) throw error;
    return readShardIndex(source, layout, signal);
  }
}

/** A failed read is not kept: the next caller asks again. */
function cachedIndex(
  source: ByteSource,
  layout: ShardLayout,
  signal: AbortSignal | undefined,
  fresh: boolean,
): Promise<ShardIndex | null> {
  const key = `${layout.innerChunks} ${layout.indexLocation} ${layout.indexChecksum}`;
  const known = indexes.get(source);
  if (!fresh && known?.key === key) return known.index;
  const index = readShardIndex(source, layout, signal);
  const entry: Entry = { key, bytes: layout.innerChunks * 16 + 256, index };
  indexes.set(source, entry);
  const forget = () => {
    if (indexes.peek(source) === entry) indexes.delete(source);
  };
  index.then((value) => value === null && forget(), forget);
  return index;
}

function sameObject(a: ObjectIdentity, b: ObjectIdentity): boolean {
  return a.size === b.size && a.etag === b.etag;
}
