import { CubeError, isCubeError } from '../errors.js';
import { resolveLocation } from '../io/location.js';
import { openIcechunk } from '../native/icechunk.js';
import type { IcechunkRepository } from '../native/icechunk/contract.js';
import type { IcechunkVersion } from '../native/icechunk/types.js';
import { icechunkStorage } from '../raster/refs/icechunk-place.js';

/** A version as a program names it, or the name of a branch, a tag or a snapshot. */
export type VersionName = IcechunkVersion | string;

/** The branch that is meant where none is named. */
export const MAIN = 'main';

/**
 * Open the repository at a path or URL, and close it whatever happens. Problems: `missing-component` without the binding,
 * `not-found` where there is no repository.
 */
export async function withRepository<T>(
  place: string,
  use: (repository: IcechunkRepository) => Promise<T>,
): Promise<T> {
  const repository = await openIcechunk(icechunkStorage(resolveLocation(place, `${process.cwd()}/`)));
  try {
    return await use(repository);
  } finally {
    repository.close();
  }
}

/**
 * Id of the snapshot that a name stands for: a branch, a tag, or the id itself. Problems: `not-found`, `invalid-argument` for
 * the name of a branch and a tag on different snapshots.
 */
export async function resolveVersion(repository: IcechunkRepository, name: VersionName): Promise<string> {
  if (typeof name !== 'string') return repository.resolve(name);
  const [branches, tags] = await Promise.all([repository.branches(), repository.tags()]);
  const found = new Set([...branches, ...tags].filter((one) => one.name === name).map(({ snapshot }) => snapshot));
  if (found.size > 1) {
    const what = `"${name}" is a branch and a tag, of different snapshots`;
    throw new CubeError({ kind: 'invalid-argument', what, fix: 'name the snapshot by its id' });
  }
  const [snapshot] = found;
  return snapshot ?? repository.resolve({ snapshot: name });
}

/** Whether a snapshot is in the repository, in a history or not. */
export async function hasSnapshot(repository: IcechunkRepository, snapshot: string): Promise<boolean> {
  try {
    (await repository.readonly({ snapshot })).close();
    return true;
  } catch (error) {
    if (isCubeError(error, 'not-found') || isCubeError(error, 'invalid-argument')) return false;
    throw error;
  }
}
