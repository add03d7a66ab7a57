import { mkdir, open, readdir, rmdir, unlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { throwIfAborted } from '../io/abort.js';
import { isAbandoned, ownedName, ownerOf } from '../io/owner.js';
import { codeOf } from '../io/system-error.js';
import { writeError } from '../io/write-file.js';
import { lockedError, type LockOptions } from './lock.js';

/** Many writers, or one that is alone. */
const PREFIX = { shared: 'writer', exclusive: 'alone' } as const;

/** Files of processes on other machines count for a day, so that a lock which is held for longer must look younger. */
const TOUCH_MS = 60 * 60 * 1000;

/** A folder that another process has just removed is made again this often. */
const FOLDER_ATTEMPTS = 20;

/**
 * Run the action while a file in the folder says that this process writes. Everybody first puts up its file and then looks at
 * those of others, so two who exclude each other never both go on. The name of a file tells its process; files of processes
 * that are gone are removed. The folder goes with its last file. Problem: `lake` where others do not end in time.
 */
export async function withFileLock<T>(folder: string, options: LockOptions, action: () => Promise<T>): Promise<T> {
  const path = await enter(folder, options);
  const touching = setInterval(() => utimes(path, new Date(), new Date()).catch(() => {}), TOUCH_MS).unref();
  try {
    return await action();
  } finally {
    clearInterval(touching);
    await leave(folder, path);
  }
}

async function enter(folder: string, { mode, timeoutMs, signal }: LockOptions): Promise<string> {
  const deadline = Date.now() + timeoutMs;
  for (let attempt = 0; ; attempt++) {
    const name = ownedName(PREFIX[mode]);
    await putUp(folder, name);
    try {
      while ((await othersOf(folder, 'alone', name)).length === 0) {
        if (mode === 'shared' || (await othersOf(folder, 'writer', name)).length === 0) return join(folder, name);
        await wait(0, { mode, deadline, signal }, folder); // new writers see our file and wait
      }
    } catch (error) {
      await leave(folder, join(folder, name));
      throw error;
    }
    await leave(folder, join(folder, name));
    await wait(attempt, { mode, deadline, signal }, folder);
  }
}

async function wait(
  attempt: number,
  { mode, deadline, signal }: Pick<LockOptions, 'mode' | 'signal'> & { readonly deadline: number },
  folder: string,
): Promise<void> {
  throwIfAborted(signal);
  if (Date.now() >= deadline) throw lockedError(mode, `its file is in ${folder}`);
  await setTimeout(Math.min(500, 20 * 2 ** attempt) * (0.5 + Math.random())); // jitter: two waiters must not march in step
}

async function putUp(folder: string, name: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await mkdir(folder, { recursive: true });
      return await (await open(join(folder, name), 'wx')).close();
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || attempt === FOLDER_ATTEMPTS) throw writeError(folder, error);
    }
  }
}

async function leave(folder: string, path: string): Promise<void> {
  await unlink(path).catch(() => {}); // another process may have taken it for abandoned
  await rmdir(folder).catch(() => {}); // others are in it
}

/** Files of live processes; those of dead ones are removed. */
async function othersOf(folder: string, prefix: string, own: string): Promise<string[]> {
  const live: string[] = [];
  for (const name of await readdir(folder)) {
    const owner = name === own ? null : ownerOf(name, prefix);
    if (owner === null) continue;
    const path = join(folder, name);
    const isGone = await isAbandoned(path, owner).catch(() => true); // it was removed while we looked
    if (isGone) await unlink(path).catch(() => {});
    else live.push(name);
  }
  return live;
}
