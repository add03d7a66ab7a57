import { CubeError } from '../../errors.js';
import type { ByteSource, ObjectIdentity, ReadOptions, ReadResult } from '../../io/byte-source.js';
import { assertSame } from '../assert-version.js';

/** Metadata lies in small blocks all over a file; neighbours are often asked for next. */
const PAGE = 16_384;
/** Longest read of the first bytes, and of pages that lie side by side. */
const FIRST_READ = 32_768;
/** Pages of one file at most. An index of a million chunks takes 30 MB. */
const MAX_BYTES = 2 ** 28;

/** Bytes of a file. */
export type Extent = { readonly offset: number; readonly length: number };

/** Metadata of one file, read in pages that are held: nothing is asked of the source twice, and every read is checked to be of one version. */
export class PageReader {
  readonly identity: ObjectIdentity;
  readonly #source: ByteSource;
  readonly #options: ReadOptions;
  readonly #pages = new Map<number, Promise<Uint8Array>>();
  readonly #head: Uint8Array;

  private constructor(source: ByteSource, head: ReadResult, options: ReadOptions) {
    this.#source = source;
    this.#options = options;
    this.#head = head.bytes;
    this.identity = { size: head.size, etag: head.etag };
  }

  /** Read the first bytes, unless the caller has them already (`head`, from offset 0). */
  static async open(source: ByteSource, options: ReadOptions, head?: ReadResult): Promise<PageReader> {
    const first = head ?? (await source.read({ offset: 0, length: FIRST_READ }, options));
    return new PageReader(source, first, options);
  }

  get url(): string {
    return this.#source.url;
  }

  /** Bytes that are held. */
  get bytesRead(): number {
    return this.#head.length + this.#pages.size * PAGE;
  }

  /** The bytes read first. */
  get head(): Uint8Array {
    return this.#head;
  }

  /** Bytes that lie inside the file; never change them. Errors: `invalid-data` where they do not, `unsupported` above 256 MiB in all. */
  async bytes({ offset, length }: Extent, what: string): Promise<Uint8Array> {
    const { size } = this.identity;
    if (!Number.isSafeInteger(offset) || offset < 0 || length < 0 || !(offset + length <= size)) {
      const found = `${what}: ${length} bytes reach past the end of the file (${size} bytes)`;
      throw new CubeError({ kind: 'invalid-data', url: this.url, what: found, offset });
    }
    if (offset + length <= this.#head.length) return this.#head.subarray(offset, offset + length);
    const first = Math.floor(offset / PAGE);
    const last = Math.floor(Math.max(offset, offset + length - 1) / PAGE);
    if ((this.#pages.size + last - first + 1) * PAGE > MAX_BYTES) {
      throw new CubeError({
        kind: 'unsupported',
        feature: `HDF5 metadata of more than ${MAX_BYTES} bytes`,
        url: this.url,
      });
    }
    this.#request(first, last);
    const pages = await Promise.all(Array.from({ length: last - first + 1 }, (_, i) => this.#pages.get(first + i)!));
    const start = offset - first * PAGE;
    if (pages.length === 1) return pages[0]!.subarray(start, start + length);
    return Buffer.concat(pages).subarray(start, start + length);
  }

  /** Ask for the pages that are not here yet, those side by side in one read. */
  #request(first: number, last: number): void {
    for (let page = first; page <= last; page++) {
      if (this.#pages.has(page)) continue;
      let end = page + 1;
      while (end <= last && !this.#pages.has(end)) end++;
      const read = this.#read(page * PAGE, (end - page) * PAGE);
      for (let i = page; i < end; i++) {
        const start = (i - page) * PAGE;
        const part = read.then((bytes) => bytes.subarray(start, start + PAGE));
        part.catch(() => {}); // whoever waits for the page is told
        this.#pages.set(i, part);
      }
    }
  }

  async #read(offset: number, length: number): Promise<Uint8Array> {
    const wanted = Math.min(length, this.identity.size - offset);
    const result = await this.#source.read({ offset, length: wanted }, this.#options);
    assertSame(this.url, this.identity, result);
    if (result.bytes.length === wanted) return result.bytes;
    const what = `${result.bytes.length} bytes were read, expected ${wanted}`;
    throw new CubeError({ kind: 'bad-response', url: this.url, what });
  }
}
