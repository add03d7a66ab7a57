import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ByteRange, ByteSource } from '../../src/io/byte-source.js';
import { MemorySource } from '../../src/io/memory-source.js';
import { RangeCache } from '../../src/io/range-cache.js';
import { withCache } from '../../src/io/with-cache.js';

const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => (index * 31) & 255);

function recorded(reads: ByteRange[], content: () => Uint8Array = () => bytes): ByteSource {
  return {
    url: 'memory:object',
    async read(range, options) {
      reads.push(range);
      return new MemorySource(content()).read(range, options);
    },
  };
}

const small = () => new RangeCache({ maxBytes: 60_000, maxSegmentBytes: 40_000 });

const range: fc.Arbitrary<ByteRange> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ offset: fc.nat(110_000), length: fc.nat(50_000) }) },
  { weight: 6, arbitrary: fc.record({ offset: fc.nat(110_000), length: fc.nat(200) }) },
  { weight: 2, arbitrary: fc.record({ suffix: fc.nat(30_000) }) },
  { weight: 1, arbitrary: fc.constant('all' as const) },
);

describe('withCache', () => {
  it('any sequence of reads equals slices of the bytes, whatever was dropped meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(range, { maxLength: 20 }), async (list) => {
        const source = withCache(recorded([]), small());
        const plain = new MemorySource(bytes);
        for (const one of list) {
          const [found, expected] = await Promise.all([source.read(one), plain.read(one)]);
          expect(Buffer.compare(found.bytes, expected.bytes)).toBe(0);
        }
      }),
    );
  });

  it('serves a header read once and its scattered fields for nothing', async () => {
    const reads: ByteRange[] = [];
    const source = withCache(recorded(reads), small());
    await source.read({ offset: 0, length: 16_384 });
    await source.read({ offset: 8, length: 4 });
    await source.read({ offset: 16_000, length: 384 });
    await source.read({ offset: 99_990, length: 4 });
    await source.read({ suffix: 8 });
    await source.read({ offset: 200_000, length: 8 });
    expect(reads).toEqual([
      { offset: 0, length: 16_384 },
      { offset: 98_304, length: 16_384 },
    ]);
  });

  it('makes one of equal reads that run at the same time', async () => {
    const reads: ByteRange[] = [];
    const source = withCache(recorded(reads), small());
    await Promise.all(Array.from({ length: 5 }, (_, index) => source.read({ offset: index * 4, length: 4 })));
    expect(reads).toHaveLength(1);
  });

  it('forgets the pieces of an older version as soon as it sees a newer one', async () => {
    let content = bytes;
    const reads: ByteRange[] = [];
    const source = withCache(
      recorded(reads, () => content),
      small(),
    );
    await source.read({ offset: 0, length: 4 });
    content = bytes.map((value) => value ^ 1);
    await source.read({ offset: 50_000, length: 4 });
    expect((await source.read({ offset: 0, length: 4 })).bytes).toEqual(content.subarray(0, 4));
  });

  it('keeps no large buffer alive for a small piece of it, and no more bytes than allowed', () => {
    const cache = small();
    cache.add('x', 0, { bytes: bytes.subarray(0, 10), size: 100_000, etag: null });
    expect(cache.find('x', { start: 2, end: 6 })?.buffer.byteLength).toBe(10);
    for (let part = 1; part < 4; part++) {
      cache.add('x', part * 25_000, {
        bytes: bytes.slice(part * 25_000, part * 25_000 + 25_000),
        size: 100_000,
        etag: null,
      });
    }
    expect(cache.find('x', { start: 2, end: 6 })).toBeNull();
    expect(cache.find('x', { start: 75_000, end: 100_000 })).toEqual(bytes.subarray(75_000));
    cache.drop('x');
    expect(cache.identity('x')).toBeNull();
  });
});
