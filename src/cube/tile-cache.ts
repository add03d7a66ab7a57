import { LRUCache } from 'lru-cache';
import { decodeChunk } from '../codec/decode-chunk.js';
import { prepareCodecs } from '../codec/prepare.js';
import { memoryBytes, type Samples } from '../grid/dtype.js';
import type { SourceFactory } from '../io/byte-source.js';
import { fetchChunk } from '../raster/fetch-chunk.js';
import { storedChunkShape, type RasterLevel } from '../raster/level.js';
import type { LevelHeader, TileRead } from './task.js';

/**
 * Decoded tiles of one worker, least recently used first out. A tile that several chunks, bands or dates need is
 * fetched and decoded once while it stays. Failed reads are not kept.
 */
export class TileCache {
  readonly #sources: SourceFactory;
  readonly #decoded: LRUCache<string, Promise<Samples | null>>;
  readonly #limit: number;
  bytesRead = 0;
  tilesDecoded = 0;

  /** `limitBytes` bounds the decoded samples that are kept. */
  constructor(sources: SourceFactory, limitBytes: number) {
    this.#sources = sources;
    this.#limit = Math.max(1, Math.floor(limitBytes));
    this.#decoded = new LRUCache({ maxSize: this.#limit });
  }

  /** Samples of one tile in its stored shape, or null where it is missing. The caller must not change them. */
  read(level: LevelHeader, tile: TileRead, signal: AbortSignal | undefined): Promise<Samples | null> {
    const key = tileKey(level, tile);
    if (key === null) return Promise.resolve(null);
    const cached = this.#decoded.get(key);
    if (cached !== undefined) return cached;
    const loading = this.#load(level, tile, signal);
    const size = Math.min(this.#limit, tileBytes(level));
    this.#decoded.set(key, loading, { size });
    loading.catch(() => this.#decoded.delete(key));
    return loading;
  }

  clear(): void {
    this.#decoded.clear();
  }

  async #load(level: LevelHeader, tile: TileRead, signal: AbortSignal | undefined): Promise<Samples | null> {
    const options = { identity: level.identity, ...(signal === undefined ? {} : { signal }) };
    await prepareCodecs(level.codecs);
    const bytes = await fetchChunk(tile.ref, this.#sources, options);
    if (bytes === null) return null;
    this.bytesRead += bytes.byteLength;
    this.tilesDecoded++;
    const shape = storedChunkShape(level as RasterLevel, tile.index);
    return decodeChunk({ dtype: level.dtype, shape, codecs: level.codecs }, bytes, { url: level.url });
  }
}

function tileBytes(level: LevelHeader): number {
  return Math.max(
    1,
    level.chunkShape.reduce((product, size) => product * size, memoryBytes(level.dtype)),
  );
}

function tileKey(level: LevelHeader, { ref, index }: TileRead): string | null {
  switch (ref.kind) {
    case 'range':
      return `${ref.url}|${ref.offset}`;
    case 'object':
      return ref.url;
    case 'shard':
      return `${ref.url}#${ref.index}`;
    case 'inline':
      return `${level.url}|inline|${index.join()}`;
    case 'missing':
      return null;
  }
}
