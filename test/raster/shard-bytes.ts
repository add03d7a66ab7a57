import { crc32c } from '../../src/codec/crc32c.js';
import type { ShardLayout } from '../../src/raster/chunk-ref.js';

/** Offset and length of an inner chunk in a shard. */
export type Entry = readonly [offset: number, length: number];

/** A shard of inner chunks in C order, null where one is missing; `move` changes what the index says, before its checksum. */
export function shardBytes(
  chunks: readonly (Uint8Array | null)[],
  { indexLocation, indexChecksum }: Omit<ShardLayout, 'innerChunks'>,
  move: (entry: Entry, chunk: number) => Entry = (entry) => entry,
): Uint8Array<ArrayBuffer> {
  const size = chunks.length * 16 + (indexChecksum ? 4 : 0);
  const index = new DataView(new ArrayBuffer(size));
  let offset = indexLocation === 'start' ? size : 0;
  for (const [i, chunk] of chunks.entries()) {
    const [at, length] = chunk === null ? [0, 0] : move([offset, chunk.length], i);
    index.setBigUint64(i * 16, chunk === null ? 2n ** 64n - 1n : BigInt(at), true);
    index.setBigUint64(i * 16 + 8, chunk === null ? 2n ** 64n - 1n : BigInt(length), true);
    offset += chunk?.length ?? 0;
  }
  const bytes = new Uint8Array(index.buffer);
  if (indexChecksum) index.setUint32(size - 4, crc32c(bytes.subarray(0, size - 4)), true);
  const data = chunks.flatMap((chunk) => (chunk === null ? [] : [chunk]));
  return Uint8Array.from(Buffer.concat(indexLocation === 'start' ? [bytes, ...data] : [...data, bytes]));
}
