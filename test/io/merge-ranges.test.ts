import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ByteRange, ByteSource } from '../../src/io/byte-source.js';
import { MemorySource } from '../../src/io/memory-source.js';
import { mergeRanges } from '../../src/io/merge-ranges.js';
import { withMergedRanges } from '../../src/io/with-merged-ranges.js';

const bytes = Uint8Array.from({ length: 1000 }, (_, index) => (index * 7) & 255);

const ranges = fc.array(fc.record({ offset: fc.nat(1200), length: fc.nat(300) }), { maxLength: 30 });

describe('mergeRanges', () => {
  it('covers every range exactly once, within the limits, and leaves no near neighbours apart', () => {
    const limits = fc.record({ gapBytes: fc.nat(50), maxBytes: fc.nat(500) });
    fc.assert(
      fc.property(ranges, limits, (list, options) => {
        const merged = mergeRanges(list, options);
        expect(merged.flatMap(({ members }) => members).sort((a, b) => a - b)).toEqual(list.map((_, index) => index));
        for (const { offset, length, members } of merged) {
          if (members.length > 1) expect(length).toBeLessThanOrEqual(options.maxBytes);
          for (const member of members) {
            expect(list[member]!.offset).toBeGreaterThanOrEqual(offset);
            expect(list[member]!.offset + list[member]!.length).toBeLessThanOrEqual(offset + length);
          }
        }
      }),
    );
  });
});

describe('withMergedRanges', () => {
  function recorded(reads: ByteRange[], fail = false): ByteSource {
    const memory = new MemorySource(bytes);
    return {
      url: memory.url,
      async read(range, options) {
        reads.push(range);
        await new Promise((resolve) => setImmediate(resolve));
        options?.signal?.throwIfAborted();
        if (fail) throw new Error('broken');
        return memory.read(range, options);
      },
    };
  }

  it('gives each reader its own bytes out of one read', async () => {
    const reads: ByteRange[] = [];
    const source = withMergedRanges(recorded(reads), { gapBytes: 10, maxBytes: 100 });
    const parts = [
      { offset: 20, length: 10 },
      { offset: 0, length: 15 },
      { offset: 200, length: 5 },
      { offset: 995, length: 50 },
    ];
    const results = await Promise.all(parts.map((range) => source.read(range)));
    results.forEach(({ bytes: found }, index) => {
      const { offset, length } = parts[index]!;
      expect(found).toEqual(bytes.subarray(offset, offset + length));
    });
    expect(reads).toEqual([
      { offset: 0, length: 30 },
      { offset: 200, length: 5 },
      { offset: 995, length: 50 },
    ]);
  });

  it('stops the common read only when all of its readers have gone', async () => {
    const reads: ByteRange[] = [];
    const source = withMergedRanges(recorded(reads));
    const [one, two] = [new AbortController(), new AbortController()];
    const first = source.read({ offset: 0, length: 10 }, { signal: one.signal });
    const second = source.read({ offset: 10, length: 10 }, { signal: two.signal });
    setImmediate(() => one.abort(new Error('enough')));
    await expect(first).rejects.toMatchObject({ problem: { kind: 'aborted' } });
    expect((await second).bytes).toEqual(bytes.subarray(10, 20));
    expect(reads).toHaveLength(1);
  });

  it('does not read for readers that left before the turn ended, and passes errors to all', async () => {
    const reads: ByteRange[] = [];
    const control = new AbortController();
    const left = withMergedRanges(recorded(reads)).read({ offset: 0, length: 1 }, { signal: control.signal });
    control.abort();
    await expect(left).rejects.toMatchObject({ problem: { kind: 'aborted' } });
    expect(reads).toHaveLength(0);
    const broken = withMergedRanges(recorded(reads, true));
    const both = await Promise.allSettled([
      broken.read({ offset: 0, length: 1 }),
      broken.read({ offset: 1, length: 1 }),
    ]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});
