import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { openOrCreateIcechunk } from '../../src/native/icechunk.js';
import type { CommitMetadata } from '../../src/native/icechunk/types.js';

/** Commit a Zarr store to the branch `main` of a repository, in place of what it holds; the snapshot's id. */
export async function commitStore(
  store: string,
  path: string,
  { message, metadata = {} }: { readonly message: string; readonly metadata?: CommitMetadata },
): Promise<string> {
  const repository = await openOrCreateIcechunk({ kind: 'local', path });
  const session = await repository.writable('main');
  for (const name of await session.listDir('')) if (name !== 'zarr.json') await session.deleteDir(name);
  const entries = await readdir(store, { recursive: true, withFileTypes: true });
  const keys = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(store, join(entry.parentPath, entry.name)).split(sep).join('/'));
  // An array's metadata must be there before its chunks.
  for (const isMetadata of [true, false]) {
    for (const key of keys.filter((one) => one.endsWith('zarr.json') === isMetadata)) {
      const bytes = await readFile(join(store, key));
      await session.set(key, bytes);
    }
  }
  const id = await session.commit({ message, metadata });
  session.close();
  repository.close();
  return id;
}
