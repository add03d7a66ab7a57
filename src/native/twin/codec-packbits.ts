import { FAILURE } from '../codec-types.js';

/** PackBits (TIFF 6.0 §9) until the output is full or the input ends. */
export function decodePackBits(input: Uint8Array, output: Uint8Array): number {
  let from = 0;
  let to = 0;
  while (to < output.length && from < input.length) {
    const control = (input[from++]! << 24) >> 24;
    if (control >= 0) {
      const length = Math.min(control + 1, output.length - to);
      if (from + length > input.length) return FAILURE.corrupt;
      output.set(input.subarray(from, from + length), to);
      from += control + 1;
      to += length;
    } else if (control !== -128) {
      const length = Math.min(1 - control, output.length - to);
      if (from >= input.length) return FAILURE.corrupt;
      output.fill(input[from++]!, to, to + length);
      to += length;
    }
  }
  return to;
}
