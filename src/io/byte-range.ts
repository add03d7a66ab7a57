import { CubeError } from '../errors.js';
import type { ByteRange } from './byte-source.js';

/** Half-open span of bytes of an object whose size is known. */
export type Span = { readonly start: number; readonly end: number };

/** Throws `invalid-argument` unless offset, length or suffix are whole numbers that JavaScript counts exactly. */
export function assertByteRange(range: ByteRange): void {
  if (range === 'all') return;
  if ('suffix' in range) {
    if (isCount(range.suffix)) return;
    throw new CubeError({
      kind: 'invalid-argument',
      what: `byte range suffix ${range.suffix} is not a whole number >= 0`,
    });
  }
  if (isCount(range.offset) && isCount(range.length) && Number.isSafeInteger(range.offset + range.length)) return;
  throw new CubeError({
    kind: 'invalid-argument',
    what: `byte range offset ${range.offset}, length ${range.length}: both must be whole numbers >= 0 with a sum below 2^53`,
  });
}

/** The part of an object of `size` bytes that a range names; empty where the range starts at or behind the end. */
export function spanOf(range: ByteRange, size: number): Span {
  if (range === 'all') return { start: 0, end: size };
  if ('suffix' in range) return { start: Math.max(0, size - range.suffix), end: size };
  const start = Math.min(range.offset, size);
  return { start, end: Math.min(range.offset + range.length, size) };
}

/** The range in words, for messages: `bytes 10..19`, `last 8 bytes`, `whole object`. */
export function formatRange(range: ByteRange): string {
  if (range === 'all') return 'whole object';
  if ('suffix' in range) return `last ${range.suffix} bytes`;
  return `${range.length} bytes at ${range.offset}`;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
