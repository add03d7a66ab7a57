import { LRUCache } from 'lru-cache';
import type { Samples } from '../grid/dtype.js';
import type { SourceFactory } from '../io/byte-source.js';
import type { RasterLevel } from '../raster/level.js';
import { readChunk } from '../raster/read-plane.js';
import { runLanes } from '../io/run-lanes.js';

/** Decoded chunks that are kept for the next box, which may begin inside them; the latest is kept whatever its size. */
const KEPT_BYTES = 64 * 1024 ** 2;
/** Chunks in flight: enough to keep a connection pool busy, few enough to hold them all. */
const LANES = 8;

/** Reads chunks of one level, several at a time, and keeps the latest. */
export class ChunkReader {
  readonly #level: RasterLevel;
  readonly #sources: SourceFactory;
  readonly #kept = new LRUCache<string, Samples>({ maxSize: KEPT_BYTES });

  constructor(level: RasterLevel, sources: SourceFactory) {
    this.#level = level;
    this.#sources = sources;
  }

  /** Hand every chunk named by `indexes` (null: missing) to `use`, in no particular order. The first failure ends it. */
  async each(
    indexes: Iterable<readonly number[]>,
    use: (index: readonly number[], samples: Samples | null) => void,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const readOne = async (index: readonly number[], either: AbortSignal) =>
      use(index, await this.#read(index, either));
    await runLanes(indexes, LANES, readOne, signal);
  }

  async #read(index: readonly number[], signal: AbortSignal): Promise<Samples | null> {
    const key = index.join();
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const samples = await readChunk(this.#level, index, this.#sources, { signal });
    if (samples !== null) this.#kept.set(key, samples, { size: Math.min(samples.byteLength + 1, KEPT_BYTES) });
    return samples;
  }
}
