import { CubeError } from '../errors.js';
import type { ChunkRef, InlineRef, ShardLayout } from './chunk-ref.js';
import { parseShardIndex } from './shard-index.js';

/**
 * An inner chunk (by its place in C order) of a shard that is referred to. A shard that is given as bytes is small, and its index
 * is read right here: `invalid-data` where it is damaged. `url` is for messages.
 */
export function innerRef(
  shard: ChunkRef,
  index: number,
  { url, layout }: { readonly url: string; readonly layout: ShardLayout },
): ChunkRef {
  switch (shard.kind) {
    case 'missing':
      return shard;
    case 'object':
      return { kind: 'shard', url: shard.url, index, layout };
    case 'range':
      return { kind: 'shard', url: shard.url, index, layout, part: shard };
    case 'inline':
      return innerBytes(shard, index, { url, layout });
    case 'shard':
    case 'window':
      throw new CubeError({ kind: 'unsupported', url, feature: `a shard that is a ${shard.kind}` });
  }
}

function innerBytes(
  { bytes }: InlineRef,
  index: number,
  { url, layout }: { readonly url: string; readonly layout: ShardLayout },
): ChunkRef {
  const { offsets, lengths } = parseShardIndex(
    { bytes: indexOf(bytes, layout), size: bytes.length, etag: null },
    layout,
    url,
  );
  const [offset, length] = [offsets[index]!, lengths[index]!];
  return offset === -1 ? { kind: 'missing' } : { kind: 'inline', bytes: bytes.subarray(offset, offset + length) };
}

function indexOf(bytes: Uint8Array, { innerChunks, indexLocation, indexChecksum }: ShardLayout): Uint8Array {
  const length = innerChunks * 16 + (indexChecksum ? 4 : 0);
  return indexLocation === 'end' ? bytes.subarray(Math.max(0, bytes.length - length)) : bytes.subarray(0, length);
}
