import { CubeError } from '../errors.js';
import type { IcechunkRepository, IcechunkSession } from './icechunk/contract.js';
import type { IcechunkCreateOptions, IcechunkOpenOptions, IcechunkStorage } from './icechunk/types.js';

/** Makes a repository with the branch `main` and one empty snapshot; `exists` where there is one. */
export function createIcechunk(
  _storage: IcechunkStorage,
  _options: IcechunkCreateOptions = {},
): Promise<IcechunkRepository> {
  return Promise.reject(absent());
}

/** Opens a repository of either specification; `not-found` where there is none. */
export function openIcechunk(
  _storage: IcechunkStorage,
  _options: IcechunkOpenOptions = {},
): Promise<IcechunkRepository> {
  return Promise.reject(absent());
}

/** Opens the repository, or makes it; where it is there, its own configuration stays. */
export function openOrCreateIcechunk(
  _storage: IcechunkStorage,
  _options: IcechunkCreateOptions = {},
): Promise<IcechunkRepository> {
  return Promise.reject(absent());
}

/** Whether a repository is there. */
export function icechunkExists(_storage: IcechunkStorage): Promise<boolean> {
  return Promise.reject(absent());
}

/**
 * The session that `fork` made elsewhere. Only bytes of our own process tree may come here: they say which storage is
 * opened.
 */
export function icechunkFork(_bytes: Uint8Array): IcechunkSession {
  throw absent();
}

function absent(): CubeError {
  return new CubeError({
    kind: 'missing-component',
    component: 'Icechunk binding',
    what: 'not built',
    fix: 'npm run setup:icechunk',
  });
}
