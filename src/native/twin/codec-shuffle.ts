/** Byte `b` of every element goes to plane `b`; bytes behind the last whole element stay where they are. */
export function shuffle(input: Uint8Array, output: Uint8Array, element: number): void {
  const count = Math.floor(input.length / element);
  for (let b = 0; b < element; b++) {
    for (let i = 0; i < count; i++) output[b * count + i] = input[i * element + b]!;
  }
  output.set(input.subarray(count * element), count * element);
}

/** The inverse of `shuffle`. */
export function unshuffle(input: Uint8Array, output: Uint8Array, element: number): void {
  const count = Math.floor(input.length / element);
  for (let b = 0; b < element; b++) {
    for (let i = 0; i < count; i++) output[i * element + b] = input[b * count + i]!;
  }
  output.set(input.subarray(count * element), count * element);
}

/**
 * Bit `k` of byte `b` of every element goes to row `8 b + k`, element `i` at bit `i`. blosc leaves a block alone whose
 * number of elements is no multiple of eight.
 */
export function bitShuffle(input: Uint8Array, output: Uint8Array, element: number): void {
  const count = Math.floor(input.length / element);
  if (count % 8 !== 0) return output.set(input);
  const row = count / 8;
  output.fill(0);
  for (let i = 0; i < count; i++) {
    for (let b = 0; b < element; b++) {
      const byte = input[i * element + b]!;
      for (let k = 0; k < 8; k++) output[(8 * b + k) * row + (i >> 3)]! |= ((byte >> k) & 1) << (i & 7);
    }
  }
  output.set(input.subarray(count * element), count * element);
}

/** The inverse of `bitShuffle`. */
export function bitUnshuffle(input: Uint8Array, output: Uint8Array, element: number): void {
  const count = Math.floor(input.length / element);
  if (count % 8 !== 0) return output.set(input);
  const row = count / 8;
  for (let i = 0; i < count; i++) {
    for (let b = 0; b < element; b++) {
      let byte = 0;
      for (let k = 0; k < 8; k++) byte |= ((input[(8 * b + k) * row + (i >> 3)]! >> (i & 7)) & 1) << k;
      output[i * element + b] = byte;
    }
  }
  output.set(input.subarray(count * element), count * element);
}
