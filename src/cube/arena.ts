import { fillSamples, memoryBytes, newSamples, viewSamples, type DataType, type Samples } from '../grid/dtype.js';

/** Sizes are rounded up to an eighth of a power of two, so that windows of nearly one size share memory. */
const STEPS = 8;
const LEAST_BYTES = 4096;

/**
 * Working memory of one thread: arrays that live from `take` to the `release` of a mark set before. Memory is used again
 * instead of being left to the collector, because fresh pages cost several times a reused one.
 */
export class Arena {
  readonly #free = new Map<number, ArrayBuffer[]>();
  readonly #taken: ArrayBuffer[] = [];
  readonly #limit: number;
  #freeBytes = 0;

  /** `limitBytes` bounds the memory that is kept while nobody uses it. */
  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  /** An array of zeros. */
  take(dtype: DataType, length: number): Samples {
    const samples = this.takeAny(dtype, length);
    fillSamples(samples, 0);
    return samples;
  }

  /** An array of any content, for those who write all of it. */
  takeAny(dtype: DataType, length: number): Samples {
    const bytes = length * memoryBytes(dtype);
    if (bytes < LEAST_BYTES) return newSamples(dtype, length);
    const size = sizeClass(bytes);
    const reused = this.#free.get(size)?.pop();
    if (reused !== undefined) this.#freeBytes -= size;
    const buffer = reused ?? new ArrayBuffer(size);
    this.#taken.push(buffer);
    return viewSamples(dtype, buffer, 0, length);
  }

  /** What `release` goes back to. */
  mark(): number {
    return this.#taken.length;
  }

  /** Arrays taken since the mark must not be used any more. */
  release(mark: number): void {
    for (const buffer of this.#taken.splice(mark)) {
      if (this.#freeBytes + buffer.byteLength > this.#limit) continue;
      this.#freeBytes += buffer.byteLength;
      const list = this.#free.get(buffer.byteLength);
      if (list === undefined) this.#free.set(buffer.byteLength, [buffer]);
      else list.push(buffer);
    }
  }
}

/** Zeros from an arena; new ones where there is none. */
export function takeSamples(arena: Arena | undefined, dtype: DataType, length: number): Samples {
  return arena === undefined ? newSamples(dtype, length) : arena.take(dtype, length);
}

/** An array of any content, for those who write all of it; see `takeSamples`. */
export function takeAny(arena: Arena | undefined, dtype: DataType, length: number): Samples {
  return arena === undefined ? newSamples(dtype, length) : arena.takeAny(dtype, length);
}

/** The same as `takeSamples` for bytes. */
export function takeBytes(arena: Arena | undefined, length: number): Uint8Array {
  return takeSamples(arena, 'uint8', length) as Uint8Array;
}

function sizeClass(bytes: number): number {
  const step = 2 ** Math.floor(Math.log2(bytes)) / STEPS;
  return Math.ceil(bytes / step) * step;
}
