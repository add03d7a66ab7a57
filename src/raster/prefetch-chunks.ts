import type { SourceFactory } from '../io/byte-source.js';
import { isLocal } from '../io/location.js';
import { MAX_SEGMENT_BYTES } from '../io/range-cache.js';
import type { ChunkRef, RangeRef } from './chunk-ref.js';

/** How far ahead is read. */
export type PrefetchOptions = {
  /** Encoded bytes to have under way or in the sources' cache; at most half of that cache, or they push each other out. */
  readonly limitBytes: number;
  /** Stops the reads that nobody else waits for. */
  readonly signal?: AbortSignal;
};

/**
 * Begin to read chunks that are needed next, in this order, as far as the limit goes, so that they are in the sources'
 * cache, or on their way, when `fetchChunk` asks for them. Only remote ranges are: local files need no head start, and
 * the length of a whole object is not known. Ends when all reads have; what fails is read again, and reported, by the one who
 * needs it. Gives the number of bytes that were asked for.
 */
export async function prefetchChunks(
  refs: Iterable<ChunkRef>,
  sources: SourceFactory,
  { limitBytes, signal }: PrefetchOptions,
): Promise<number> {
  const reads: Promise<void>[] = [];
  let bytes = 0;
  for (const ref of refs) {
    if (ref.kind !== 'range' || isLocal(ref.url)) continue;
    // A longer piece is not held, and would be read twice.
    if (ref.length > Math.min(MAX_SEGMENT_BYTES, limitBytes / 2)) continue;
    if (bytes + ref.length > limitBytes || signal?.aborted === true) break;
    bytes += ref.length;
    reads.push(readQuietly(ref, sources, signal));
  }
  await Promise.all(reads);
  return bytes;
}

async function readQuietly(
  { url, offset, length }: RangeRef,
  sources: SourceFactory,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await sources.open(url).read({ offset, length }, signal === undefined ? {} : { signal });
  } catch {
    // Whoever needs the chunk reads it again, and tells what is wrong.
  }
}
