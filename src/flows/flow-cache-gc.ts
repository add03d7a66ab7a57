import { readdir, readFile, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { throwIfAborted } from '../io/abort.js';
import { cacheRoot } from '../io/cache-root.js';
import { codeOf } from '../io/system-error.js';
import { removeStaleTemporaries, writeError } from '../io/write-file.js';

/** What goes. */
export type FlowCacheGcOptions = {
  /** Default `flows` in the cache. */
  readonly cacheDir?: string;
  /** Values that were last made or taken before (milliseconds since 1970) go, and files that no value names any more. */
  readonly olderThanMs: number;
  /** Tell what would go, and remove nothing. */
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
};

/** What went, or would. */
export type FlowCacheGcReport = {
  readonly root: string;
  readonly removed: { readonly values: number; readonly files: number; readonly bytes: number };
  readonly kept: { readonly values: number; readonly files: number; readonly bytes: number };
};

/** A node keeps its file before its value names it, so young ones are left. */
const GRACE_MS = 60 * 60 * 1000;

/** Only what has names of ours is looked at: a folder that was meant otherwise may hold anything. */
const VALUE = /[/\\][0-9a-f]{2}[/\\][0-9a-f]{62}\.json$/;
const FILE = /[/\\][0-9a-f]{2}[/\\][0-9a-f]{62}$/;

type Found = { readonly path: string; readonly size: number; readonly usedMs: number };

/**
 * Remove kept values of flows that were not used for long, and the files that only they named. A run that goes on meanwhile makes anew what
 * it misses. Problem: `io`.
 */
export async function flowCacheGc(options: FlowCacheGcOptions): Promise<FlowCacheGcReport> {
  const { olderThanMs, dryRun = false, signal } = options;
  const root = resolve(options.cacheDir ?? join(cacheRoot(), 'flows'));
  if (!dryRun) await removeStaleTemporaries(root);
  const values = await listBelow(join(root, 'values'), VALUE);
  const isOld = ({ usedMs }: Found) => usedMs < olderThanMs;
  const named = new Set<string>();
  for (const value of values.filter((one) => !isOld(one))) {
    throwIfAborted(signal);
    const text = await readFile(value.path, 'utf8').catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return '';
      throw writeError(value.path, error); // a file that it names must not go
    });
    for (const [hash] of text.matchAll(/\b[0-9a-f]{64}\b/g)) named.add(hash);
  }
  const files = await listBelow(join(root, 'files'), FILE);
  const isUnnamed = ({ path, usedMs }: Found) =>
    !named.has(basename(dirname(path)) + basename(path)) && usedMs < Date.now() - GRACE_MS;
  const goneValues = values.filter(isOld);
  const goneFiles = files.filter(isUnnamed);
  if (!dryRun) {
    // Values before files: none may name what is gone.
    for (const found of [...goneValues, ...goneFiles]) {
      throwIfAborted(signal);
      await remove(found);
    }
  }
  const countOf = (someValues: readonly Found[], someFiles: readonly Found[]) => ({
    values: someValues.length,
    files: someFiles.length,
    bytes: [...someValues, ...someFiles].reduce((sum, { size }) => sum + size, 0),
  });
  return {
    root,
    removed: countOf(goneValues, goneFiles),
    kept: countOf(
      values.filter((one) => !isOld(one)),
      files.filter((one) => !isUnnamed(one)),
    ),
  };
}

async function listBelow(folder: string, names: RegExp): Promise<Found[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw writeError(folder, error);
  });
  const found: Found[] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !names.test(path)) continue;
    const info = await stat(path).catch(() => null); // another one has removed it
    if (info !== null) found.push({ path, size: info.size, usedMs: info.mtimeMs });
  }
  return found;
}

/** What a run has taken since it was looked at stays. */
async function remove({ path, usedMs }: Found): Promise<void> {
  const info = await stat(path).catch(() => null);
  if (info === null || info.mtimeMs !== usedMs) return;
  await unlink(path).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw writeError(path, error);
  });
}
