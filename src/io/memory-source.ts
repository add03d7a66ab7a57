import { createHash } from 'node:crypto';
import { CubeError } from '../errors.js';
import { throwIfAborted } from './abort.js';
import { assertByteRange, spanOf } from './byte-range.js';
import type { ByteRange, ByteSource, ReadOptions, ReadResult, SourceFactory } from './byte-source.js';

/** An object that lies in memory. The bytes it returns are views of the given ones, which it does not copy. */
export class MemorySource implements ByteSource {
  readonly url: string;
  readonly #bytes: Uint8Array;
  readonly #etag: string;

  constructor(bytes: Uint8Array, url = 'memory:object') {
    this.url = url;
    this.#bytes = bytes;
    this.#etag = `"${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}"`;
  }

  async read(range: ByteRange, options: ReadOptions = {}): Promise<ReadResult> {
    throwIfAborted(options.signal);
    assertByteRange(range);
    const { start, end } = spanOf(range, this.#bytes.length);
    return { bytes: this.#bytes.subarray(start, end), size: this.#bytes.length, etag: this.#etag };
  }
}

/** A factory over objects in memory, by exact URL; any other URL reads as `not-found`. For tests and inline data. */
export function createMemorySources(objects: Readonly<Record<string, Uint8Array>>): SourceFactory {
  const sources = new Map(Object.entries(objects).map(([url, bytes]) => [url, new MemorySource(bytes, url)]));
  return {
    open: (url) => sources.get(url) ?? missingSource(url),
    close: async () => {},
  };
}

function missingSource(url: string): ByteSource {
  return { url, read: () => Promise.reject(new CubeError({ kind: 'not-found', url })) };
}
