import { mkdir, open, opendir, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CubeError } from '../errors.js';
import { throwIfAborted } from './abort.js';
import { isAbandoned, ownedName, ownerOf } from './owner.js';
import { codeOf } from './system-error.js';

/** How a file is written. */
export type WriteOptions = {
  /** Wait until the bytes are on the disk (fsync of file and folder). Default false. */
  readonly durable?: boolean;
  readonly signal?: AbortSignal;
};

/** Temporary names tell who made them. */
const TEMPORARY = '.tmp';

/** One write of text. */
const BATCH_CHARACTERS = 2 ** 20;

/**
 * Writes a file so that its name shows all of the bytes or the state before: a temporary file beside it, then a rename.
 * Makes missing folders. A long text may come in pieces. Problem: `io`; the temporary file is gone then.
 */
export async function writeFileAtomic(
  path: string,
  bytes: Uint8Array | Iterable<string>,
  options: WriteOptions = {},
): Promise<void> {
  throwIfAborted(options.signal);
  const folder = dirname(path);
  const temporary = temporaryPath(folder);
  try {
    await writeTemporary(temporary, bytes, options.durable === true);
    throwIfAborted(options.signal);
    await rename(temporary, path);
    if (options.durable === true) await syncFolder(folder);
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw writeError(path, error);
  }
}

/** A new name in the folder that nobody else takes, and that `removeStaleTemporaries` knows. */
export function temporaryPath(folder: string): string {
  return join(folder, ownedName(TEMPORARY));
}

/**
 * Removes what interrupted writers left in a folder and, where not told otherwise, in those below it; returns how many
 * files. Call it before this process writes there: files of other live processes stay, and those of other machines for a
 * day.
 */
export async function removeStaleTemporaries(folder: string, { recursive = true } = {}): Promise<number> {
  let removed = 0;
  try {
    for await (const entry of await opendir(folder, { recursive })) {
      const owner = entry.isFile() ? ownerOf(entry.name, TEMPORARY) : null;
      if (owner === null) continue;
      const path = join(entry.parentPath, entry.name);
      if (!(await isAbandoned(path, owner))) continue;
      await unlink(path);
      removed++;
    }
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw writeError(folder, error);
  }
  return removed;
}

/** An error of writing or removing at `path` as an `io` problem that says what to do. */
export function writeError(path: string, error: unknown): CubeError {
  if (error instanceof CubeError) return error;
  const code = codeOf(error) ?? 'EUNKNOWN';
  const words: Readonly<Record<string, string>> = {
    ENOSPC: 'the disk is full; free some space or write elsewhere',
    EDQUOT: 'the disk quota is used up; free some space or write elsewhere',
    EROFS: 'the file system is read-only; write elsewhere',
    EACCES: 'no permission to write there; check the folder and its owner',
    EPERM: 'not permitted to write there; check the folder and its owner',
    EISDIR: 'a folder has that name; remove it or write elsewhere',
    ENOTDIR: 'a part of the path is a file, not a folder',
    EMFILE: 'too many open files; raise the limit (ulimit -n)',
    EFBIG: 'the file is longer than the file system allows',
  };
  const what = words[code] ?? (error instanceof Error ? error.message : String(error));
  return new CubeError({ kind: 'io', path, code, what }, { cause: error });
}

async function writeTemporary(path: string, bytes: Uint8Array | Iterable<string>, durable: boolean): Promise<void> {
  const handle = await openNew(path);
  try {
    if (bytes instanceof Uint8Array) await handle.writeFile(bytes);
    else for (const batch of batches(bytes)) await handle.writeFile(batch);
    if (durable) await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Short pieces together, so that each write is worth its call. */
function* batches(pieces: Iterable<string>): Generator<string> {
  let batch: string[] = [];
  let length = 0;
  for (const piece of pieces) {
    batch.push(piece);
    length += piece.length;
    if (length < BATCH_CHARACTERS) continue;
    yield batch.join('');
    batch = [];
    length = 0;
  }
  yield batch.join('');
}

/** Folders are made only when they turn out to be missing: chunks of a cube mostly share theirs. */
async function openNew(path: string) {
  try {
    return await open(path, 'wx');
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    await mkdir(dirname(path), { recursive: true });
    return open(path, 'wx');
  }
}

/** The rename itself is durable once its folder is. Windows cannot open folders and needs no such step. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Whether a file or folder has a temporary name whose maker is gone, so that anybody may take or remove it. */
export async function isStaleTemporary(path: string): Promise<boolean> {
  const owner = ownerOf(basename(path), TEMPORARY);
  return owner !== null && isAbandoned(path, owner);
}
