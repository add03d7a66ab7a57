import { LRUCache } from 'lru-cache';
import type { Span } from './byte-range.js';
import type { ObjectIdentity, ReadResult } from './byte-source.js';
import { identityOf, isSameObject } from './with-identity.js';

/** A piece of an object: its bytes from `start` on. */
type Segment = { readonly key: string; readonly start: number; readonly bytes: Uint8Array };

/** What is known of one object: segments in order of their start. */
type Entry = { readonly identity: ObjectIdentity; readonly segments: Segment[] };

/** Size of the cache and of its pieces. */
export type RangeCacheOptions = {
  /** Bytes held in all. */
  readonly maxBytes: number;
  /** Longer pieces are not held. */
  readonly maxSegmentBytes: number;
};

/** Longer reads of a factory's sources are not held: what is left out so once would push hundreds of others out. */
export const MAX_SEGMENT_BYTES = 8 * 1024 * 1024;

/** A segment's own weight, so that very many small ones are counted too. */
const SEGMENT_OVERHEAD = 256;

/**
 * Pieces of objects, the least recently used dropped first. All pieces held of an object are of one version: when a
 * piece of another one arrives, the old ones go.
 */
export class RangeCache {
  readonly #entries = new Map<string, Entry>();
  readonly #segments: LRUCache<string, Segment>;
  readonly #maxSegmentBytes: number;

  constructor(options: RangeCacheOptions) {
    this.#maxSegmentBytes = options.maxSegmentBytes;
    this.#segments = new LRUCache<string, Segment>({
      maxSize: options.maxBytes,
      sizeCalculation: (segment) => segment.bytes.byteLength + SEGMENT_OVERHEAD,
      dispose: (segment) => this.#forget(segment),
    });
  }

  /** Size and ETag of the version that pieces are held of, or null. */
  identity(object: string): ObjectIdentity | null {
    return this.#entries.get(object)?.identity ?? null;
  }

  /** The bytes of a span where one held piece covers it, else null. */
  find(object: string, span: Span): Uint8Array | null {
    const entry = this.#entries.get(object);
    if (entry === undefined) return null;
    const index = lastAtOrBefore(entry.segments, span.start);
    const segment = entry.segments[index];
    if (segment === undefined || segment.start + segment.bytes.length < span.end) return null;
    this.#segments.get(segment.key); // marks it as used
    return segment.bytes.subarray(span.start - segment.start, span.end - segment.start);
  }

  /** Holds what a read brought. `start` is the offset of its first byte. */
  add(object: string, start: number, result: ReadResult): void {
    const { bytes } = result;
    const known = this.#entries.get(object);
    if (known !== undefined && !isSameObject(known.identity, result)) this.drop(object);
    if (bytes.length === 0 || bytes.length > this.#maxSegmentBytes) return;
    const key = `${start}-${start + bytes.length} ${object}`;
    if (this.#segments.has(key)) return;
    const entry = this.#entries.get(object) ?? { identity: identityOf(result), segments: [] };
    this.#entries.set(object, entry);
    const segment: Segment = { key, start, bytes: compact(bytes) };
    entry.segments.splice(lastAtOrBefore(entry.segments, start) + 1, 0, segment);
    this.#segments.set(key, segment);
    if (!this.#segments.has(key)) this.#forget(segment); // too long for the whole cache
  }

  /** Forgets an object. */
  drop(object: string): void {
    const keys = (this.#entries.get(object)?.segments ?? []).map(({ key }) => key);
    for (const key of keys) this.#segments.delete(key);
    this.#entries.delete(object);
  }

  /** Forgets everything. */
  clear(): void {
    this.#segments.clear();
    this.#entries.clear();
  }

  #forget(segment: Segment): void {
    const object = segment.key.slice(segment.key.indexOf(' ') + 1);
    const entry = this.#entries.get(object);
    const index = entry?.segments.indexOf(segment) ?? -1;
    if (entry === undefined || index < 0) return;
    entry.segments.splice(index, 1);
    if (entry.segments.length === 0) this.#entries.delete(object);
  }
}

/** Index of the last segment that starts at or before `start`, -1 where there is none. */
function lastAtOrBefore(segments: readonly Segment[], start: number): number {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (segments[middle]!.start <= start) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** A small view of a large buffer would keep all of it alive, so it is copied. */
function compact(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength * 2 < bytes.buffer.byteLength ? bytes.slice() : bytes;
}
