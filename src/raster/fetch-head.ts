import { isCubeError } from '../errors.js';
import type { SourceFactory } from '../io/byte-source.js';
import type { ChunkRef, RangeRef } from './chunk-ref.js';
import { fetchChunk, type FetchChunkOptions } from './fetch-chunk.js';

/** A chunk of which the first bytes may be enough. */
export type ChunkHead = {
  readonly ref: ChunkRef;
  /** Bytes from the chunk's start that are tried first, or null: all of them. */
  readonly headLength: number | null;
};

/**
 * Fetch the first bytes of a chunk and decode them; where `decode` finds them too few or damaged (`invalid-data`), fetch
 * the rest too and decode all. Null where the chunk is missing. Only ranges of a file of known identity are cut, so that
 * both parts are of one version. Errors: those of `fetchChunk` and of `decode`.
 */
export async function fetchAndDecode<T>(
  { ref, headLength }: ChunkHead,
  sources: SourceFactory,
  options: FetchChunkOptions,
  decode: (bytes: Uint8Array) => T | Promise<T>,
): Promise<T | null> {
  const known = ref.kind === 'range' && (ref.identity ?? options.identity) !== null;
  const cut = known && headLength !== null && headLength < ref.length;
  if (!cut) {
    const bytes = await fetchChunk(ref, sources, options);
    return bytes === null ? null : decode(bytes);
  }
  const head = await fetchPart(ref, 0, headLength, sources, options);
  try {
    return await decode(head);
  } catch (error) {
    if (!isCubeError(error, 'invalid-data')) throw error;
  }
  const whole = new Uint8Array(ref.length);
  whole.set(head);
  whole.set(await fetchPart(ref, headLength, ref.length, sources, options), headLength);
  return decode(whole);
}

async function fetchPart(
  ref: RangeRef,
  start: number,
  end: number,
  sources: SourceFactory,
  options: FetchChunkOptions,
): Promise<Uint8Array> {
  const part = { ...ref, offset: ref.offset + start, length: end - start };
  return (await fetchChunk(part, sources, options)) ?? new Uint8Array(0);
}
