const CLEAR = 256;
const END = 257;
const FIRST = 258;
/** TIFF 6.0 §13: the table is cleared when it has this code. */
const LAST = 4094;
const SLOTS = 1 << 14;

/** LZW as TIFF 6.0 §13 has it: codes of 9 to 12 bits, the most significant bit first, widened one code early. */
export function encodeLzw(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.ceil(bytes.length * 1.5) + 16);
  // Open addressing from (prefix code, next byte) to its code; a key of 0 is an empty slot.
  const keys = new Uint32Array(SLOTS);
  const codes = new Uint16Array(SLOTS);
  let [at, bits, held, width, next] = [0, 0, 0, 9, FIRST];
  const put = (code: number): void => {
    held = (held << width) | code;
    for (bits += width; bits >= 8; bits -= 8) out[at++] = (held >>> (bits - 8)) & 255;
    held &= (1 << bits) - 1;
  };
  put(CLEAR);
  let prefix = bytes[0] ?? CLEAR;
  for (let i = 1; i < bytes.length; i++) {
    const key = ((prefix << 8) | bytes[i]!) + 1;
    let slot = Math.imul(key, 0x9e3779b1) >>> 18;
    while (keys[slot] !== 0 && keys[slot] !== key) slot = (slot + 1) & (SLOTS - 1);
    if (keys[slot] === key) {
      prefix = codes[slot]!;
      continue;
    }
    put(prefix);
    prefix = bytes[i]!;
    keys[slot] = key;
    codes[slot] = next;
    if (next === LAST) {
      put(CLEAR);
      keys.fill(0);
      [width, next] = [9, FIRST];
      continue;
    }
    next++;
    if (next + 1 > 1 << width) width++;
  }
  if (bytes.length > 0) put(prefix);
  // A decoder adds one more code when it reads this one.
  if (next === LAST) {
    put(CLEAR);
    width = 9;
  } else if (next + 2 > 1 << width) width++;
  put(END);
  if (bits > 0) out[at++] = (held << (8 - bits)) & 255;
  return out.slice(0, at);
}
