const MOST = 128;

/** PackBits (TIFF 6.0 §9) of a whole chunk: a count and bytes to copy, or a negative count and a byte to repeat. */
export function encodePackBits(bytes: Uint8Array): Uint8Array {
  const output = new Uint8Array(bytes.length + Math.ceil(bytes.length / MOST) + 1);
  let length = 0;
  let at = 0;
  while (at < bytes.length) {
    const run = runLength(bytes, at);
    if (run >= 2) {
      output[length++] = 257 - run;
      output[length++] = bytes[at]!;
      at += run;
      continue;
    }
    const count = literalLength(bytes, at);
    output[length++] = count - 1;
    output.set(bytes.subarray(at, at + count), length);
    length += count;
    at += count;
  }
  return output.slice(0, length);
}

function runLength(bytes: Uint8Array, at: number): number {
  let end = at + 1;
  while (end < bytes.length && end - at < MOST && bytes[end] === bytes[at]) end++;
  return end - at;
}

/** Bytes until three equal ones begin: a run of two within literals saves nothing. */
function literalLength(bytes: Uint8Array, at: number): number {
  let end = at + 1;
  while (end < bytes.length && end - at < MOST) {
    if (bytes[end] === bytes[end + 1] && bytes[end] === bytes[end + 2]) break;
    end++;
  }
  return end - at;
}
