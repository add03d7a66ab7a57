import { createHash } from 'node:crypto';
import { readFile, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { redactUrl } from '../../errors.js';
import { codeOf } from '../../io/system-error.js';
import { writeError, writeFileAtomic } from '../../io/write-file.js';
import { objectPath, type CachePlace } from './cache-place.js';
import type { RemoteFile } from './remote-file.js';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** A checksum as it is stored. */
export const checksumSchema = z.object({
  algorithm: z.enum(['md5', 'sha1', 'sha256', 'sha512', 'git-sha1']),
  value: z.string().regex(/^[0-9a-f]{32,128}$/),
});

const entrySchema = z.object({
  key: sha256,
  name: z.string(),
  url: z.string(),
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
  size: z.number().int().nonnegative(),
  checksum: checksumSchema.nullable(),
  sha256,
  fetchedAt: z.string(),
});

/** What is known of one downloaded file; `url` has no query and no user info. */
export type CacheEntry = Readonly<z.infer<typeof entrySchema>>;

/**
 * What a file is looked up by: its published checksum and size where there is one, so that the same file of another version or
 * mirror is known; else its URL. A hash, so that no secret of the URL is in it.
 */
export function entryKey({ url, size, checksum }: RemoteFile): string {
  const identity = checksum === null ? `url ${url}` : `${checksum.algorithm}:${checksum.value} ${size ?? ''}`;
  return createHash('sha256').update(identity).digest('hex');
}

/** The entry whose content is there too, with the size that it should have; else null. */
export async function findEntry(place: CachePlace, key: string): Promise<CacheEntry | null> {
  const entry = await readEntry(entryPath(place, key));
  if (entry === null || entry.key !== key) return null;
  const found = await stat(objectPath(place, entry.sha256)).catch(() => null);
  return found !== null && found.isFile() && found.size === entry.size ? entry : null;
}

/** The entry in a file; null where it is not there or broken, which a download mends. */
export async function readEntry(path: string): Promise<CacheEntry | null> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return null;
    throw writeError(path, error);
  });
  if (text === null) return null;
  try {
    return entrySchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Write an entry, whole or not at all. */
export async function writeEntry(place: CachePlace, entry: CacheEntry): Promise<void> {
  const text = JSON.stringify({ ...entry, url: redactUrl(entry.url) }, null, 2);
  await writeFileAtomic(entryPath(place, entry.key), [`${text}\n`]);
}

/** Note that an entry was used: the file's own time, which `cache gc` goes by. */
export async function touchEntry(place: CachePlace, key: string): Promise<void> {
  const now = new Date();
  await utimes(entryPath(place, key), now, now).catch(() => {});
}

/** Where the entry of a key lies. */
export function entryPath(place: CachePlace, key: string): string {
  return join(place.index, `${key}.json`);
}
