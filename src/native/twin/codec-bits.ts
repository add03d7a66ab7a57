import { FAILURE } from '../codec-types.js';

/** Widen packed samples of 1 to 31 bits, most significant bit first, each row padded to a byte. */
export function unpackBits(
  input: Uint8Array,
  output: Uint8Array,
  bits: number,
  rowSamples: number,
  signed: boolean,
  elementSize: number,
): number {
  const possible = bits >= 1 && bits <= 31 && rowSamples >= 1 && [1, 2, 4].includes(elementSize);
  if (!possible || bits > 8 * elementSize) return FAILURE.badArgument;
  const rowBytes = Math.ceil((rowSamples * bits) / 8);
  const rows = Math.floor(output.length / elementSize / rowSamples);
  if (input.length < rows * rowBytes) return FAILURE.corrupt;
  const wide = new Uint32Array(rows * rowSamples);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < rowSamples; i++) {
      let value = 0;
      for (let bit = i * bits; bit < (i + 1) * bits; bit++) {
        value = (value << 1) | ((input[row * rowBytes + (bit >> 3)]! >> (7 - (bit & 7))) & 1);
      }
      wide[row * rowSamples + i] = signed ? (value << (32 - bits)) >> (32 - bits) : value;
    }
  }
  const narrow = elementSize === 1 ? Uint8Array.from(wide) : elementSize === 2 ? Uint16Array.from(wide) : wide;
  output.set(new Uint8Array(narrow.buffer, 0, narrow.byteLength));
  return narrow.byteLength;
}
