import type { DataType, Samples } from '../grid/dtype.js';
import type { SourceFactory } from '../io/byte-source.js';
import { isLocal } from '../io/location.js';
import type { ChunkPart } from './chunk-part.js';
import type { ChunkRef } from './chunk-ref.js';
import { storedChunkShape, type StoredLevel } from './level.js';
import type { WantedPart } from './plan-tiles.js';
import { readLocalTiles } from './read-local-tiles.js';
import { tileStorages, type LocatedTile } from './tile-reading.js';

/** What reading one chunk takes. */
export type LocalChunkOptions = {
  readonly signal: AbortSignal | undefined;
  /** Gives the memory that the chunk is decoded into. */
  readonly memory: (dtype: DataType, length: number) => Samples;
};

/** How the chunks of a level are stored: found once. */
const storages = new WeakMap<StoredLevel, ReturnType<typeof tileStorages>>();

/**
 * A whole chunk of a local file, read and decoded in a thread of the pool while this one goes on: in C order of its stored
 * shape. Null where it is no range of a local file, where that takes more than one kernel, or where it fails; reading it
 * in the usual way says why. Problems: `aborted`, `changed`, and those of opening the file.
 */
export async function readLocalChunk(
  level: StoredLevel,
  { index, ref }: { readonly index: readonly number[]; readonly ref: ChunkRef },
  sources: SourceFactory,
  { signal, memory }: LocalChunkOptions,
): Promise<Samples | null> {
  const located = locate(level, index, ref);
  if (located === null) return null;
  const count = storedChunkShape(level, index).reduce((product, size) => product * size, 1);
  const samples = memory(level.dtype, count);
  const tile = { index, parts: [wholeOf(count)] };
  const reading = { level, destinations: [samples], sources, signal, threads: 1 };
  const failed = await readLocalTiles(reading, [{ ...located, tile }]);
  return failed.length === 0 ? samples : null;
}

/** The same for a part of a chunk, which goes straight to its place in `destination`; false where it is not read. */
export async function readLocalPart(
  level: StoredLevel,
  { index, ref }: { readonly index: readonly number[]; readonly ref: ChunkRef },
  sources: SourceFactory,
  { part, destination, signal }: { part: ChunkPart; destination: Samples; signal: AbortSignal | undefined },
): Promise<boolean> {
  const located = locate(level, index, ref);
  if (located === null) return false;
  const tile = { index, parts: [{ ...part, plane: 0 }] };
  const reading = { level, destinations: [destination], sources, signal, threads: 1 };
  return (await readLocalTiles(reading, [{ ...located, tile }])).length === 0;
}

/** Where and how a chunk is stored; null where it is no range of a local file, or where that takes more than one kernel. */
function locate(level: StoredLevel, index: readonly number[], ref: ChunkRef): Omit<LocatedTile, 'tile'> | null {
  if (ref.kind !== 'range' || !isLocal(ref.url)) return null;
  const storageOf = storages.get(level) ?? tileStorages(level);
  storages.set(level, storageOf);
  const storage = storageOf(index);
  return storage.fused === null ? null : { ref, storage };
}

function wholeOf(count: number): WantedPart {
  const line = { start: 0, rowStride: count };
  return { plane: 0, from: { ...line, colStride: 1 }, to: line, width: count, height: 1 };
}
