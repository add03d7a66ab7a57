import { CubeError } from '../errors.js';

/** Bytes of a FlatBuffers message and the file that they are from. */
export type FlatBytes = { readonly view: DataView; readonly url: string };

/**
 * One table of a FlatBuffers message, read without generated code. Every offset and length is checked: what points
 * outside the message is `invalid-data`. Fields that are absent read as null.
 */
export class FlatTable {
  readonly #bytes: FlatBytes;
  readonly #at: number;
  readonly #vtable: number;
  readonly #vtableLength: number;

  constructor(bytes: FlatBytes, at: number) {
    this.#bytes = bytes;
    this.#at = this.#inside(at, 4);
    this.#vtable = this.#inside(at - bytes.view.getInt32(at, true), 4);
    this.#vtableLength = bytes.view.getUint16(this.#vtable, true);
  }

  /** The table that a message starts with: an offset of four bytes, relative to itself. */
  static root(bytes: FlatBytes): FlatTable {
    if (bytes.view.byteLength < 8) throw outside(bytes, 0);
    return new FlatTable(bytes, bytes.view.getUint32(0, true));
  }

  uint8(field: number): number | null {
    const at = this.#field(field, 1);
    return at === null ? null : this.#bytes.view.getUint8(at);
  }

  uint16(field: number): number | null {
    const at = this.#field(field, 2);
    return at === null ? null : this.#bytes.view.getUint16(at, true);
  }

  int32(field: number): number | null {
    const at = this.#field(field, 4);
    return at === null ? null : this.#bytes.view.getInt32(at, true);
  }

  uint64(field: number): bigint | null {
    const at = this.#field(field, 8);
    return at === null ? null : this.#bytes.view.getBigUint64(at, true);
  }

  string(field: number): string | null {
    const bytes = this.bytes(field);
    return bytes === null ? null : new TextDecoder().decode(bytes);
  }

  /** A view of a byte vector. */
  bytes(field: number): Uint8Array | null {
    const vector = this.#vector(field, 1);
    if (vector === null) return null;
    const { buffer, byteOffset } = this.#bytes.view;
    return new Uint8Array(buffer, byteOffset + vector.at, vector.length);
  }

  uint32s(field: number): number[] | null {
    const vector = this.#vector(field, 4);
    if (vector === null) return null;
    return Array.from({ length: vector.length }, (_, i) => this.#bytes.view.getUint32(vector.at + 4 * i, true));
  }

  float64s(field: number): Float64Array | null {
    const vector = this.#vector(field, 8);
    if (vector === null) return null;
    const values = new Float64Array(vector.length);
    for (let i = 0; i < values.length; i++) values[i] = this.#bytes.view.getFloat64(vector.at + 8 * i, true);
    return values;
  }

  table(field: number): FlatTable | null {
    const at = this.#field(field, 4);
    return at === null ? null : this.#follow(at);
  }

  tables(field: number): FlatTable[] {
    const vector = this.#vector(field, 4);
    if (vector === null) return [];
    return Array.from({ length: vector.length }, (_, i) => this.#follow(vector.at + 4 * i));
  }

  #follow(at: number): FlatTable {
    return new FlatTable(this.#bytes, at + this.#bytes.view.getUint32(at, true));
  }

  #vector(field: number, elementLength: number): { at: number; length: number } | null {
    const place = this.#field(field, 4);
    if (place === null) return null;
    const at = this.#inside(place + this.#bytes.view.getUint32(place, true), 4);
    const length = this.#bytes.view.getUint32(at, true);
    this.#inside(at + 4, length * elementLength);
    return { at: at + 4, length };
  }

  /** Byte offset of a field of `length` bytes, or null where the table does not hold it. */
  #field(field: number, length: number): number | null {
    const entry = 4 + 2 * field;
    if (entry + 2 > this.#vtableLength) return null;
    const offset = this.#bytes.view.getUint16(this.#inside(this.#vtable + entry, 2), true);
    return offset === 0 ? null : this.#inside(this.#at + offset, length);
  }

  #inside(at: number, length: number): number {
    if (at < 0 || at + length > this.#bytes.view.byteLength) throw outside(this.#bytes, at);
    return at;
  }
}

function outside({ url }: FlatBytes, at: number): CubeError {
  return new CubeError({
    kind: 'invalid-data',
    url,
    what: `an offset in a message points to byte ${at}, outside of it`,
  });
}
