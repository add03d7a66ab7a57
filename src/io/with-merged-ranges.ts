import { abortedError, throwIfAborted } from './abort.js';
import { assertByteRange } from './byte-range.js';
import type { ByteSource, ReadResult } from './byte-source.js';
import { mergeRanges, type MergeOptions, type PlainRange } from './merge-ranges.js';
import { SharedTask } from './shared-task.js';

type Waiting = {
  readonly range: PlainRange;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (result: ReadResult) => void;
  readonly reject: (error: unknown) => void;
};

/** 64 KiB too much cost about a millisecond, a round trip tens; longer merged reads would only wait for themselves. */
const DEFAULTS: MergeOptions = { gapBytes: 64 * 1024, maxBytes: 4 * 1024 * 1024 };

/**
 * Reads of one object that begin in the same turn of the event loop and lie near each other become one. Each caller gets
 * a view of the common buffer; a caller that aborts leaves the others' read alone. Suffix and whole reads pass through.
 */
export function withMergedRanges(source: ByteSource, options: Partial<MergeOptions> = {}): ByteSource {
  const limits: MergeOptions = { ...DEFAULTS, ...options };
  let waiting: Waiting[] = [];

  const flush = () => {
    const batch = waiting.filter(({ signal, reject }) => {
      if (signal?.aborted === true) reject(abortedError(signal));
      return signal?.aborted !== true;
    });
    waiting = [];
    const ranges = batch.map(({ range }) => range);
    for (const { offset, length, members } of mergeRanges(ranges, limits)) {
      const task = new SharedTask((signal) => source.read({ offset, length }, { signal }));
      for (const member of members) {
        const { range, signal, resolve, reject } = batch[member]!;
        task.join(signal).then((result) => resolve(cut(result, range, offset)), reject);
      }
    }
  };

  return {
    url: source.url,
    async read(range, readOptions = {}) {
      const { signal } = readOptions;
      throwIfAborted(signal);
      assertByteRange(range);
      if (range === 'all' || 'suffix' in range) return source.read(range, readOptions);
      return new Promise<ReadResult>((resolve, reject) => {
        if (waiting.length === 0) setImmediate(flush);
        waiting.push({ range, signal, resolve, reject });
      });
    },
  };
}

function cut(result: ReadResult, range: PlainRange, offset: number): ReadResult {
  const start = range.offset - offset;
  return { ...result, bytes: result.bytes.subarray(start, start + range.length) };
}
