import { chmod, copyFile, mkdir, readFile, rename, stat, unlink, utimes } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { hashFile } from '../io/hash-file.js';
import { codeOf } from '../io/system-error.js';
import { temporaryPath, writeError, writeFileAtomic } from '../io/write-file.js';
import { sha256 } from './fingerprint.js';
import { isFlowFile } from './flow-file.js';
import type { CachePolicy, FlowFile } from './node-types.js';

/** A value that an earlier run has made. */
export type CachedValue = { readonly value: unknown };

/** An entry as it lies in its file. */
type Entry = { readonly node: string; readonly storedMs: number; readonly sha256: string; readonly value: unknown };

/**
 * Values of nodes in a folder: `values/ab/cdef….json` by their keys, and `files/ab/cdef…` by content. Entries appear whole, so that
 * several runs may share the folder; one that is damaged, or whose files have gone, is no entry.
 */
export class FlowCache {
  readonly #root: string;

  constructor(root: string) {
    this.#root = resolve(root);
  }

  /** What is kept under a key, or null where nothing is, or nothing that the policy takes. */
  async get(key: string, policy: CachePolicy): Promise<CachedValue | null> {
    const entry = await this.#entry(key);
    if (entry === null) return null;
    if (typeof policy === 'object' && Date.now() - entry.storedMs > policy.ttlSeconds * 1000) return null;
    const value = relocated(entry.value, (file) => this.#filePath(file.sha256));
    for (const file of filesIn(value)) {
      if (!(await isAsNamed(file))) return null;
    }
    await touch(this.#valuePath(key)); // by which long unused values are found; no more
    return { value };
  }

  /** Keep a value of plain data. Problem: `io`. */
  async put(key: string, node: string, value: unknown): Promise<void> {
    const text = JSON.stringify(value);
    const entry = `{"node":${JSON.stringify(node)},"storedMs":${Date.now()},"sha256":"${sha256(text)}","value":${text}}\n`;
    await writeFileAtomic(this.#valuePath(key), [entry]);
  }

  /** Move a file to where its content is kept. Problem: `io`. */
  async keepFile(path: string): Promise<FlowFile> {
    const hash = await hashFile(path);
    const { size } = await stat(path);
    const kept = this.#filePath(hash);
    if (resolve(path) !== kept) {
      if ((await stat(kept).catch(() => null))?.size === size) {
        // Young again before the caller's copy goes, so that no cleaning takes it away before a value names it.
        await touch(kept);
        await unlink(path);
      } else {
        await moveFile(path, kept);
      }
    }
    return { kind: 'kept-file', name: basename(path), sha256: hash, size, path: kept };
  }

  async #entry(key: string): Promise<Entry | null> {
    const text = await readFile(this.#valuePath(key), 'utf8').catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return null;
      throw writeError(this.#valuePath(key), error);
    });
    return text === null ? null : entryOf(text);
  }

  #valuePath(key: string): string {
    return join(this.#root, 'values', key.slice(0, 2), `${key.slice(2)}.json`);
  }

  #filePath(hash: string): string {
    return join(this.#root, 'files', hash.slice(0, 2), hash.slice(2));
  }
}

function entryOf(text: string): Entry | null {
  try {
    const entry: unknown = JSON.parse(text);
    return isEntry(entry) && sha256(JSON.stringify(entry.value)) === entry.sha256 ? entry : null;
  } catch {
    return null; // cut off or overwritten: it is made anew
  }
}

function isEntry(entry: unknown): entry is Entry {
  return (
    typeof entry === 'object' &&
    entry !== null &&
    'value' in entry &&
    'sha256' in entry &&
    'storedMs' in entry &&
    typeof entry.storedMs === 'number'
  );
}

/** The data with the paths of its kept files as they are here. */
function relocated(value: unknown, pathOf: (file: FlowFile) => string): unknown {
  if (isFlowFile(value)) return value.kind === 'kept-file' ? { ...value, path: pathOf(value) } : value;
  if (Array.isArray(value)) return value.map((one) => relocated(one, pathOf));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, relocated(one, pathOf)]));
}

/** Kept files are read-only, so their sizes do; a source file is anybody's to change. */
async function isAsNamed({ kind, path, size, sha256: named }: FlowFile): Promise<boolean> {
  if ((await stat(path).catch(() => null))?.size !== size) return false;
  return kind === 'kept-file' || (await hashFile(path).catch(() => null)) === named;
}

function filesIn(value: unknown): FlowFile[] {
  if (isFlowFile(value)) return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(filesIn) : [];
}

/** A file of another user keeps its time. */
async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => {});
}

async function moveFile(from: string, to: string): Promise<void> {
  try {
    await mkdir(dirname(to), { recursive: true });
    await chmod(from, 0o444);
    await touch(from);
    await rename(from, to);
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw writeError(to, error);
    await copyAcross(from, to);
  }
}

/** To another file system, where nobody must see half of it. */
async function copyAcross(from: string, to: string): Promise<void> {
  const temporary = temporaryPath(dirname(to));
  try {
    await copyFile(from, temporary);
    await rename(temporary, to);
    await unlink(from);
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw writeError(to, error);
  }
}
