import { FAILURE } from '../codec-types.js';

/** numcodecs lz4: uint32 LE decoded size, then one block. */
export function decodeSizedLz4(input: Uint8Array, output: Uint8Array): number {
  if (input.length < 4) return FAILURE.corrupt;
  const size = new DataView(input.buffer, input.byteOffset, 4).getUint32(0, true);
  if (size > output.length) return FAILURE.surplus;
  const count = decodeLz4Block(input.subarray(4), output.subarray(0, size));
  return count === size ? count : FAILURE.corrupt;
}

/** One bare LZ4 block: sequences of a token, literals and a match; the last has literals only. */
export function decodeLz4Block(input: Uint8Array, output: Uint8Array): number {
  let from = 0;
  let to = 0;
  const extend = (length: number): number => {
    if (length !== 15) return length;
    for (;;) {
      const more = input[from++];
      if (more === undefined) return Infinity;
      length += more;
      if (more !== 255) return length;
    }
  };
  while (from < input.length) {
    const token = input[from++]!;
    const literals = extend(token >> 4);
    if (from + literals > input.length) return FAILURE.corrupt;
    if (to + literals > output.length) return FAILURE.surplus;
    output.set(input.subarray(from, from + literals), to);
    from += literals;
    to += literals;
    if (from === input.length) return to;
    if (from + 2 > input.length) return FAILURE.corrupt;
    const distance = input[from]! | (input[from + 1]! << 8);
    from += 2;
    const length = extend(token & 15) + 4;
    if (distance === 0 || distance > to || length === Infinity) return FAILURE.corrupt;
    if (to + length > output.length) return FAILURE.surplus;
    for (let i = 0; i < length; i++, to++) output[to] = output[to - distance]!;
  }
  return FAILURE.corrupt;
}

/** Bytes and positions that LZ4's format keeps free of matches at a block's end. */
const LAST_LITERALS = 5;
const MATCH_MARGIN = 12;
const HASH_BITS = 14;

/** One bare block, greedy with a hash of four bytes. `surplus` where it does not fit the output. */
export function encodeLz4Block(input: Uint8Array, output: Uint8Array): number {
  const table = new Int32Array(1 << HASH_BITS).fill(-1);
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const limit = input.length - MATCH_MARGIN;
  let anchor = 0;
  let to = 0;
  let at = 0;
  while (at < limit) {
    const word = view.getUint32(at, true);
    const hash = Math.imul(word, 2654435761) >>> (32 - HASH_BITS);
    const candidate = table[hash]!;
    table[hash] = at;
    if (candidate < 0 || at - candidate > 65_535 || view.getUint32(candidate, true) !== word) {
      at++;
      continue;
    }
    let length = 4;
    while (at + length < input.length - LAST_LITERALS && input[candidate + length] === input[at + length]) length++;
    to = writeSequence(output, to, input.subarray(anchor, at), { distance: at - candidate, length });
    if (to < 0) return FAILURE.surplus;
    at += length;
    anchor = at;
  }
  to = writeSequence(output, to, input.subarray(anchor), null);
  return to < 0 ? FAILURE.surplus : to;
}

/** Gives the index behind the sequence, or -1 where it does not fit. */
function writeSequence(
  output: Uint8Array,
  start: number,
  literals: Uint8Array,
  match: { readonly distance: number; readonly length: number } | null,
): number {
  const matchCode = match === null ? 0 : match.length - 4;
  const size = 1 + literals.length / 255 + literals.length + (match === null ? 0 : 2) + matchCode / 255 + 2;
  if (start + size > output.length) return -1;
  let to = start;
  const extend = (length: number) => {
    let rest = length - 15;
    for (; rest >= 255; rest -= 255) output[to++] = 255;
    output[to++] = rest;
  };
  output[to++] = (Math.min(literals.length, 15) << 4) | Math.min(matchCode, 15);
  if (literals.length >= 15) extend(literals.length);
  output.set(literals, to);
  to += literals.length;
  if (match === null) return to;
  output[to++] = match.distance & 255;
  output[to++] = match.distance >> 8;
  if (matchCode >= 15) extend(matchCode);
  return to;
}
