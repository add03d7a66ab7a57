import { CubeError } from '../errors.js';
import { codecKernels } from '../native/codec.js';
import type { CodecKernels } from '../native/codec-types.js';
import { checkCount } from './codec-failure.js';

/** How stored bytes are compressed. Levels: blosc and gzip 0 to 9, zstd 1 to 22. */
export type EncodeSpec =
  | {
      readonly name: 'blosc';
      readonly cname: 'zstd' | 'lz4';
      readonly level: number;
      readonly shuffle: 'shuffle' | 'bitshuffle' | 'noshuffle';
    }
  | { readonly name: 'zstd'; readonly level: number }
  | { readonly name: 'gzip'; readonly level: number }
  | { readonly name: 'none' };

const BLOSC_CODEC = { lz4: 1, zstd: 4 } as const;
/** Numbers of blosc's filters, as the addon has them. */
export const BLOSC_FILTER = { noshuffle: 0, shuffle: 1, bitshuffle: 2 } as const;
/** blosc1's frame header. */
const BLOSC_OVERHEAD = 16;

/**
 * Compress bytes in memory order; `elementSize` is the sample's, for blosc's shuffle. The same input gives the same bytes.
 * `none` gives the input itself, everything else a new array, or the start of what
 * `memory` gives. Errors: `invalid-argument`, `missing-component`.
 */
export function encodeBytes(
  codec: EncodeSpec,
  bytes: Uint8Array,
  elementSize: number,
  memory?: OutputMemory,
): Uint8Array {
  return encodeBytesWith(codecKernels(), codec, bytes, elementSize, memory);
}

/** Gives so many bytes of any content, which are the caller's until it needs the result no more. */
export type OutputMemory = (length: number) => Uint8Array;

/** `encodeBytes` on given kernels, for comparisons of addon and twin. */
export function encodeBytesWith(
  kernels: CodecKernels,
  codec: EncodeSpec,
  bytes: Uint8Array,
  elementSize: number,
  memory?: OutputMemory,
): Uint8Array {
  const take = memory ?? scratch;
  const cut = (output: Uint8Array, count: number, name: string) => {
    const length = checkCount(count, { codec: name });
    return memory === undefined ? output.slice(0, length) : output.subarray(0, length);
  };
  switch (codec.name) {
    case 'none':
      return bytes;
    case 'blosc': {
      assertLevel(codec, 0, 9);
      const output = take(bytes.length + BLOSC_OVERHEAD);
      const [cname, filter] = [BLOSC_CODEC[codec.cname], BLOSC_FILTER[codec.shuffle]];
      return cut(output, kernels.encodeBlosc(bytes, output, cname, codec.level, filter, elementSize), codec.name);
    }
    case 'zstd': {
      assertLevel(codec, 1, 22);
      const output = take(zstdBound(bytes.length));
      return cut(output, kernels.encodeZstd(bytes, output, codec.level), codec.name);
    }
    case 'gzip': {
      assertLevel(codec, 0, 9);
      const output = take(gzipBound(bytes.length));
      return cut(output, kernels.encodeGzip(bytes, output, codec.level), codec.name);
    }
  }
}

/** Encoders write into this before the result is cut out; a very large one is not kept. */
let kept = new Uint8Array(0);
const KEPT_BYTES = 16 * 1024 ** 2;

/** Memory of this thread with any content; good until the next call. */
function scratch(length: number): Uint8Array {
  if (length > KEPT_BYTES) return new Uint8Array(length);
  if (kept.length < length) kept = new Uint8Array(length);
  return kept.subarray(0, length);
}

/** zstd.h's ZSTD_COMPRESSBOUND: 1/256 more, and a margin for inputs below 128 KiB. */
function zstdBound(length: number): number {
  return length + Math.floor(length / 256) + Math.max(0, (131_072 - length) >> 11);
}

/** Stored blocks (5 bytes each, at least 5,000 bytes apart in both encoders), header and trailer. */
function gzipBound(length: number): number {
  return length + 5 * (Math.floor(length / 5000) + 1) + 64;
}

function assertLevel({ name, level }: { readonly name: string; readonly level: number }, min: number, max: number) {
  if (Number.isInteger(level) && level >= min && level <= max) return;
  throw new CubeError({
    kind: 'invalid-argument',
    what: `${name} level ${level}`,
    fix: `use a whole number from ${min} to ${max}`,
  });
}
