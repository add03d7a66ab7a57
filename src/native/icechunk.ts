import { binding } from './icechunk/binding.js';
import type { IcechunkRepository, IcechunkSession } from './icechunk/contract.js';
import { answered, placeOf } from './icechunk/problem.js';
import { Repository } from './icechunk/repository.js';
import { Session } from './icechunk/session.js';
import type { IcechunkCreateOptions, IcechunkOpenOptions, IcechunkStorage } from './icechunk/types.js';

/** Makes a repository with the branch `main` and one empty snapshot; `exists` where there is one or the folder is not empty. */
export function createIcechunk(
  storage: IcechunkStorage,
  options: IcechunkCreateOptions = {},
): Promise<IcechunkRepository> {
  return open('create', storage, options);
}

/** Opens a repository of either specification; `not-found` where there is none. */
export function openIcechunk(storage: IcechunkStorage, options: IcechunkOpenOptions = {}): Promise<IcechunkRepository> {
  return open('open', storage, options);
}

/** Opens the repository, or makes it; where it is there, its own configuration stays. */
export function openOrCreateIcechunk(
  storage: IcechunkStorage,
  options: IcechunkCreateOptions = {},
): Promise<IcechunkRepository> {
  return open('openOrCreate', storage, options);
}

/** Whether a repository is there. */
export function icechunkExists(storage: IcechunkStorage): Promise<boolean> {
  return answered(placeOf(storage), () => binding().repositoryExists(JSON.stringify(storage)));
}

/** The session that `fork` made elsewhere. Only bytes of our own making may come here: they say which storage is opened. */
export function icechunkFork(bytes: Uint8Array): Promise<IcechunkSession> {
  return Session.fromBytes(bytes);
}

async function open(
  mode: 'open' | 'create' | 'openOrCreate',
  storage: IcechunkStorage,
  options: IcechunkCreateOptions,
): Promise<IcechunkRepository> {
  const place = placeOf(storage);
  const native = await answered(place, () =>
    binding().openRepository(mode, JSON.stringify(storage), JSON.stringify(options)),
  );
  return new Repository(native, place);
}
