import { constants, gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import { FAILURE } from '../codec-types.js';

/** Where a stream may be longer than the output, this many times its length and 64 KiB are decoded at most. */
const SURPLUS_FACTOR = 2;
const SURPLUS_BYTES = 65_536;

/** How a stream is inflated. `surplus`: it may hold more than the output; `cut`: its end may be missing. */
export type InflateOptions = { readonly surplus: boolean; readonly cut?: boolean };

/** zlib (RFC 1950) or gzip (RFC 1952, all members) into `output`; gives the bytes written or a failure. */
export function inflate(
  wrapper: 'zlib' | 'gzip',
  input: Uint8Array,
  output: Uint8Array,
  { surplus, cut = false }: InflateOptions,
): number {
  const maxOutputLength = surplus ? SURPLUS_FACTOR * output.length + SURPLUS_BYTES : Math.max(output.length, 1);
  const options = { maxOutputLength, ...(cut ? { finishFlush: constants.Z_SYNC_FLUSH } : {}) };
  try {
    const bytes = wrapper === 'zlib' ? inflateSync(input, options) : gunzipSync(input, options);
    if (bytes.length > output.length && !surplus) return FAILURE.surplus;
    const length = Math.min(bytes.length, output.length);
    output.set(bytes.subarray(0, length));
    return length;
  } catch (error) {
    return isTooLarge(error) ? FAILURE.surplus : FAILURE.corrupt;
  }
}

/** One gzip member; time 0, no name, system unknown, so that every machine writes the same bytes. */
export function encodeGzip(input: Uint8Array, output: Uint8Array, level: number): number {
  if (!Number.isInteger(level) || level < 0) return FAILURE.badArgument;
  const bytes = gzipSync(input, { level: Math.min(level, 9) });
  if (bytes.length > output.length) return FAILURE.surplus;
  bytes[9] = 255; // RFC 1952 §2.3.1: OS unknown
  output.set(bytes);
  return bytes.length;
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}
