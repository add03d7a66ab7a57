import { CubeError } from '../../errors.js';

/** How a file writes addresses and lengths: in bytes (superblock, "Size of Offsets" and "Size of Lengths"). */
export type FieldSizes = { readonly offset: number; readonly length: number };

/** Where a block was found, for messages. */
export type BlockPlace = { readonly url: string; readonly what: string; readonly offset: number };

/** Reads the little-endian fields of a metadata block one after the other; a field behind the block's end is `invalid-data`. */
export class Fields {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #sizes: FieldSizes;
  readonly #place: BlockPlace;
  #at = 0;

  constructor(bytes: Uint8Array, sizes: FieldSizes, place: BlockPlace) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#sizes = sizes;
    this.#place = place;
  }

  /** Bytes from the block's start. */
  get at(): number {
    return this.#at;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  fail(what: string): CubeError {
    const { url, what: block, offset } = this.#place;
    return new CubeError({ kind: 'invalid-data', url, what: `${block}: ${what}`, offset });
  }

  skip(count: number): void {
    this.#take(count);
  }

  /** A view of the next bytes. */
  bytes(count: number): Uint8Array {
    const at = this.#take(count);
    return this.#bytes.subarray(at, at + count);
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** An unsigned number of 1 to 8 bytes that a double holds. */
  uint(size: number): number {
    const at = this.#take(size);
    let value = 0;
    for (let i = size - 1; i >= 0; i--) value = value * 256 + this.#bytes[at + i]!;
    if (Number.isSafeInteger(value)) return value;
    throw this.fail(`a number of ${size} bytes is larger than 2^53`);
  }

  /** A length or count of the file's size. */
  length(): number {
    return this.uint(this.#sizes.length);
  }

  /** An address, relative to the file's base; null where all bits are set, HDF5's "undefined address". */
  address(): number | null {
    const size = this.#sizes.offset;
    const undefinedAddress = this.#bytes.subarray(this.#at, this.#at + size).every((byte) => byte === 0xff);
    if (!undefinedAddress) return this.uint(size);
    this.skip(size);
    return null;
  }

  /** An address that must be there. */
  definedAddress(): number {
    return this.address() ?? this.#throw('an address is undefined');
  }

  /** The four letters that a block begins with. */
  signature(expected: string): void {
    const found = Buffer.from(this.bytes(4)).toString('latin1');
    if (found !== expected) throw this.fail(`begins with ${JSON.stringify(found)}, expected "${expected}"`);
  }

  /** A version that must be one of `known`, else `unsupported`. */
  version(known: readonly number[]): number {
    const found = this.u8();
    if (known.includes(found)) return found;
    const { url, what } = this.#place;
    throw new CubeError({ kind: 'unsupported', feature: `HDF5 ${what} of version ${found}`, url });
  }

  #take(count: number): number {
    const at = this.#at;
    if (!(count >= 0 && count <= this.left)) throw this.fail(`ends after ${this.#bytes.length} bytes, expected more`);
    this.#at += count;
    return at;
  }

  #throw(what: string): never {
    throw this.fail(what);
  }
}

/** Bytes of UTF-8 (or ASCII) up to the first zero byte. */
export function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}
