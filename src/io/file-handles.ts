import type { BigIntStats } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';

/** An open file with the state it had when it was opened. */
type Opened = { readonly handle: FileHandle; readonly stats: BigIntStats };

type Entry = {
  /** Identity of the file that the path named when the entry was made. */
  readonly ino: bigint;
  readonly dev: bigint;
  readonly opening: Promise<Opened>;
  users: number;
  /** No longer found by path; closed when its last user leaves. */
  retired: boolean;
};

/** More open files than a pass over one scene's bands needs, far fewer than the usual limit of 1024. */
const MAX_HANDLES = 128;

/**
 * Open files, kept for the next read of the same path. Before each use the path is looked at again: a file that was
 * replaced by a rename is opened anew, so a reader sees the old object or the new one, and not the old one for ever.
 */
export class FileHandles {
  readonly #entries = new Map<string, Entry>();
  readonly #limit: number;

  constructor(limit = MAX_HANDLES) {
    this.#limit = limit;
  }

  /**
   * Runs `use` with an open handle and the file's state just before. Errors are Node's, with their code; anything but a
   * regular file is EISDIR (opening a pipe could block for ever).
   */
  async use<T>(path: string, use: (handle: FileHandle, stats: BigIntStats) => Promise<T>): Promise<T> {
    const stats = await stat(path, { bigint: true });
    if (!stats.isFile()) throw Object.assign(new Error('not a regular file'), { code: 'EISDIR' });
    const entry = this.#entryOf(path, stats);
    entry.users++;
    try {
      const opened = await entry.opening;
      return await use(opened.handle, isSameFile(opened.stats, stats) ? stats : opened.stats);
    } finally {
      entry.users--;
      if (entry.retired && entry.users === 0) await closeEntry(entry);
    }
  }

  /** Closes idle files now and the others when their reads end. */
  async close(): Promise<void> {
    await Promise.all([...this.#entries.keys()].map((path) => this.#retire(path)));
  }

  #entryOf(path: string, stats: BigIntStats): Entry {
    const known = this.#entries.get(path);
    if (known !== undefined && isSameFile(known, stats)) {
      this.#entries.delete(path); // most recently used last
      this.#entries.set(path, known);
      return known;
    }
    void this.#retire(path);
    const opening = openFile(path);
    const entry: Entry = { ino: stats.ino, dev: stats.dev, opening, users: 0, retired: false };
    opening.catch(() => {
      if (this.#entries.get(path) === entry) void this.#retire(path);
    });
    this.#entries.set(path, entry);
    const oldest = this.#entries.keys().next().value;
    if (this.#entries.size > this.#limit && oldest !== undefined) void this.#retire(oldest);
    return entry;
  }

  async #retire(path: string): Promise<void> {
    const entry = this.#entries.get(path);
    if (entry === undefined) return;
    this.#entries.delete(path);
    entry.retired = true;
    if (entry.users === 0) await closeEntry(entry);
  }
}

async function openFile(path: string): Promise<Opened> {
  const handle = await open(path, 'r');
  try {
    return { handle, stats: await handle.stat({ bigint: true }) };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** A file that could not be opened needs no closing, and a close that fails loses nothing: it was only read. */
async function closeEntry(entry: Entry): Promise<void> {
  await entry.opening.then(({ handle }) => handle.close()).catch(() => {});
}

function isSameFile(a: { readonly ino: bigint; readonly dev: bigint }, b: typeof a): boolean {
  return a.ino === b.ino && a.dev === b.dev;
}
