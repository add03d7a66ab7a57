import { CubeError } from '../../errors.js';
import type { ByteSource, ObjectIdentity, ReadOptions, ReadResult } from '../../io/byte-source.js';
import { identityOf } from '../../io/with-identity.js';
import { assertSame } from '../assert-version.js';

/** The first read. Reading 32 KiB too much costs less than a round trip, and holds the header of most COGs. */
export const FIRST_READ = 32_768;
/** Each later read is at least this long: directories and their values lie close together. */
const TOP_UP = 16_384;
/** Two wanted ranges this close are fetched as one. */
const MERGE_GAP = 65_536;

/** Bytes of a file. */
export type Extent = { readonly offset: number; readonly length: number };
type Block = { readonly offset: number; readonly bytes: Uint8Array };

/** Header bytes of one file: reads once what it is asked for, remembers it, and asks the source for nothing twice. */
export class BlockReader {
  readonly identity: ObjectIdentity;
  readonly #source: ByteSource;
  readonly #options: ReadOptions;
  readonly #blocks: Block[] = [];
  #end = 0;

  private constructor(source: ByteSource, first: ReadResult, options: ReadOptions) {
    this.#source = source;
    this.#options = options;
    this.identity = identityOf(first);
    this.#blocks.push({ offset: 0, bytes: first.bytes });
  }

  /** Read the first bytes, unless the caller has them already (`head`, from offset 0). */
  static async open(source: ByteSource, options: ReadOptions, head?: ReadResult): Promise<BlockReader> {
    const first = head ?? (await source.read({ offset: 0, length: FIRST_READ }, options));
    return new BlockReader(source, first, options);
  }

  get url(): string {
    return this.#source.url;
  }

  /** The end of what was asked for so far, in bytes from the file's start. */
  get end(): number {
    return this.#end;
  }

  /** Whether an extent lies inside the file. */
  contains({ offset, length }: Extent): boolean {
    return offset >= 0 && length >= 0 && Number.isSafeInteger(offset) && offset + length <= this.identity.size;
  }

  /** A view of bytes that lie inside the file; `invalid-data` where they do not. */
  async bytes(extent: Extent, what: string): Promise<Uint8Array> {
    await this.prefetch([extent], what);
    const found = this.#find(extent);
    if (found === null) throw this.#outside(extent, what);
    return found;
  }

  /** Fetch what is not here yet, neighbours merged, so that later `bytes` calls cost nothing. */
  async prefetch(extents: readonly Extent[], what: string): Promise<void> {
    for (const extent of extents) {
      if (!this.contains(extent)) throw this.#outside(extent, what);
      this.#end = Math.max(this.#end, extent.offset + extent.length);
    }
    const missing = extents.filter((extent) => extent.length > 0 && this.#find(extent) === null);
    if (missing.length === 0) return;
    const reads = mergeExtents(missing).map(({ offset, length }) => {
      const wanted = Math.min(Math.max(length, TOP_UP), this.identity.size - offset);
      return { offset, length: wanted };
    });
    await Promise.all(reads.map((range) => this.#load(range)));
  }

  async #load(range: Extent): Promise<void> {
    const result = await this.#source.read(range, this.#options);
    assertSame(this.url, this.identity, result);
    this.#blocks.push({ offset: range.offset, bytes: result.bytes });
  }

  #find({ offset, length }: Extent): Uint8Array | null {
    if (length === 0) return new Uint8Array(0);
    for (const block of this.#blocks) {
      const start = offset - block.offset;
      if (start >= 0 && start + length <= block.bytes.length) return block.bytes.subarray(start, start + length);
    }
    return null;
  }

  #outside({ offset, length }: Extent, what: string): CubeError {
    const found = `${what}: ${length} bytes reach past the end of the file (${this.identity.size} bytes)`;
    return new CubeError({ kind: 'invalid-data', url: this.url, what: found, offset });
  }
}

function mergeExtents(extents: readonly Extent[]): Extent[] {
  const merged: Extent[] = [];
  for (const extent of [...extents].sort((a, b) => a.offset - b.offset)) {
    const last = merged.at(-1);
    if (last === undefined || extent.offset > last.offset + last.length + MERGE_GAP) {
      merged.push(extent);
      continue;
    }
    const end = Math.max(last.offset + last.length, extent.offset + extent.length);
    merged[merged.length - 1] = { offset: last.offset, length: end - last.offset };
  }
  return merged;
}
