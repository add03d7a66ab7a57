import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CubeError, redactUrl } from '../../errors.js';
import { writeFileAtomic } from '../../io/write-file.js';
import { checksumSchema, entryKey } from './cache-entry.js';
import type { CachePlace } from './cache-place.js';
import type { Wanted } from './download.js';
import type { FetchRequest, ResolvedRecord } from './remote-file.js';

const fileSchema = z.object({
  key: z.string().regex(/^[0-9a-f]{64}$/),
  name: z.string(),
  url: z.string(),
  size: z.number().int().nonnegative().nullable(),
  checksum: checksumSchema.nullable(),
  tree: z.object({ under: z.string() }).optional(),
  unnamed: z.literal(true).optional(),
});

const recordSchema = z.object({
  repo: z.string(),
  id: z.string(),
  version: z.string().nullable(),
  license: z.string().nullable(),
  files: z.array(fileSchema).min(1),
});

/** A record whose files have the keys of their entries. */
export type KnownRecord = Pick<ResolvedRecord, 'version' | 'license'> & { readonly wanted: readonly Wanted[] };

/** Give the files of a record the keys that they are looked up by. */
export function keyRecord({ version, license, files }: ResolvedRecord): KnownRecord {
  return { version, license, wanted: files.map((file) => ({ file, key: entryKey(file) })) };
}

/** Keep what a repository said, for `loadRecord`. Queries and user info of URLs are left out. */
export async function storeRecord(place: CachePlace, request: FetchRequest, record: KnownRecord): Promise<void> {
  const { version, license, wanted } = record;
  const files = wanted.map(({ file, key }) => ({ ...file, url: redactUrl(file.url), key }));
  const stored = { repo: request.repo, id: redactUrl(request.id), version, license, files };
  await writeFileAtomic(recordPath(place, request), [JSON.stringify(stored)]);
}

/** What was kept of the same request; `not-found` where nothing was. */
export async function loadRecord(place: CachePlace, request: FetchRequest): Promise<KnownRecord> {
  try {
    const stored = recordSchema.parse(JSON.parse(await readFile(recordPath(place, request), 'utf8')));
    const wanted = stored.files.map(({ key, tree, unnamed, ...file }) => ({
      key,
      file: { ...file, ...(tree === undefined ? {} : { tree }), ...(unnamed === undefined ? {} : { unnamed }) },
    }));
    return { version: stored.version, license: stored.license, wanted };
  } catch (cause) {
    const what = 'the cache does not know the record, and the network may not be used; fetch it once without offline';
    throw new CubeError({ kind: 'not-found', url: `${request.repo} ${redactUrl(request.id)}`, what }, { cause });
  }
}

/** What names the record decides; filters do not. */
function recordPath(place: CachePlace, { repo, id, version, api, checksums }: FetchRequest): string {
  const identity = JSON.stringify([repo, id, version ?? null, api ?? null, checksums ?? null]);
  return join(place.records, `${createHash('sha256').update(identity).digest('hex')}.json`);
}
