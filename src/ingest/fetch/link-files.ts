import { createHash } from 'node:crypto';
import { copyFile, link, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf } from '../../io/system-error.js';
import type { CacheEntry } from './cache-entry.js';
import { objectPath, type CachePlace } from './cache-place.js';
import { publishFolder } from './publish-folder.js';

/** A file of a record and its entry in the cache. */
export type NamedEntry = { readonly name: string; readonly entry: CacheEntry };

/** File systems without hard links, or with the cache on two of them. */
const NO_LINK = new Set(['EXDEV', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EINVAL', 'EACCES']);

/**
 * Show files under the names that they have in their record, side by side, as the parts of a shapefile must be. They are links to the
 * contents, so they are read-only and take no room. Returns the folder. Problem: `io`.
 */
export async function linkFiles(place: CachePlace, files: readonly NamedEntry[]): Promise<string> {
  const members = files
    .map(({ name, entry: { size, sha256 } }) => ({ name, path: name, size, sha256 }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const identity = JSON.stringify(members.map(({ name, sha256 }) => [name, sha256]));
  const target = join(place.files, createHash('sha256').update(identity).digest('hex').slice(0, 32));
  await publishFolder(target, async (data) => {
    for (const { path, sha256 } of members) await linkFile(objectPath(place, sha256), join(data, path));
    return { objects: [...new Set(members.map(({ sha256 }) => sha256))], members, leftOut: [] };
  });
  return join(target, 'data');
}

async function linkFile(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  try {
    await link(from, to);
  } catch (error) {
    if (!NO_LINK.has(codeOf(error) ?? '')) throw error;
    await copyFile(from, to);
  }
}
