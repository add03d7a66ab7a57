import type { SampleArray } from './kernels.js';

const SAMPLE_CLASSES = [
  Int8Array,
  Uint8Array,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
  Float32Array,
  Float64Array,
] as const;

/** The addon's number for a type of samples. */
export function sampleType(data: SampleArray): number {
  return SAMPLE_CLASSES.findIndex((samples) => data instanceof samples);
}

/** The memory of samples, as the addon takes it; not a copy. */
export function bytesOf(data: SampleArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
