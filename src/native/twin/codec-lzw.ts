import { FAILURE } from '../codec-types.js';

const CLEAR = 256;
const END = 257;
const FIRST = 258;
const CODES = 4096;

/**
 * TIFF LZW (TIFF 6.0 §13) until the output is full or the stream ends. Every string stands in the output already, so the
 * table holds places and lengths. A stream that begins with 0x00 and an odd byte has the older order: least significant
 * bit first, codes widened one later.
 */
export function decodeLzw(input: Uint8Array, output: Uint8Array): number {
  const oldOrder = input.length > 1 && input[0] === 0 && (input[1]! & 1) === 1;
  const early = oldOrder ? 0 : 1;
  const places = new Float64Array(CODES);
  const lengths = new Int32Array(CODES);
  let free = FIRST;
  let width = 9;
  let bit = 0;
  let previousAt = -1;
  let previousLength = 0;
  let at = 0;
  while (at < output.length && bit + width <= input.length * 8) {
    const code = oldOrder ? codeLsb(input, bit, width) : codeMsb(input, bit, width);
    bit += width;
    if (code === END) break;
    if (code === CLEAR) {
      free = FIRST;
      width = 9;
      previousAt = -1;
      continue;
    }
    let length = 1;
    if (code < CLEAR) {
      output[at] = code;
    } else {
      // The code next in line stands for the previous string and its own first byte.
      const known = code < free;
      if (!known && (code !== free || previousAt < 0)) return FAILURE.corrupt;
      const place = known ? places[code]! : previousAt;
      length = Math.min(known ? lengths[code]! : previousLength + 1, output.length - at);
      for (let i = 0; i < length; i++) output[at + i] = output[place + i]!;
    }
    if (previousAt >= 0 && free < CODES) {
      places[free] = previousAt;
      lengths[free] = previousLength + 1;
      free++;
      if (free + early >= 1 << width && width < 12) width++;
    }
    previousAt = at;
    previousLength = length;
    at += length;
  }
  return at;
}

/** `width` bits (9 to 12) from bit `bit` on, counted from the most significant bit of each byte. */
function codeMsb(input: Uint8Array, bit: number, width: number): number {
  const at = Math.floor(bit / 8);
  const word = (input[at]! << 16) | ((input[at + 1] ?? 0) << 8) | (input[at + 2] ?? 0);
  return (word >> (24 - (bit % 8) - width)) & ((1 << width) - 1);
}

/** The same, counted from the least significant bit. */
function codeLsb(input: Uint8Array, bit: number, width: number): number {
  const at = Math.floor(bit / 8);
  const word = input[at]! | ((input[at + 1] ?? 0) << 8) | ((input[at + 2] ?? 0) << 16);
  return (word >> (bit % 8)) & ((1 << width) - 1);
}
