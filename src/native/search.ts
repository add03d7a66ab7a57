import type { SampleArray } from './kernels.js';
import { nativeFunctions } from './load.js';
import { bytesOf, sampleType } from './sample-bytes.js';

type SearchFunctions = { holdsValue(sourceType: number, source: Uint8Array, value: number): number };

/** Whether a sample equals a value; NaN equals none. Many times as quick with the addon as without. */
export function holdsValue(samples: SampleArray, value: number): boolean {
  if (samples instanceof BigInt64Array || samples instanceof BigUint64Array) {
    return Number.isInteger(value) && samples.includes(BigInt(value) as never);
  }
  const native = nativeFunctions<SearchFunctions>(['holdsValue']);
  const found = native?.holdsValue(sampleType(samples), bytesOf(samples), value) ?? -1;
  return found < 0 ? holdsValueTwin(samples, value) : found === 1;
}

/** `holdsValue` without the addon. */
export function holdsValueTwin(samples: Exclude<SampleArray, BigInt64Array | BigUint64Array>, value: number): boolean {
  return samples.indexOf(value) >= 0;
}
