import type { DataType, Samples } from '../grid/dtype.js';
import type { SourceFactory } from '../io/byte-source.js';
import { isLocal } from '../io/location.js';
import type { ChunkRef } from './chunk-ref.js';
import { storedChunkShape, type StoredLevel } from './level.js';
import type { WantedPart } from './plan-tiles.js';
import { readLocalTiles } from './read-local-tiles.js';
import { tileStorages } from './tile-reading.js';

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
  if (ref.kind !== 'range' || !isLocal(ref.url)) return null;
  const storageOf = storages.get(level) ?? tileStorages(level);
  storages.set(level, storageOf);
  const storage = storageOf(index);
  if (storage.fused === null) return null;
  const count = storedChunkShape(level, index).reduce((product, size) => product * size, 1);
  const samples = memory(level.dtype, count);
  const tile = { index, parts: [wholeOf(count)] };
  const reading = { level, destinations: [samples], sources, signal, threads: 1 };
  const failed = await readLocalTiles(reading, [{ tile, ref, storage }]);
  return failed.length === 0 ? samples : null;
}

function wholeOf(count: number): WantedPart {
  const line = { start: 0, rowStride: count };
  return { plane: 0, from: { ...line, colStride: 1 }, to: line, width: count, height: 1 };
}
