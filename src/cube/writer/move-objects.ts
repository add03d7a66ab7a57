import type { IcechunkSession } from '../../native/icechunk/contract.js';
import type { ObjectFolder } from './object-folder.js';

/** What is under way at once; one object may be larger. */
const MOST_BYTES = 32 * 2 ** 20;
const MOST_OBJECTS = 32;

/**
 * Set every object of a folder in a session, metadata before chunks; the folder stays as it is. Several are under way at
 * once, of 32 MiB together. Problems: those of reading and of the session; after one nothing more is begun.
 */
export async function moveObjects(folder: ObjectFolder, session: IcechunkSession): Promise<void> {
  const keys = await folder.listObjects();
  const isMetadata = (key: string) => key.endsWith('zarr.json');
  // A group's metadata before that of the arrays in it.
  const depth = (key: string) => key.split('/').length;
  for (const key of keys.filter(isMetadata).toSorted((a, b) => depth(a) - depth(b))) {
    await moveObject(folder, session, key);
  }
  await eachWithin(
    keys.filter((key) => !isMetadata(key)),
    { sizeOf: (key) => folder.sizeOf(key), run: (key) => moveObject(folder, session, key) },
  );
}

async function moveObject(folder: ObjectFolder, session: IcechunkSession, key: string): Promise<void> {
  const bytes = await folder.readObject(key);
  if (bytes !== null) await session.set(key, bytes);
}

type KeyWork = {
  readonly sizeOf: (key: string) => Promise<number | null>;
  readonly run: (key: string) => Promise<void>;
};

/** Run over all keys within the bounds on bytes and objects; the first failure is thrown when all that began has ended. */
async function eachWithin(keys: readonly string[], { sizeOf, run }: KeyWork): Promise<void> {
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let bytes = 0;
  for (const key of keys) {
    const size = (await sizeOf(key)) ?? 0;
    const isFull = () => bytes + size > MOST_BYTES || running.size >= MOST_OBJECTS;
    while (running.size > 0 && isFull()) await Promise.race(running);
    if (failures.length > 0) break;
    bytes += size;
    const one: Promise<void> = run(key)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => {
        bytes -= size;
        running.delete(one);
      });
    running.add(one);
  }
  await Promise.all(running);
  if (failures.length > 0) throw failures[0];
}
