import { availableParallelism } from 'node:os';
import { decodeChunk } from '../codec/decode-chunk.js';
import { prepareCodecs } from '../codec/prepare.js';
import { CubeError } from '../errors.js';
import type { Samples } from '../grid/dtype.js';
import type { SourceFactory } from '../io/byte-source.js';
import { runLanes } from '../io/run-lanes.js';
import { chunkHead } from './chunk-head.js';
import type { ChunkRef } from './chunk-ref.js';
import { decodeBatch } from './decode-batch.js';
import { fetchAndDecode } from './fetch-head.js';
import { chunkRef, type RasterLevel, type StoredLevel } from './level.js';
import { fillPart, placePart } from './place-chunk.js';
import type { WantedTile } from './plan-tiles.js';
import { readLocalTiles } from './read-local-tiles.js';
import { lastSample, rowsFirst, rowsOf, tileStorages, type LocatedTile, type TileReading } from './tile-reading.js';

/** How tiles are read. */
export type ReadTilesOptions = {
  readonly signal?: AbortSignal;
  /** Tiles of remote objects in flight at a time. */
  readonly concurrency?: number;
  /** Threads that decode; as many as there are cores by default. */
  readonly threads?: number;
};

/** Enough to keep one connection pool busy; encoded chunks in flight are some MiB each. */
const DEFAULT_CONCURRENCY = 16;

/** What is read, and into which memory: `destinations` hold the planes that the parts name, in the level's type. */
export type WantedTiles = {
  readonly level: RasterLevel;
  readonly tiles: readonly WantedTile[];
  readonly destinations: readonly Samples[];
};

/** The same where `refOf` says where the bytes of a tile are. */
export type PlacedTiles = Omit<WantedTiles, 'level'> & {
  readonly level: StoredLevel;
  readonly refOf: (index: readonly number[]) => ChunkRef;
};

/**
 * Read tiles and put their parts where they belong; gives those that are missing, whose parts hold the level's fill value.
 * Each tile is read once, and decoded as far as its parts need it: local files straight from the disk, in threads. The
 * first tile that fails fails the call, and the destinations are undefined then.
 */
export async function readTiles(
  { level, tiles, destinations }: WantedTiles,
  sources: SourceFactory,
  options: ReadTilesOptions = {},
): Promise<WantedTile[]> {
  const refOf = (index: readonly number[]) => chunkRef(level, index);
  return readTilesAt({ level, tiles, destinations, refOf }, sources, options);
}

/** `readTiles` of a level whose references are known elsewhere. */
export async function readTilesAt(
  { level, tiles, destinations, refOf }: PlacedTiles,
  sources: SourceFactory,
  { signal, concurrency = DEFAULT_CONCURRENCY, threads = availableParallelism() }: ReadTilesOptions = {},
): Promise<WantedTile[]> {
  await prepareCodecs(level.codecs);
  const reading = { level, destinations, sources, signal, threads };
  const located: LocatedTile[] = [];
  const missing: WantedTile[] = [];
  const storageOf = tileStorages(level);
  for (const tile of tiles) {
    const ref = refOf(tile.index);
    if (ref.kind === 'missing') missing.push(tile);
    else located.push({ tile, ref, storage: storageOf(tile.index) });
  }
  const others = await readLocalTiles(reading, located);
  const readNext = async (next: LocatedTile, either: AbortSignal) => {
    if (!(await readTile(reading, next, either))) missing.push(next.tile);
  };
  await runLanes(others, Math.max(1, concurrency), readNext, signal);
  for (const { parts } of missing) for (const part of parts) fillPart(level.fill, part, destinations[part.plane]!);
  return missing;
}

/** One tile whose bytes come through its source; false where it is missing. */
async function readTile(reading: TileReading, located: LocatedTile, signal: AbortSignal): Promise<boolean> {
  const { level, sources } = reading;
  const { tile, ref, storage } = located;
  const options = { identity: level.identity, signal };
  const head = { ref, headLength: chunkHead(level, located) };
  const done = await fetchAndDecode(head, sources, options, async (bytes) => {
    if (storage.fused !== null) {
      const [code] = await decodeBatch(reading, storage.fused, [{ parts: tile.parts, source: bytes }]);
      if (code === 0) return true;
      if (ref.kind === 'range' && bytes.length < ref.length) throw tooShort(level);
    }
    // Any codec, in this thread; where the batch failed, this says why.
    decodePlain(reading, located, bytes);
    return true;
  });
  return done !== null;
}

function decodePlain({ level, destinations }: TileReading, { tile, storage }: LocatedTile, bytes: Uint8Array): void {
  const { url } = level;
  const shape = rowsFirst(level, storage.layout.shape);
  const samples =
    shape === null
      ? decodeChunk(storage.layout, bytes, { url })
      : decodeChunk({ ...storage.layout, shape }, bytes, { url, rows: rowsOf(shape, lastSample(tile.parts)) });
  for (const part of tile.parts) placePart(samples, part, destinations[part.plane]!);
}

/** The first part of a tile that was fetched alone does not hold what is needed: the whole tile is fetched then. */
function tooShort({ url }: StoredLevel): CubeError {
  return new CubeError({ kind: 'invalid-data', url, what: 'the first part of a chunk is too short' });
}
