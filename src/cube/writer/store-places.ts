import { cp, link, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { CubeError } from '../../errors.js';

/** The folders of one store. All lie side by side, so that a rename moves any of them in one step. */
export type StorePlaces = {
  /** What readers open. */
  readonly target: string;
  /** The store under construction. */
  readonly staging: string;
  /** The old store, from the moment it is moved aside until the new one is in its place. */
  readonly replaced: string;
  /** A copy of the target on its way to become `staging`; whatever a crash leaves here is worthless. */
  readonly copying: string;
};

/** The places of a store by the path of its target. */
export function storePlaces(path: string): StorePlaces {
  const target = resolve(path);
  const beside = (suffix: string) => join(dirname(target), `${basename(target)}.${suffix}`);
  return { target, staging: beside('building'), replaced: beside('replaced'), copying: beside('copying') };
}

/**
 * Finish what a crash left half done: a sealed store that was about to take the target's place does so, else the old one
 * goes back. Safe to call at any time when no other process builds the same store.
 */
export async function recoverStore({ target, staging, replaced, copying }: StorePlaces): Promise<void> {
  await removeFolder(copying);
  if (!(await exists(replaced))) return;
  if (!(await exists(target))) {
    const sealed = await exists(join(staging, 'zarr.json'));
    await moveFolder(sealed ? staging : replaced, target);
    if (!sealed) return;
  }
  await removeFolder(replaced);
}

/** Put the sealed staging folder in the target's place. An old store is moved aside first and removed last. */
export async function swapIntoPlace({ target, staging, replaced }: StorePlaces): Promise<void> {
  if (await exists(target)) {
    await removeFolder(replaced);
    await moveFolder(target, replaced);
  }
  await moveFolder(staging, target);
  await removeFolder(replaced);
}

/**
 * Make a staging folder with the target's objects but without its root metadata, by hard links where the file system has
 * them: objects are only ever replaced by renames, so the target's own bytes stay as they are.
 */
export async function stageCopy({ target, staging, copying }: StorePlaces): Promise<void> {
  await removeFolder(copying);
  await wrapped(copying, 'the store cannot be copied', async () => {
    const entries = await readdir(target, { withFileTypes: true, recursive: true });
    await mkdir(copying, { recursive: true });
    for (const entry of entries) {
      const from = join(entry.parentPath, entry.name);
      const to = join(copying, from.slice(target.length));
      if (entry.isDirectory()) await mkdir(to, { recursive: true });
      else if (from !== join(target, 'zarr.json')) {
        await mkdir(dirname(to), { recursive: true });
        await link(from, to).catch(() => cp(from, to));
      }
    }
  });
  await moveFolder(copying, staging);
}

/** Whether anything is at a path. Problem: `io` where that cannot be told. */
export async function exists(path: string): Promise<boolean> {
  return wrapped(path, 'it cannot be looked at', () =>
    stat(path).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return false;
        throw error;
      },
    ),
  );
}

/** True for a folder that is empty or holds a Zarr store: what may be replaced without losing anything else. */
export async function isReplaceable(path: string): Promise<boolean> {
  const entries = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOTDIR') return null;
    throw new CubeError({ kind: 'io', path, code: error.code ?? 'EIO', what: 'it cannot be listed' }, { cause: error });
  });
  return entries !== null && (entries.length === 0 || entries.includes('zarr.json'));
}

/** Make a folder and those above it. */
export async function makeFolder(path: string): Promise<void> {
  await wrapped(path, 'the folder cannot be made', () => mkdir(path, { recursive: true }));
}

/** Remove a folder with all in it; one that is not there is no error. */
export async function removeFolder(path: string): Promise<void> {
  await wrapped(path, 'the folder cannot be removed', () => rm(path, { recursive: true, force: true, maxRetries: 3 }));
}

/** Rename a folder. */
export async function moveFolder(from: string, to: string): Promise<void> {
  await wrapped(to, `${basename(from)} cannot be moved here`, () => rename(from, to));
}

async function wrapped<T>(path: string, what: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'EIO';
    throw new CubeError({ kind: 'io', path, code, what }, { cause: error });
  }
}
