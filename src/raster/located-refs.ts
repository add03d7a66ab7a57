import type { ObjectIdentity } from '../io/byte-source.js';
import type { ChunkRefs, ObjectGuard, ReferencedFile } from './chunk-ref.js';
import { fileKey } from './file-key.js';

/** What a place lies in, as far as it is known. */
type LocatedFile = {
  readonly url: string;
  readonly identity?: ObjectIdentity;
  readonly guard?: ObjectGuard;
};

/** References of kind `files` while they are found, in any order; what is never added is missing. */
export class LocatedRefs {
  readonly #files: ReferencedFile[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #file: Uint32Array;
  readonly #offsets: Float64Array;
  readonly #lengths: Float64Array;

  /** `count` is the number of chunks. */
  constructor(count: number) {
    this.#file = new Uint32Array(count);
    this.#offsets = new Float64Array(count);
    this.#lengths = new Float64Array(count);
  }

  /** `chunk` is a place in C order of the chunk grid. */
  add(
    chunk: number,
    file: LocatedFile,
    { offset, length }: { readonly offset: number; readonly length: number },
  ): void {
    this.#file[chunk] = this.#numberOf(file);
    this.#offsets[chunk] = offset;
    this.#lengths[chunk] = length;
  }

  /** Files are numbered in the order of their first chunk, so that the same chunks give the same references. */
  refs(): ChunkRefs {
    const files: ReferencedFile[] = [];
    const numbers = new Uint32Array(this.#files.length + 1);
    const file = this.#file.map((found) => {
      if (found === 0) return 0;
      if (numbers[found] === 0) numbers[found] = files.push(this.#files[found - 1]!);
      return numbers[found]!;
    });
    return { kind: 'files', files, file, offsets: this.#offsets, lengths: this.#lengths };
  }

  #numberOf({ url, identity, guard }: LocatedFile): number {
    const key = fileKey(url, guard);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#files.push({ url, identity: identity ?? null, ...(guard === undefined ? {} : { guard }) });
    this.#numbers.set(key, this.#files.length);
    return this.#files.length;
  }
}
