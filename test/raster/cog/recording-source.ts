import type { ByteRange, ByteSource, ReadOptions, ReadResult, SourceFactory } from '../../../src/io/byte-source.js';
import { MemorySource } from '../../../src/io/memory-source.js';

/** A file in memory that remembers what was read of it. */
export class RecordingSource implements ByteSource {
  readonly url: string;
  readonly reads: ByteRange[] = [];
  readonly #inner: MemorySource;

  constructor(bytes: Uint8Array, url = 'memory:test.tif') {
    this.url = url;
    this.#inner = new MemorySource(bytes, url);
  }

  read(range: ByteRange, options?: ReadOptions): Promise<ReadResult> {
    this.reads.push(range);
    return this.#inner.read(range, options);
  }
}

/** A factory that knows one source and gives it for any URL. */
export function factoryOf(source: ByteSource): SourceFactory {
  return { open: () => source, close: async () => {} };
}
