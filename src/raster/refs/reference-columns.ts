import { elementCount, flatten } from '../../grid/flat-index.js';
import { assertAccess } from '../../io/access.js';
import type { ChunkRef, ChunkRefs, ObjectGuard, ReferencedFile } from '../chunk-ref.js';
import { fileKey } from '../file-key.js';
import type { KnownFiles, Reference } from './parse-kerchunk.js';

/** One chunk of an array: its place in the chunk grid, and where its bytes are. */
export type PlacedReference = { readonly index: readonly number[]; readonly reference: Reference };

/** The files that references name. */
export type ReferenceFiles = {
  /** Where the references were read, for messages; what they name is judged as named by this document. */
  readonly url: string;
  /** Versions of the files, by URL as written, as far as they are known. */
  readonly known?: KnownFiles;
  /** The absolute URL of a file as the references write it. */
  readonly locate: (written: string) => string;
};

/**
 * The references of an array as they are read, in C order of its chunk grid: 20 bytes each, more where chunks are given as bytes or are
 * whole objects. Of two for one chunk the later counts.
 */
export class ReferenceColumns {
  /** Chunks that the array has. */
  readonly count: number;
  readonly #grid: readonly number[];
  readonly #file: Uint32Array;
  readonly #offsets: Float64Array;
  readonly #lengths: Float64Array;
  readonly #others = new Map<number, ChunkRef>();
  readonly #files: ReferencedFile[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #source: ReferenceFiles;

  constructor(grid: readonly number[], source: ReferenceFiles) {
    this.count = elementCount(grid);
    this.#grid = grid;
    this.#file = new Uint32Array(this.count);
    this.#offsets = new Float64Array(this.count);
    this.#lengths = new Float64Array(this.count);
    this.#source = source;
  }

  /** 1 + the number of a file, which is judged the first time. What guards it is a part of its name. Error: `forbidden`. */
  fileNumber(written: string, guard?: ObjectGuard): number {
    const key = fileKey(written, guard);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const { url: document, known: versions, locate } = this.#source;
    const url = locate(written);
    assertAccess(url, document);
    this.#files.push({ url, identity: versions?.get(written) ?? null, ...(guard === undefined ? {} : { guard }) });
    this.#numbers.set(key, this.#files.length);
    return this.#files.length;
  }

  /** Chunk `place` is a range of the file of that number. */
  setRange(place: number, file: number, offset: number, length: number): void {
    this.#file[place] = file;
    this.#offsets[place] = offset;
    this.#lengths[place] = length;
  }

  /** Chunk `place` is the whole file of that number. */
  setObject(place: number, file: number): void {
    this.#others.set(place, { kind: 'object', url: this.#files[file - 1]!.url });
  }

  /** Chunk `place` is these bytes. */
  setBytes(place: number, bytes: Uint8Array): void {
    this.#others.set(place, { kind: 'inline', bytes });
  }

  /** References one by one; those outside the grid are left out. */
  addAll(chunks: Iterable<PlacedReference>): void {
    const grid = this.#grid;
    for (const { index: stated, reference } of chunks) {
      // A scalar's only chunk is "0" in Zarr v2.
      const index = grid.length === 0 ? [] : stated;
      if (index.length !== grid.length || index.some((value, d) => value >= grid[d]!)) continue;
      const place = flatten(index, grid);
      if (reference.kind === 'bytes') this.setBytes(place, reference.bytes);
      else if (reference.kind === 'object') this.setObject(place, this.fileNumber(reference.url));
      else {
        const file = this.fileNumber(reference.url, reference.guard);
        this.setRange(place, file, reference.offset, reference.length);
      }
    }
  }

  /** Ranges compactly; a list where chunks are given as bytes or are whole objects. */
  refs(): ChunkRefs {
    if (this.#others.size > 0)
      return { kind: 'list', refs: Array.from({ length: this.count }, (_, i) => this.#ref(i)) };
    return { kind: 'files', files: this.#files, file: this.#file, offsets: this.#offsets, lengths: this.#lengths };
  }

  #ref(place: number): ChunkRef {
    const other = this.#others.get(place);
    if (other !== undefined) return other;
    const known = this.#files[this.#file[place]! - 1];
    if (known === undefined) return { kind: 'missing' };
    const { url, identity, guard } = known;
    const range = { kind: 'range', url, offset: this.#offsets[place]!, length: this.#lengths[place]! } as const;
    return { ...range, ...(identity === null ? {} : { identity }), ...(guard === undefined ? {} : { guard }) };
  }
}
