import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../io/system-error.js';
import { isStaleTemporary, writeError } from '../../io/write-file.js';
import { readEntry, type CacheEntry } from './cache-entry.js';
import type { CachePlace } from './cache-place.js';
import { readContents, type FolderContents } from './publish-folder.js';

/** An entry of the index, and when it was last used. */
export type KnownEntry = { readonly path: string; readonly entry: CacheEntry | null; readonly usedMs: number };

/** A content that is there. */
export type KnownObject = {
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
  readonly changedMs: number;
};

/** A folder of unpacked members or of links; `contents` is null where it is not sound. */
export type KnownFolder = {
  readonly path: string;
  readonly contents: FolderContents | null;
  readonly changedMs: number;
};

/** All that lies in a cache. */
export type CacheSurvey = {
  readonly entries: readonly KnownEntry[];
  readonly objects: readonly KnownObject[];
  /** Folders of unpacked members. */
  readonly unpacked: readonly KnownFolder[];
  /** Folders of links to objects. */
  readonly linked: readonly KnownFolder[];
  /** What dead processes left half done. */
  readonly stale: readonly string[];
  /** Downloads that are not finished. */
  readonly parts: readonly { readonly path: string; readonly size: number; readonly changedMs: number }[];
};

/** Look at everything in a cache; what is not there is empty. What others change meanwhile may be left out. Problem: `io`. */
export async function surveyCache(place: CachePlace): Promise<CacheSurvey> {
  return {
    entries: await collect(await filesIn(place.index, /^[0-9a-f]{64}\.json$/), async (path) => {
      return { path, entry: await readEntry(path), usedMs: (await stat(path)).mtimeMs };
    }),
    objects: await collect(await filesTwoDeep(place.objects, /^[0-9a-f]{2}$/, /^[0-9a-f]{62}$/), async (path) => {
      const { size, mtimeMs } = await stat(path);
      return { path, sha256: path.slice(-65).replace(/[\\/]/, ''), size, changedMs: mtimeMs };
    }),
    unpacked: await collect(await filesTwoDeep(place.unpacked, /^[0-9a-f]{64}$/, /^[0-9a-f]{16}$/), readFolder),
    linked: await collect(await filesIn(place.files, /^[0-9a-f]{32}$/), readFolder),
    stale: await staleFolders(place),
    parts: await collect(
      await filesTwoDeep(place.partial, /^[0-9a-f]{64}$/, /^(?:released|\.tmp-.*)$/),
      async (path) => {
        const { size, mtimeMs } = await stat(join(path, 'body'));
        return { path, size, changedMs: mtimeMs };
      },
    ),
  };
}

async function staleFolders(place: CachePlace): Promise<string[]> {
  const temporary = /^\.tmp-/;
  const folders = [
    ...(await filesIn(place.files, temporary)),
    ...(await filesTwoDeep(place.unpacked, /^[0-9a-f]{64}$/, temporary)),
  ];
  const stale: string[] = [];
  for (const path of folders) if (await isStaleTemporary(path).catch(() => false)) stale.push(path);
  return stale;
}

async function readFolder(path: string): Promise<KnownFolder> {
  return { path, contents: await readContents(path), changedMs: (await stat(path)).mtimeMs };
}

/** What is gone in the meantime is left out. */
async function collect<T>(paths: readonly string[], read: (path: string) => Promise<T>): Promise<T[]> {
  const found: T[] = [];
  for (const path of paths) {
    try {
      found.push(await read(path));
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw writeError(path, error);
    }
  }
  return found;
}

async function filesTwoDeep(folder: string, outer: RegExp, inner: RegExp): Promise<string[]> {
  const found: string[][] = [];
  for (const path of await filesIn(folder, outer)) found.push(await filesIn(path, inner));
  return found.flat();
}

/** Paths in a folder whose names match, in order; none where there is no folder. */
export async function filesIn(folder: string, name: RegExp): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names
      .filter((one) => name.test(one))
      .sort()
      .map((one) => join(folder, one));
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
    throw writeError(folder, error);
  }
}
