import { CubeError } from '../../errors.js';
import { Fields, type FieldSizes } from './fields.js';
import { lookup3 } from './lookup3.js';
import type { PageReader } from './page-reader.js';

/** A sound file's metadata is parsed a few times at most; a hostile one may name the same bytes again and again. */
const PARSED_BYTES = 2 ** 26;
const PARSED_TIMES = 8;

/** The metadata blocks of one file, by address: relative to the superblock, which need not lie at the file's start. */
export class Metadata {
  readonly sizes: FieldSizes;
  /** Byte of the file at which the superblock lies; addresses count from there. */
  readonly base: number;
  readonly reader: PageReader;
  /** Where its chunks are read from: the URL of the source, with the query that it hides. */
  readonly place: string;
  #parsed = 0;

  constructor(reader: PageReader, base: number, sizes: FieldSizes, place: string = reader.url) {
    this.reader = reader;
    this.place = place;
    this.base = base;
    this.sizes = sizes;
  }

  get url(): string {
    return this.reader.url;
  }

  /** Count bytes that are about to be parsed. Errors: `unsupported` far above what was read of the file. */
  spend(bytes: number): void {
    this.#parsed += bytes;
    if (this.#parsed <= PARSED_BYTES + PARSED_TIMES * this.reader.bytesRead) return;
    throw this.unsupported(`metadata that names the same ${this.reader.bytesRead} bytes many times over`);
  }

  async bytes(address: number, length: number, what: string): Promise<Uint8Array> {
    this.spend(length);
    return this.reader.bytes({ offset: this.base + address, length }, what);
  }

  /** The block of `length` bytes at `address`. */
  async block(address: number, length: number, what: string): Promise<Fields> {
    return this.fields(await this.bytes(address, length, what), address, what);
  }

  /** The same, for a block whose last four bytes are its checksum, which is verified and left off. */
  async checkedBlock(address: number, length: number, what: string): Promise<Fields> {
    const bytes = await this.bytes(address, length, what);
    const body = bytes.subarray(0, Math.max(0, length - 4));
    const fields = this.fields(body, address, what);
    const stored = this.fields(bytes.subarray(body.length), address, what).u32();
    if (lookup3(body) !== stored) throw fields.fail('the checksum is wrong');
    return fields;
  }

  /** Fields of bytes that are in memory already. */
  fields(bytes: Uint8Array, address: number, what: string): Fields {
    return new Fields(bytes, this.sizes, { url: this.url, what, offset: this.base + address });
  }

  unsupported(feature: string): CubeError {
    return new CubeError({ kind: 'unsupported', feature: `HDF5 ${feature}`, url: this.url });
  }

  invalid(what: string): CubeError {
    return new CubeError({ kind: 'invalid-data', what, url: this.url });
  }
}

/** Refuses the block that is visited twice: trees of a damaged file may have loops, or more paths than blocks. */
export class Visited {
  readonly #seen = new Set<number>();
  readonly #metadata: Metadata;

  constructor(metadata: Metadata) {
    this.#metadata = metadata;
  }

  enter(address: number, what: string): void {
    if (this.#seen.has(address)) throw this.#metadata.invalid(`${what} at byte ${address} is used twice`);
    this.#seen.add(address);
  }
}
