import { isCubeError } from '../errors.js';
import type { ChunkTask } from '../cube/task.js';
import type { SourceObject, TaskResult } from '../cube/task-result.js';
import type { ObjectIdentity, SourceFactory } from '../io/byte-source.js';
import { isSameObject } from '../io/with-identity.js';

/** Says which object of a finished task is another version by now, or null where none is. */
export type FindChangedObject = (result: TaskResult, task: ChunkTask) => Promise<string | null>;

/**
 * Chunks of Zarr sources are objects of their own, whose versions no plan can know without asking for each (E6). A
 * receipt says which versions a task read; here they are asked for again, each object once.
 */
export function changedObjects(sources: SourceFactory): FindChangedObject {
  const known = new Map<string, Promise<ObjectIdentity | null>>();
  const identityOf = (url: string) => {
    let identity = known.get(url);
    if (identity === undefined) known.set(url, (identity = readIdentity(sources, url)));
    return identity;
  };
  return async (result, task) => {
    if (result.objects.length === 0) return null;
    const urls = objectUrls(task, sources);
    const same = await Promise.all(
      result.objects.map(async (object) => {
        const url = urls.get(object.url);
        return url !== undefined && isUnchanged(object, await identityOf(url));
      }),
    );
    return result.objects.find((_, index) => !same[index])?.url ?? null;
  };
}

/** URLs that open the objects of a task, by the URLs that receipts name. */
function objectUrls(task: ChunkTask, sources: SourceFactory): Map<string, string> {
  const urls = new Map<string, string>();
  if (task.kind !== 'pixels') return urls;
  for (const { planes } of task.candidates) {
    for (const { tiles, maskTiles } of planes) {
      for (const { ref } of [...tiles, ...maskTiles]) {
        if (ref.kind === 'object' || ref.kind === 'shard') urls.set(sources.open(ref.url).url, ref.url);
      }
    }
  }
  return urls;
}

async function readIdentity(sources: SourceFactory, url: string): Promise<ObjectIdentity | null> {
  try {
    const { size, etag } = await sources.open(url).read({ offset: 0, length: 1 });
    return { size, etag };
  } catch (error) {
    if (isCubeError(error, 'not-found')) return null;
    throw error;
  }
}

function isUnchanged({ size, etag }: SourceObject, now: ObjectIdentity | null): boolean {
  if (size === null || now === null) return size === null && now === null;
  return isSameObject({ size, etag }, now);
}
