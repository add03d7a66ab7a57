import { crc32c } from '../codec/crc32c.js';
import { CubeError, isCubeError } from '../errors.js';
import type { ByteSource, ObjectIdentity, ReadResult } from '../io/byte-source.js';
import { identityOf } from '../io/with-identity.js';
import type { ShardLayout } from './chunk-ref.js';

/** Place of every inner chunk of one shard, and the version of the object it is true of. */
export type ShardIndex = {
  readonly identity: ObjectIdentity;
  /** Byte offset in the object; -1 where the inner chunk is missing. */
  readonly offsets: Float64Array;
  readonly lengths: Float64Array;
};

/** An absent inner chunk has both words of its entry full of ones (Zarr v3, sharding codec 1.0). */
const ABSENT = 2n ** 64n - 1n;

/**
 * Read the index of a shard and check its crc32c and that every inner chunk lies in the object; null where the shard is
 * missing. Errors: `invalid-data`, those of reading.
 */
export async function readShardIndex(
  source: ByteSource,
  layout: ShardLayout,
  signal: AbortSignal | undefined,
): Promise<ShardIndex | null> {
  const length = indexLength(layout);
  const range = layout.indexLocation === 'end' ? { suffix: length } : { offset: 0, length };
  try {
    return parseShardIndex(await source.read(range, signal === undefined ? {} : { signal }), layout, source.url);
  } catch (error) {
    if (isCubeError(error, 'not-found')) return null;
    throw error;
  }
}

/** The index that was read of an object of `size` bytes, checked. Problem: `invalid-data`. */
export function parseShardIndex(read: ReadResult, layout: ShardLayout, url: string): ShardIndex {
  const { bytes, size } = read;
  const { innerChunks, indexChecksum } = layout;
  const invalid = (what: string) => invalidIndex(url, what);
  const length = indexLength(layout);
  if (bytes.length !== length) throw invalid(`${bytes.length} of ${length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (indexChecksum) {
    const found = crc32c(bytes.subarray(0, innerChunks * 16));
    const expected = view.getUint32(innerChunks * 16, true);
    if (found !== expected) throw invalid(`crc32c is ${found.toString(16)}, expected ${expected.toString(16)}`);
  }
  const offsets = new Float64Array(innerChunks);
  const lengths = new Float64Array(innerChunks);
  for (let i = 0; i < innerChunks; i++) {
    const offset = view.getBigUint64(i * 16, true);
    const extent = view.getBigUint64(i * 16 + 8, true);
    const absent = offset === ABSENT && extent === ABSENT;
    if (!absent && offset + extent > BigInt(size)) {
      throw invalid(`inner chunk ${i} lies at ${offset} + ${extent}, the object has ${size} bytes`);
    }
    offsets[i] = absent ? -1 : Number(offset);
    lengths[i] = absent ? 0 : Number(extent);
  }
  return { identity: identityOf(read), offsets, lengths };
}

/**
 * Refuse an index that nobody may refer to: inner chunks without bytes, or that share bytes with each other or with the index.
 * Problem: `invalid-data`.
 */
export function assertSeparate({ identity, offsets, lengths }: ShardIndex, layout: ShardLayout, url: string): void {
  const length = indexLength(layout);
  const indexStart = layout.indexLocation === 'end' ? identity.size - length : 0;
  const order = Uint32Array.from(offsets.keys()).sort((a, b) => offsets[a]! - offsets[b]! || lengths[a]! - lengths[b]!);
  let before = -1;
  for (const i of order) {
    const [start, end] = [offsets[i]!, offsets[i]! + lengths[i]!];
    if (start === -1) continue;
    if (end === start) throw invalidIndex(url, `inner chunk ${i} has no bytes`);
    if (start < indexStart + length && end > indexStart) throw invalidIndex(url, `inner chunk ${i} overlaps the index`);
    if (before !== -1 && start < offsets[before]! + lengths[before]!) {
      throw invalidIndex(url, `inner chunks ${before} and ${i} overlap`);
    }
    before = i;
  }
}

function indexLength({ innerChunks, indexChecksum }: ShardLayout): number {
  return innerChunks * 16 + (indexChecksum ? 4 : 0);
}

function invalidIndex(url: string, what: string): CubeError {
  return new CubeError({ kind: 'invalid-data', url, what: `shard index: ${what}` });
}
