import { throwIfAborted } from './abort.js';
import { assertByteRange, spanOf } from './byte-range.js';
import type { ByteRange, ByteSource, ReadResult } from './byte-source.js';
import type { RangeCache } from './range-cache.js';
import { SharedTask } from './shared-task.js';

/** Reads shorter than a block are widened to whole blocks: a header's scattered fields then cost one request. */
const BLOCK_BYTES = 16 * 1024;

/**
 * Serves reads from pieces held in `cache`, which many sources may share under different `key`s (an object's full URL).
 * Short reads are widened to blocks of 16 KiB, longer ones are read and held as they are. Equal reads that run at the
 * same time are one.
 */
export function withCache(source: ByteSource, cache: RangeCache, key: string = source.url): ByteSource {
  const running = new Map<string, SharedTask<ReadResult>>();

  const fetchShared = (range: ByteRange, signal: AbortSignal | undefined): Promise<ReadResult> => {
    const name = JSON.stringify(range);
    let task = running.get(name);
    if (task === undefined || task.abandoned) {
      const started = new SharedTask(async (shared) => {
        try {
          const result = await source.read(range, { signal: shared });
          cache.add(key, startOf(range, result), result);
          return result;
        } finally {
          if (running.get(name) === started) running.delete(name);
        }
      });
      task = started;
      running.set(name, task);
    }
    return task.join(signal);
  };

  return {
    url: source.url,
    async read(range, options = {}) {
      throwIfAborted(options.signal);
      assertByteRange(range);
      const held = findHeld(cache, key, range);
      if (held !== null) return held;
      const wide = widen(range);
      const result = await fetchShared(wide, options.signal);
      return narrow(range, wide, result);
    },
  };
}

function findHeld(cache: RangeCache, key: string, range: ByteRange): ReadResult | null {
  const identity = cache.identity(key);
  if (identity === null) return null;
  const span = spanOf(range, identity.size);
  const bytes = span.end <= span.start ? new Uint8Array(0) : cache.find(key, span);
  return bytes === null ? null : { ...identity, bytes };
}

function widen(range: ByteRange): ByteRange {
  if (range === 'all') return range;
  if ('suffix' in range) return range;
  if (range.length >= BLOCK_BYTES) return range;
  const start = Math.floor(range.offset / BLOCK_BYTES) * BLOCK_BYTES;
  const end = Math.ceil((range.offset + Math.max(1, range.length)) / BLOCK_BYTES) * BLOCK_BYTES;
  return Number.isSafeInteger(end) ? { offset: start, length: end - start } : range;
}

/** The part of a widened read that was asked for. */
function narrow(range: ByteRange, wide: ByteRange, result: ReadResult): ReadResult {
  if (range === wide) return result;
  const first = startOf(wide, result);
  const { start, end } = spanOf(range, result.size);
  return { ...result, bytes: result.bytes.subarray(start - first, end - first) };
}

function startOf(range: ByteRange, result: ReadResult): number {
  return spanOf(range, result.size).start;
}
