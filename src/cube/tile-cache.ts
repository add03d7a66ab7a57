import { LRUCache } from 'lru-cache';
import { decodeChunk } from '../codec/decode-chunk.js';
import { prepareCodecs } from '../codec/prepare.js';
import { memoryBytes, type Samples } from '../grid/dtype.js';
import type { ObjectIdentity, SourceFactory } from '../io/byte-source.js';
import { fetchChunk } from '../raster/fetch-chunk.js';
import { storedChunkShape, type RasterLevel } from '../raster/level.js';
import type { SourceObject } from './task-result.js';
import type { LevelHeader, TileRead } from './task.js';

/** Samples of a tile, and the object that they came from where that is one of its own. */
type Tile = { readonly samples: Samples | null; readonly object: SourceObject | null };

/**
 * Decoded tiles of one worker, least recently used first out. A tile that several chunks, bands or dates need is
 * fetched and decoded once while it stays. Failed reads are not kept.
 */
export class TileCache {
  readonly #sources: SourceFactory;
  readonly #decoded: LRUCache<string, Promise<Tile>>;
  readonly #limit: number;
  bytesRead = 0;
  tilesDecoded = 0;
  #objects = new Map<string, SourceObject>();

  /** `limitBytes` bounds the decoded samples that are kept. */
  constructor(sources: SourceFactory, limitBytes: number) {
    this.#sources = sources;
    this.#limit = Math.max(1, Math.floor(limitBytes));
    this.#decoded = new LRUCache({ maxSize: this.#limit });
  }

  /** Samples of one tile in its stored shape, or null where it is missing. The caller must not change them. */
  async read(level: LevelHeader, tile: TileRead, signal: AbortSignal | undefined): Promise<Samples | null> {
    const key = tileKey(level, tile);
    if (key === null) return null;
    const { samples, object } = await (this.#decoded.get(key) ?? this.#loadOnce(key, level, tile, signal));
    if (object !== null) this.#objects.set(object.url, object);
    return samples;
  }

  /** Versions of the objects read since the last call, ordered by URL; cached ones count too. */
  takeObjects(): SourceObject[] {
    const objects = [...this.#objects.values()].toSorted((a, b) => (a.url < b.url ? -1 : 1));
    this.#objects = new Map();
    return objects;
  }

  #loadOnce(key: string, level: LevelHeader, tile: TileRead, signal: AbortSignal | undefined): Promise<Tile> {
    const loading = this.#load(level, tile, signal);
    const size = Math.min(this.#limit, tileBytes(level));
    this.#decoded.set(key, loading, { size });
    loading.catch(() => this.#decoded.delete(key));
    return loading;
  }

  clear(): void {
    this.#decoded.clear();
  }

  async #load(level: LevelHeader, tile: TileRead, signal: AbortSignal | undefined): Promise<Tile> {
    let object: SourceObject | null = null;
    const onObject = (identity: ObjectIdentity | null) => {
      object = { url: this.#printed(tile), size: identity?.size ?? null, etag: identity?.etag ?? null };
    };
    const options = { identity: level.identity, onObject, ...(signal === undefined ? {} : { signal }) };
    await prepareCodecs(level.codecs);
    const bytes = await fetchChunk(tile.ref, this.#sources, options);
    if (bytes === null) return { samples: null, object };
    this.bytesRead += bytes.byteLength;
    this.tilesDecoded++;
    const shape = storedChunkShape(level as RasterLevel, tile.index);
    const layout = { dtype: level.dtype, shape, codecs: level.codecs };
    return { samples: decodeChunk(layout, bytes, { url: level.url }), object };
  }

  #printed({ ref }: TileRead): string {
    return 'url' in ref ? this.#sources.open(ref.url).url : '';
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
