import type { CodecKernels } from './codec-types.js';
import { nativeFunctions } from './load.js';
import { codecTwin } from './twin/codec.js';

const NAMES: readonly (keyof CodecKernels)[] = [
  'decodeTile',
  'decodeJpeg',
  'decodeWebp',
  'decodeLerc',
  'unpackBits',
  'shuffleBytes',
  'encodeBlosc',
  'encodeZstd',
  'encodeGzip',
  'crc32c',
];

let kernels: CodecKernels | null = null;

/** The addon's codec functions, or null where the addon is absent. */
export function nativeCodecKernels(): CodecKernels | null {
  return nativeFunctions<CodecKernels>(NAMES);
}

/** The codec functions that run here: the addon's where it is loaded, else their twins. */
export function codecKernels(): CodecKernels {
  kernels ??= nativeCodecKernels() ?? codecTwin;
  return kernels;
}
