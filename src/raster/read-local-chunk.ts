import type { Samples } from '../grid/dtype.js';
import type { SourceFactory } from '../io/byte-source.js';
import { isLocal } from '../io/location.js';
import type { ChunkPart } from './chunk-part.js';
import type { ChunkRef } from './chunk-ref.js';
import type { StoredLevel } from './level.js';
import { readLocalTiles } from './read-local-tiles.js';
import { tileStorages, type LocatedTile } from './tile-reading.js';

/** How the chunks of a level are stored: found once. */
const storages = new WeakMap<StoredLevel, ReturnType<typeof tileStorages>>();

/** A part of a chunk and where it goes: the memory is taken when the chunk is known to be read. */
export type LocalPart = {
  readonly part: ChunkPart;
  readonly destination: () => Samples;
  readonly signal: AbortSignal | undefined;
};

/**
 * A part of a chunk of a local file, read and decoded in a thread of the pool while this one goes on, straight into its
 * place; gives the destination. Null where the chunk is no range of a local file, where that takes more than one kernel, or
 * where it fails; reading it in the usual way says why. Problems: `aborted`, `changed`, and those of opening the file.
 */
export async function readLocalPart(
  level: StoredLevel,
  { index, ref }: { readonly index: readonly number[]; readonly ref: ChunkRef },
  sources: SourceFactory,
  { part, destination, signal }: LocalPart,
): Promise<Samples | null> {
  const located = locate(level, index, ref);
  if (located === null) return null;
  const samples = destination();
  const tile = { index, parts: [{ ...part, plane: 0 }] };
  const reading = { level, destinations: [samples], sources, signal, threads: 1 };
  const failed = await readLocalTiles(reading, [{ ...located, tile }]);
  return failed.length === 0 ? samples : null;
}

/** Where and how a chunk is stored; null where it is no range of a local file, or where that takes more than one kernel. */
function locate(level: StoredLevel, index: readonly number[], ref: ChunkRef): Omit<LocatedTile, 'tile'> | null {
  if (ref.kind !== 'range' || !isLocal(ref.url)) return null;
  const storageOf = storages.get(level) ?? tileStorages(level);
  storages.set(level, storageOf);
  const storage = storageOf(index);
  return storage.fused === null ? null : { ref, storage };
}
