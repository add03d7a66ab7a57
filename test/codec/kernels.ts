import { prepareTwins } from '../../src/codec/prepare.js';
import { nativeCodecKernels } from '../../src/native/codec.js';
import type { CodecKernels } from '../../src/native/codec-types.js';
import { codecTwin } from '../../src/native/twin/codec.js';

await prepareTwins();

/** The addon's kernels, or null where it is not built or turned off. */
export const addon: CodecKernels | null = nativeCodecKernels();

/** Every implementation that runs here, for suites that hold both to the same tests. */
export const implementations: readonly (readonly [string, CodecKernels])[] = [
  ['twin', codecTwin],
  ...(addon === null ? [] : ([['addon', addon]] as const)),
];

/** Bytes of a base64 literal. */
export function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}

/** The samples' memory. */
export function memoryOf(samples: ArrayBufferView): Uint8Array {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}
