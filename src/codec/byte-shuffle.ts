import { codecKernels } from '../native/codec.js';
import { checkCount } from './codec-failure.js';

/** Group the first bytes of all elements, then the second ones and so on (numcodecs shuffle). Gives a new array. */
export function byteShuffle(bytes: Uint8Array, elementSize: number): Uint8Array<ArrayBuffer> {
  return run(bytes, elementSize, false);
}

/** The inverse of `byteShuffle`. */
export function byteUnshuffle(bytes: Uint8Array, elementSize: number): Uint8Array<ArrayBuffer> {
  return run(bytes, elementSize, true);
}

function run(bytes: Uint8Array, elementSize: number, inverse: boolean): Uint8Array<ArrayBuffer> {
  const output = new Uint8Array(bytes.length);
  checkCount(codecKernels().shuffleBytes(bytes, output, elementSize, inverse), { codec: 'shuffle' });
  return output;
}
