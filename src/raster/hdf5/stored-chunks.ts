import type { ObjectIdentity } from '../../io/byte-source.js';
import type { ChunkRefs } from '../chunk-ref.js';
import type { Fields } from './fields.js';
import type { Metadata } from './metadata.js';

/** A chunked dataset, as its index needs to know it. */
export type ChunkedDataset = {
  readonly shape: readonly number[];
  /** What the dimensions may grow to; null without limit. */
  readonly maximum: readonly (number | null)[];
  readonly chunkShape: readonly number[];
  /** Bytes of a chunk before its filters. */
  readonly chunkBytes: number;
};

/** One chunk in the file. `length` is null where it is that of the chunk's samples; `mask` has a bit for each filter that was skipped. */
type StoredChunk = { readonly address: number; readonly length: number | null; readonly mask: number };

/** A dataset may have more chunks than are stored, by this factor, and a few in any case: memory follows what is stored. */
const SPARSENESS = 16;
const FEW_CHUNKS = 2 ** 20;

/** Collects the chunks that an index names, and gives them as references in the order of the chunk grid. */
export class StoredChunks {
  readonly #metadata: Metadata;
  readonly #dataset: ChunkedDataset;
  /** Chunks along each dimension, now, and when every dimension has grown to its limit (null without limit). */
  readonly #grid: readonly number[];
  readonly #fullGrid: readonly (number | null)[];
  readonly #unlimited: readonly number[];
  readonly #places: number[] = [];
  readonly #offsets: number[] = [];
  readonly #lengths: number[] = [];
  readonly #masks = new Set<number>();

  constructor(metadata: Metadata, dataset: ChunkedDataset) {
    this.#metadata = metadata;
    this.#dataset = dataset;
    const { shape, maximum, chunkShape } = dataset;
    this.#grid = shape.map((size, d) => Math.ceil(size / chunkShape[d]!));
    this.#fullGrid = maximum.map((size, d) => (size === null ? null : Math.ceil(size / chunkShape[d]!)));
    this.#unlimited = maximum.flatMap((size, d) => (size === null ? [d] : []));
  }

  /** The filters that stored chunks skipped, as bits; several where they differ. */
  get masks(): readonly number[] {
    return [...this.#masks];
  }

  /** `place` counts chunks. One outside the array (it has shrunk) is left out. */
  add(place: readonly number[], { address, length, mask }: StoredChunk): void {
    if (place.some((value, d) => value >= this.#grid[d]!)) return;
    this.#places.push(place.reduce((flat, value, d) => flat * this.#grid[d]! + value, 0));
    this.#offsets.push(this.#metadata.base + address);
    this.#lengths.push(length ?? this.#dataset.chunkBytes);
    this.#masks.add(mask);
  }

  /** An element of a fixed or extensible array: an address, and where there are filters the length and the mask. */
  addElement(index: number, element: Fields): void {
    const address = element.address();
    if (address === null) return;
    const lengthBytes = element.left - 4;
    if (lengthBytes > 8) throw element.fail(`lengths of ${lengthBytes} bytes`);
    const length = lengthBytes > 0 ? element.uint(lengthBytes) : null;
    this.add(this.#unflatten(index), { address, length, mask: length === null ? 0 : element.u32() });
  }

  /** IV.A.2.i, implicit index: every chunk of the full grid is there, one behind the other. */
  addImplicit(address: number): void {
    const count = this.#fullGrid.reduce<number>((product, size) => product * (size ?? 0), 1);
    const { chunkBytes } = this.#dataset;
    const { size } = this.#metadata.reader.identity;
    if (!(address + count * chunkBytes <= size))
      throw this.#metadata.invalid(`${count} chunks reach past the end of the file`);
    this.#assertGrid(count);
    for (let i = 0; i < count; i++)
      this.add(this.#unflatten(i), { address: address + i * chunkBytes, length: null, mask: 0 });
  }

  /** References in C order of the chunk grid. Errors: `invalid-data` for a chunk outside the file. */
  refs(identity: ObjectIdentity): ChunkRefs {
    const { place: url } = this.#metadata;
    const count = this.#grid.reduce((product, size) => product * size, 1);
    this.#assertGrid(this.#places.length);
    const file = new Uint32Array(count);
    const [offsets, lengths] = [new Float64Array(count), new Float64Array(count)];
    this.#places.forEach((place, i) => {
      if (this.#offsets[i]! + this.#lengths[i]! > identity.size)
        throw this.#metadata.invalid(`a chunk at byte ${this.#offsets[i]} reaches past the end of the file`);
      [file[place], offsets[place], lengths[place]] = [1, this.#offsets[i]!, this.#lengths[i]!];
    });
    return { kind: 'files', files: [{ url, identity }], file, offsets, lengths };
  }

  #assertGrid(stored: number): void {
    const count = this.#grid.reduce((product, size) => product * size, 1);
    if (count <= Math.max(FEW_CHUNKS, stored * SPARSENESS)) return;
    throw this.#metadata.unsupported(`dataset of ${count} chunks, ${stored} of which are stored`);
  }

  /** The place of an array's element: C order of the full grid, the dimension without limit first. */
  #unflatten(index: number): number[] {
    const [grow, ...others] = this.#unlimited;
    if (others.length > 0)
      throw this.#metadata.invalid(`an index of one dimension without limit has ${others.length + 1}`);
    const place = new Array<number>(this.#fullGrid.length).fill(0);
    let rest = index;
    for (let d = place.length - 1; d >= 0; d--) {
      if (d === grow) continue;
      const size = Math.max(1, this.#fullGrid[d]!);
      place[d] = rest % size;
      rest = Math.floor(rest / size);
    }
    if (grow !== undefined) place[grow] = rest;
    else if (rest > 0) throw this.#metadata.invalid(`chunk ${index} lies outside the dataset`);
    return place;
  }
}
