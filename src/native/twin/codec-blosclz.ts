import { FAILURE } from '../codec-types.js';

/** The farthest distance of the short form; the long form counts from here. */
const NEAR = 8191;

/**
 * BloscLZ: control bytes below 32 begin literal runs, others matches with three bits of length and five of distance; 255s
 * prolong the length, all ones in the distance mean sixteen bits more.
 */
export function decodeBloscLz(input: Uint8Array, output: Uint8Array): number {
  let from = 0;
  let to = 0;
  let control = (input[from++] ?? 0) & 31;
  for (;;) {
    if (control < 32) {
      const length = control + 1;
      if (from + length > input.length) return FAILURE.corrupt;
      if (to + length > output.length) return FAILURE.surplus;
      output.set(input.subarray(from, from + length), to);
      from += length;
      to += length;
    } else {
      let length = (control >> 5) + 2;
      if (length === 9) {
        let more = 255;
        while (more === 255 && from < input.length) length += more = input[from++]!;
      }
      let distance = ((control & 31) << 8) + (input[from] ?? 0) + 1;
      if (control % 32 === 31 && input[from] === 255) {
        distance = ((input[from + 1] ?? 0) << 8) + (input[from + 2] ?? 0) + NEAR + 1;
        from += 2;
      }
      from++;
      if (from > input.length || distance > to) return FAILURE.corrupt;
      if (to + length > output.length) return FAILURE.surplus;
      for (let i = 0; i < length; i++, to++) output[to] = output[to - distance]!;
    }
    if (from === input.length) return to;
    control = input[from++]!;
  }
}
