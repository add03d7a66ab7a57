import { LRUCache } from 'lru-cache';
import { spanOf } from '../io/byte-range.js';
import type { ByteSource } from '../io/byte-source.js';
import { assertGuard, assertSame } from './assert-version.js';
import type { RangeRef } from './chunk-ref.js';

/** Parts in use lately, by the object that they are of: what is known of a shard is kept by its source. */
const parts = new WeakMap<ByteSource, LRUCache<string, ByteSource>>();

/** Most objects have one part, the whole of them. */
const MAX_PARTS = 64;

/**
 * A part of an object as an object of its own: its size is the part's, its ETag and time the object's. The same part of the same
 * source is one value. Errors: `changed` where the object is not the version that the reference tells of, and those of `source`.
 */
export function partSource(source: ByteSource, part: RangeRef): ByteSource {
  const known = parts.get(source) ?? new LRUCache<string, ByteSource>({ max: MAX_PARTS });
  parts.set(source, known);
  const { offset, length, identity, guard } = part;
  const key = JSON.stringify([offset, length, identity, guard]);
  const found = known.get(key) ?? openPart(source, part);
  known.set(key, found);
  return found;
}

function openPart(source: ByteSource, { offset, length, identity, guard }: RangeRef): ByteSource {
  return {
    url: source.url,
    async read(range, options) {
      const { start, end } = spanOf(range, length);
      const result = await source.read({ offset: offset + start, length: end - start }, options);
      if (identity !== undefined) assertSame(source.url, identity, result);
      if (guard !== undefined) assertGuard(source.url, guard, result);
      return { ...result, size: length };
    },
  };
}
