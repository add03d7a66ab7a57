const CLEAR = 256;
const END = 257;
const FIRST = 258;
const FIRST_WIDTH = 9;
/** One before the last code of 12 bits: a decoder's table would be full with the next one. */
const FULL = 4094;

/** TIFF's LZW (TIFF 6.0 §13): most significant bit first, widths grow one code early. */
export function encodeLzw(bytes: Uint8Array): Uint8Array {
  const output = new BitWriter(bytes.length);
  const table = new Map<number, number>();
  let next = FIRST;
  let width = FIRST_WIDTH;
  output.write(CLEAR, width);
  let prefix = bytes[0];
  for (let i = 1; i < bytes.length; i++) {
    const key = prefix! * 256 + bytes[i]!;
    const known = table.get(key);
    if (known !== undefined) {
      prefix = known;
      continue;
    }
    output.write(prefix!, width);
    prefix = bytes[i];
    table.set(key, next++);
    if (next === FULL) {
      output.write(CLEAR, width);
      table.clear();
      next = FIRST;
      width = FIRST_WIDTH;
    } else if (next === 1 << width) width++;
  }
  if (prefix !== undefined) {
    output.write(prefix, width);
    // The decoder has read one code more by now.
    if (next + 1 === 1 << width) width++;
  }
  output.write(END, width);
  return output.finish();
}

class BitWriter {
  #bytes: Uint8Array;
  #length = 0;
  #bits = 0;
  #count = 0;

  /** `expected` bytes are made room for. */
  constructor(expected: number) {
    this.#bytes = new Uint8Array(Math.max(64, expected));
  }

  write(code: number, width: number): void {
    this.#bits = (this.#bits << width) | code;
    this.#count += width;
    while (this.#count >= 8) {
      this.#count -= 8;
      this.#push((this.#bits >>> this.#count) & 0xff);
      this.#bits &= (1 << this.#count) - 1;
    }
  }

  finish(): Uint8Array {
    if (this.#count > 0) this.#push((this.#bits << (8 - this.#count)) & 0xff);
    return this.#bytes.slice(0, this.#length);
  }

  #push(byte: number): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#length++] = byte;
  }
}
