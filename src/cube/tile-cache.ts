import { LRUCache } from 'lru-cache';
import { decodeChunk } from '../codec/decode-chunk.js';
import { prepareCodecs } from '../codec/prepare.js';
import { memoryBytes, newSamples, viewSamples, type DataType, type Samples } from '../grid/dtype.js';
import { elementCount } from '../grid/flat-index.js';
import type { ObjectIdentity, SourceFactory } from '../io/byte-source.js';
import { windowKey } from '../raster/chunk-ref.js';
import { fetchChunk } from '../raster/fetch-chunk.js';
import { storedChunkShape } from '../raster/level.js';
import { readLocalPart, type LocalPart } from '../raster/read-local-chunk.js';
import { wholeChunk } from '../raster/read-plane.js';
import type { ChunkPart } from '../raster/chunk-part.js';
import type { SourceObject } from './task-result.js';
import type { LevelHeader, TileRead } from './task.js';

/** Samples of a tile, and the object that they came from where that is one of its own. */
type Tile = { readonly samples: Samples | null; readonly object: SourceObject | null };

/** A tile in the cache. Its memory is used again when nobody reads it any more. */
type Entry = { readonly tile: Promise<Tile>; users: number; evicted: boolean };

/** Memory of evicted tiles that waits for the next one. */
const MOST_SPARE = 8;

/**
 * Decoded tiles of one worker, least recently used first out. A tile that several chunks, bands or dates need is
 * fetched and decoded once while it stays. Failed reads are not kept.
 */
export class TileCache {
  readonly #sources: SourceFactory;
  readonly #decoded: LRUCache<string, Entry>;
  readonly #limit: number;
  readonly #spare: ArrayBuffer[] = [];
  bytesRead = 0;
  tilesDecoded = 0;
  #objects = new Map<string, SourceObject>();

  /** `limitBytes` bounds the decoded samples that are kept. */
  constructor(sources: SourceFactory, limitBytes: number) {
    this.#sources = sources;
    this.#limit = Math.max(1, Math.floor(limitBytes));
    this.#decoded = new LRUCache({
      maxSize: this.#limit,
      dispose: (entry) => {
        entry.evicted = true;
        if (entry.users === 0) this.#recycle(entry);
      },
    });
  }

  /**
   * Give the samples of one tile in its stored shape to `use`, or null where it is missing. They must not be changed, nor
   * kept after `use` returns.
   */
  async use(
    level: LevelHeader,
    tile: TileRead,
    signal: AbortSignal | undefined,
    use: (samples: Samples | null) => void,
  ): Promise<void> {
    const key = tileKey(level, tile);
    if (key === null) return use(null);
    const entry = this.#decoded.get(key) ?? this.#loadOnce(key, level, tile, signal);
    entry.users++;
    try {
      const { samples, object } = await entry.tile;
      if (object !== null) this.#objects.set(object.url, object);
      use(samples);
    } finally {
      entry.users--;
      if (entry.evicted && entry.users === 0) this.#recycle(entry);
    }
  }

  /**
   * Put a part of a tile that nobody else will want straight into place, without keeping the tile. False where that is not
   * possible, or where it failed: `use` does it then, or says why.
   */
  async place(
    level: LevelHeader,
    tile: TileRead,
    signal: AbortSignal | undefined,
    to: { readonly part: ChunkPart; readonly destination: Samples },
  ): Promise<boolean> {
    if (this.holds(level, tile)) return false;
    await prepareCodecs(level.codecs);
    const { part, destination } = to;
    return (await this.#readLocal(level, tile, { part, destination: () => destination, signal })) !== null;
  }

  /** Whether a tile is here, or on its way; a missing tile always is. */
  holds(level: LevelHeader, tile: TileRead): boolean {
    const key = tileKey(level, tile);
    return key === null || this.#decoded.has(key);
  }

  /** Versions of the objects read since the last call, ordered by URL; cached ones count too. */
  takeObjects(): SourceObject[] {
    const objects = [...this.#objects.values()].toSorted((a, b) => (a.url < b.url ? -1 : 1));
    this.#objects = new Map();
    return objects;
  }

  #loadOnce(key: string, level: LevelHeader, tile: TileRead, signal: AbortSignal | undefined): Entry {
    const entry: Entry = { tile: this.#load(level, tile, signal), users: 0, evicted: false };
    this.#decoded.set(key, entry, { size: Math.min(this.#limit, tileBytes(level)) });
    entry.tile.catch(() => {
      if (this.#decoded.peek(key) === entry) this.#decoded.delete(key);
    });
    return entry;
  }

  #recycle({ tile }: Entry): void {
    tile.then(
      ({ samples }) => {
        if (samples === null || this.#spare.length >= MOST_SPARE) return;
        if (samples.buffer instanceof ArrayBuffer) this.#spare.push(samples.buffer);
      },
      () => {},
    );
  }

  /** Memory of exactly so many samples, with any content. */
  #memory(dtype: DataType, length: number): Samples {
    const bytes = length * memoryBytes(dtype);
    const at = this.#spare.findIndex((buffer) => buffer.byteLength === bytes);
    if (at < 0) return newSamples(dtype, length);
    return viewSamples(dtype, this.#spare.splice(at, 1)[0]!, 0, length);
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
    const shape = storedChunkShape(level, tile.index);
    const destination = () => this.#memory(level.dtype, elementCount(shape));
    const local = await this.#readLocal(level, tile, { part: wholeChunk(level, tile.index), destination, signal });
    if (local !== null) return { samples: local, object };
    const bytes = await fetchChunk(tile.ref, this.#sources, options);
    if (bytes === null) return { samples: null, object };
    this.#count(bytes.byteLength);
    const memory = (dtype: DataType, length: number) => this.#memory(dtype, length);
    const layout = { dtype: level.dtype, shape, codecs: level.codecs };
    return { samples: decodeChunk(layout, bytes, { url: level.url, memory }), object };
  }

  async #readLocal(level: LevelHeader, tile: TileRead, part: LocalPart): Promise<Samples | null> {
    const samples = await readLocalPart(level, tile, this.#sources, part);
    if (samples !== null && tile.ref.kind === 'range') this.#count(tile.ref.length);
    return samples;
  }

  #count(bytes: number): void {
    this.bytesRead += bytes;
    this.tilesDecoded++;
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
      return `${ref.url}|${ref.part?.offset ?? 0}#${ref.index}`;
    case 'window':
      return windowKey(ref);
    case 'inline':
      return `${level.url}|inline|${index.join()}`;
    case 'missing':
      return null;
  }
}
