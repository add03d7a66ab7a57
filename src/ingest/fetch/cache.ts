import { chmod, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { hashFile } from '../../io/hash-file.js';
import { throwIfAborted } from '../../io/abort.js';
import { writeError } from '../../io/write-file.js';
import { cachePlace } from './cache-place.js';
import type { CacheEntry } from './cache-entry.js';
import { planCacheGc, type CacheRemoval, type GcRules } from './plan-cache-gc.js';
import { surveyCache } from './survey-cache.js';

/** Which cache; by default the one that `fetchDataset` uses. */
export type CacheOptions = { readonly cacheDir?: string; readonly signal?: AbortSignal };

/** A downloaded file of the cache. */
export type CachedFile = Omit<CacheEntry, 'key'> & {
  /** When it was last asked for, ISO 8601. */
  readonly usedAt: string;
  /** False where the content is gone, so that it will be downloaded again. */
  readonly present: boolean;
};

/** What a cache holds; sizes in bytes. */
export type CacheListing = {
  readonly root: string;
  /** The most recently used one first. */
  readonly files: readonly CachedFile[];
  readonly bytes: number;
  readonly unpackedBytes: number;
  /** Of downloads that are not finished. */
  readonly partialBytes: number;
};

/** A file that is not what it should be; `found` is null where it is not there. */
export type DamagedFile = { readonly path: string; readonly expected: string; readonly found: string | null };

/** What `cacheVerify` found. */
export type CacheReport = {
  readonly root: string;
  readonly checked: number;
  readonly bytes: number;
  readonly damaged: readonly DamagedFile[];
  /** Whether the damaged files were removed. */
  readonly removed: boolean;
};

/** What `cacheGc` removed, or would remove. */
export type CacheGcReport = {
  readonly root: string;
  readonly removed: readonly CacheRemoval[];
  readonly bytes: number;
  /** Of downloaded files and unpacked members that stay. */
  readonly keptBytes: number;
  readonly dryRun: boolean;
};

/** What lies in the cache. Problem: `io`. */
export async function cacheList({ cacheDir }: CacheOptions = {}): Promise<CacheListing> {
  const place = cachePlace(cacheDir);
  const { entries, objects, unpacked, parts } = await surveyCache(place);
  const present = new Set(objects.map(({ sha256 }) => sha256));
  const files = entries.flatMap(({ entry, usedMs }) => {
    if (entry === null) return [];
    const { key: _, ...told } = entry;
    return [{ ...told, usedAt: new Date(usedMs).toISOString(), present: present.has(entry.sha256) }];
  });
  const members = unpacked.flatMap(({ contents }) => contents?.members ?? []);
  return {
    root: place.root,
    files: files.sort((a, b) => b.usedAt.localeCompare(a.usedAt) || (a.name < b.name ? -1 : 1)),
    bytes: sumOf(objects),
    unpackedBytes: sumOf(members),
    partialBytes: sumOf(parts),
  };
}

/**
 * Hash everything in the cache again. With `remove` what is damaged goes, and links to it, so that the next fetch brings it anew. Problems:
 * `io`, `aborted`.
 */
export async function cacheVerify({
  cacheDir,
  signal,
  remove = false,
}: CacheOptions & { readonly remove?: boolean } = {}): Promise<CacheReport> {
  const place = cachePlace(cacheDir);
  const { objects, unpacked, linked } = await surveyCache(place);
  const damaged: DamagedFile[] = [];
  const wrong = new Set<string>();
  let [checked, bytes] = [0, 0];
  const check = async (path: string, sha256: string, size: number, owner: string) => {
    throwIfAborted(signal);
    const found = await hashFile(path, signal).catch(() => null);
    checked++;
    bytes += size;
    if (found === sha256) return;
    damaged.push({ path: relative(place.root, path), expected: sha256, found });
    wrong.add(sha256);
    if (remove) await removePath(owner);
  };
  for (const { path, sha256, size } of objects) await check(path, sha256, size, path);
  for (const { path, contents } of unpacked) {
    for (const member of contents?.members ?? []) {
      await check(join(path, 'data', member.path), member.sha256, member.size, path);
    }
  }
  for (const { path, contents } of linked) {
    if (remove && contents?.objects.some((sha256) => wrong.has(sha256)) === true) await removePath(path);
  }
  return { root: place.root, checked, bytes, damaged, removed: remove && damaged.length > 0 };
}

/**
 * Remove what nobody needs: contents without an entry, what was unpacked of them, links, parts of downloads that nobody went on with for
 * a day; and by the rules files that were not used for long, the least recently used ones first. Files that an ingest reads
 * at this very time must not be removed: let none run, or keep them. Problem: `io`.
 */
export async function cacheGc({
  cacheDir,
  signal,
  dryRun = false,
  ...rules
}: CacheOptions & GcRules & { readonly dryRun?: boolean } = {}): Promise<CacheGcReport> {
  const place = cachePlace(cacheDir);
  const survey = await surveyCache(place);
  const { removals, keptBytes } = planCacheGc(survey, rules, Date.now());
  if (!dryRun) {
    for (const { path } of removals) {
      throwIfAborted(signal);
      await removePath(path);
    }
  }
  const removed = removals.map((removal) => ({ ...removal, path: relative(place.root, removal.path) }));
  return { root: place.root, removed, bytes: sumOf(removed), keptBytes, dryRun };
}

/** Folders of read-only files are removed too. */
async function removePath(path: string): Promise<void> {
  try {
    await chmod(path, 0o755).catch(() => {});
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    throw writeError(path, error);
  }
}

function sumOf(files: readonly { readonly size: number }[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}
