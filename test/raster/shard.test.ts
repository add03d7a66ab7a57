import { describe, expect, it } from 'vitest';
import { crc32c } from '../../src/codec/crc32c.js';
import { CubeError } from '../../src/errors.js';
import type { ByteSource, ByteRange } from '../../src/io/byte-source.js';
import { MemorySource } from '../../src/io/memory-source.js';
import type { ShardLayout } from '../../src/raster/chunk-ref.js';
import { readShardChunk } from '../../src/raster/shard.js';
import { shardBytes } from './shard-bytes.js';

const CHUNKS = [Uint8Array.of(1, 2, 3), null, Uint8Array.of(9)];

const shard = (layout: Omit<ShardLayout, 'innerChunks'>) => shardBytes(CHUNKS, layout);

const layoutOf = (indexLocation: 'start' | 'end', indexChecksum: boolean): ShardLayout => ({
  innerChunks: CHUNKS.length,
  indexLocation,
  indexChecksum,
});

/** A source whose object can be replaced, and that tells what was read. */
class Replaceable implements ByteSource {
  readonly url = 'memory:shard';
  readonly reads: ByteRange[] = [];
  bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  read(range: ByteRange, options?: { readonly signal?: AbortSignal }) {
    this.reads.push(range);
    return new MemorySource(this.bytes, this.url).read(range, options);
  }
}

describe('readShardChunk', () => {
  it.each([
    ['start', true],
    ['start', false],
    ['end', true],
    ['end', false],
  ] as const)('finds chunks by an index at the %s, checksum %s', async (location, checksum) => {
    const layout = layoutOf(location, checksum);
    const source = new Replaceable(shard(layout));
    const read = (index: number) => readShardChunk(source, index, layout);
    expect(await Promise.all([0, 1, 2].map(read))).toEqual([Uint8Array.of(1, 2, 3), null, Uint8Array.of(9)]);
    expect(source.reads).toHaveLength(3); // the index once, two chunks
  });

  it('gives null where the shard is missing', async () => {
    const missing: ByteSource = { url: 'memory:none', read: () => Promise.reject(notFound()) };
    expect(await readShardChunk(missing, 0, layoutOf('end', true))).toBeNull();
  });

  it('refuses an index that its crc32c does not confirm', async () => {
    const layout = layoutOf('end', true);
    const bytes = shard(layout);
    bytes[bytes.length - 6]! ^= 1;
    await expect(readShardChunk(new MemorySource(bytes), 0, layout)).rejects.toThrow(/shard index: crc32c/);
  });

  it('refuses chunks outside the object, and an object too short for its index', async () => {
    const layout = layoutOf('end', false);
    const bytes = shard(layout);
    new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(bytes.length - 16 * 3 + 8, 10n ** 18n, true);
    await expect(readShardChunk(new MemorySource(bytes), 0, layout)).rejects.toThrow(/the object has/);
    await expect(readShardChunk(new MemorySource(bytes.subarray(0, 40)), 0, layout)).rejects.toThrow(/40 of 48 bytes/);
  });

  it('reads the index again when the object has changed (E6)', async () => {
    const layout = layoutOf('end', true);
    const source = new Replaceable(shard(layout));
    await readShardChunk(source, 0, layout);
    source.bytes = Uint8Array.of(7, ...shard(layout));
    const view = new DataView(source.bytes.buffer, source.bytes.byteOffset, source.bytes.byteLength);
    view.setBigUint64(source.bytes.length - 52, 1n, true);
    view.setUint32(source.bytes.length - 4, crc32c(source.bytes.subarray(-52, -4)), true);
    expect(await readShardChunk(source, 0, layout)).toEqual(Uint8Array.of(1, 2, 3));
  });

  it('asks again after a failed read', async () => {
    const layout = layoutOf('end', true);
    const good = new Replaceable(shard(layout));
    let failures = 1;
    const flaky: ByteSource = {
      url: good.url,
      read: (range, options) => (failures-- > 0 ? Promise.reject(new Error('reset')) : good.read(range, options)),
    };
    await expect(readShardChunk(flaky, 0, layout)).rejects.toThrow('reset');
    expect(await readShardChunk(flaky, 0, layout)).toEqual(Uint8Array.of(1, 2, 3));
  });
});

function notFound(): Error {
  return new CubeError({ kind: 'not-found', url: 'memory:none' });
}
