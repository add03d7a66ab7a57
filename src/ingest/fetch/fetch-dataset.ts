import { join } from 'node:path';
import { CubeError, redactUrl } from '../../errors.js';
import { originOf } from '../../io/access.js';
import { abortedError, throwIfAborted } from '../../io/abort.js';
import type { HttpHeaders } from '../../io/http-request.js';
import { runLanes } from '../../io/run-lanes.js';
import { removeStaleTemporaries } from '../../io/write-file.js';
import type { RetryOptions } from '../../io/with-retries.js';
import { isArchiveName } from './archive-name.js';
import type { CacheEntry } from './cache-entry.js';
import { cachePlace, objectPath, type CachePlace } from './cache-place.js';
import { DownloadClient } from './download-client.js';
import { downloadFile, type Wanted } from './download.js';
import { linkFiles, type NamedEntry } from './link-files.js';
import { sniffArchive } from './open-archive.js';
import type { FetchRequest, LeftOut } from './remote-file.js';
import { hostsOf, resolveRecord } from './resolve-record.js';
import { compileFilters, selectFiles, tooLong, type FileRules } from './select-files.js';
import { keyRecord, loadRecord, storeRecord, type KnownRecord } from './stored-record.js';
import { unpackArchive } from './unpack.js';
import type { UnpackLimits } from './unpack-budget.js';

/** How far a fetch is. */
export type FetchProgress = {
  /** Bytes of the record's files that are here. */
  readonly doneBytes: number;
  /** Null where the size of a file is not known. */
  readonly totalBytes: number | null;
};

/** How a dataset is fetched. */
export type FetchOptions = {
  /** Default: `$XDG_CACHE_HOME/heliocube`, else `~/.cache/heliocube`. */
  readonly cacheDir?: string;
  readonly onProgress?: (progress: FetchProgress) => void;
  /** Files that are downloaded at a time. Default 4. */
  readonly concurrency?: number;
  /** Use nothing but the cache. */
  readonly offline?: boolean;
  /** Download what the cache has, too. */
  readonly force?: boolean;
  /** Sent to the API's own origin and to no other, such as `{ authorization: 'Bearer …' }`. Stored and told nowhere. */
  readonly headers?: HttpHeaders;
  /** Origins (`http://10.0.0.7:9000`) that answers and redirects may name although their addresses are private. */
  readonly allowedOrigins?: readonly string[];
  readonly retries?: RetryOptions;
  readonly limits?: UnpackLimits;
  readonly signal?: AbortSignal;
};

/** A file that was fetched. */
export type FetchedFile = {
  /** Path within the record; of a member of an archive `a.zip/b.shp`. */
  readonly name: string;
  /** Absolute, with the file's own name; the parts of a shapefile lie side by side. Belongs to the cache: to read only. */
  readonly path: string;
  /** Of the file or its archive, without query and user info. */
  readonly url: string;
  readonly size: number;
  /** Hexadecimal. */
  readonly sha256: string;
};

/** A dataset that was fetched. */
export type FetchedDataset = {
  /** As the repository names it: a number at Figshare, a commit at Hugging Face; null where it has none. */
  readonly version: string | null;
  readonly license: string | null;
  /** By name. */
  readonly files: readonly FetchedFile[];
  readonly leftOut: readonly LeftOut[];
};

/**
 * Fetch the wanted files of a published dataset into the cache, and open their archives there. What is in the cache and has not
 * changed is not downloaded again; what was interrupted goes on where it stopped. Problems: `not-found`, `denied`, `network`,
 * `changed` (size or checksum are not as published), `no-data` (no such version, nothing matches the filters), `forbidden`,
 * `invalid-data`, `unsupported`, `io`, `aborted`.
 */
export async function fetchDataset(request: FetchRequest, options: FetchOptions = {}): Promise<FetchedDataset> {
  const { signal } = options;
  throwIfAborted(signal);
  const rules = compileFilters(request.filters ?? {});
  const place = cachePlace(options.cacheDir);
  const record = await findRecord(place, request, options);
  const maxBytes = request.maxMb === undefined ? Infinity : request.maxMb * 1e6;
  const wanted = record.wanted.map((one) => ({ ...one, name: one.file.name, size: one.file.size }));
  const rulesOfList = wanted.some(({ file }) => file.tree !== undefined) ? compileFilters({}) : rules;
  const { taken, leftOut, inside } = selectFiles(wanted, rulesOfList, { maxBytes, thrifty: true });
  const downloads = await download(taken, { place, request, options, maxBytes });
  const open = { place, options, rules, inside };
  const opened = await openDownloads(downloads.entries, open);
  const files = opened.files.sort((a, b) => (a.name < b.name ? -1 : 1));
  const left = [...leftOut, ...downloads.leftOut, ...opened.leftOut];
  if (files.length === 0) throw nothingLeft(request, left);
  assertChecksums(request, record, files);
  return { version: record.version, license: record.license, files, leftOut: left };
}

async function findRecord(place: CachePlace, request: FetchRequest, options: FetchOptions): Promise<KnownRecord> {
  if (options.offline === true) return loadRecord(place, request);
  const record = keyRecord(await resolveRecord(request, options));
  await storeRecord(place, request, record);
  return record;
}

type Download = {
  readonly place: CachePlace;
  readonly request: FetchRequest;
  readonly options: FetchOptions;
  readonly maxBytes: number;
};

type Entries = { readonly wanted: Wanted; readonly entry: CacheEntry };

async function download(
  taken: readonly Wanted[],
  { place, request, options, maxBytes }: Download,
): Promise<{ readonly entries: readonly Entries[]; readonly leftOut: readonly LeftOut[] }> {
  const { concurrency = 4, onProgress, signal, retries = {} } = options;
  const client = options.offline === true ? null : clientOf(request, options, concurrency);
  const sizes = taken.map(({ file }) => file.size);
  const totalBytes = sizes.includes(null) ? null : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  let doneBytes = 0;
  const onBytes = (bytes: number) => {
    doneBytes += bytes;
    onProgress?.({ doneBytes, totalBytes });
  };
  const entries: Entries[] = [];
  const leftOut: LeftOut[] = [];
  const force = options.force === true;
  try {
    await removeStaleTemporaries(place.index, { recursive: false });
    await runLanes(
      taken,
      concurrency,
      async (wanted, lane) => {
        const context = { place, client, force, maxBytes, retries, onBytes, signal: lane };
        const result = await downloadFile(wanted, context);
        if (result.kind === 'entry') entries.push({ wanted, entry: result.entry });
        else leftOut.push({ name: wanted.file.name, reason: tooLong(result.size, maxBytes) });
      },
      signal,
    );
  } catch (error) {
    throw signal?.aborted === true && !(error instanceof CubeError) ? abortedError(signal) : error;
  } finally {
    await client?.close();
  }
  return { entries, leftOut };
}

function clientOf(request: FetchRequest, options: FetchOptions, concurrency: number): DownloadClient {
  const { allowedOrigins = [], headers = {} } = options;
  const origin = originOf(request.api ?? hostsOf(request).root);
  return new DownloadClient({
    trustedOrigins: new Set([origin, ...allowedOrigins]),
    headers,
    headersOrigin: origin,
    maxRequests: concurrency,
  });
}

type Opening = {
  readonly place: CachePlace;
  readonly options: FetchOptions;
  /** Of the record's files, for archives that stand for it. */
  readonly rules: FileRules;
  /** Of members of archives. */
  readonly inside: FileRules;
};

/** Plain files get their names back, archives are unpacked. */
async function openDownloads(
  entries: readonly Entries[],
  opening: Opening,
): Promise<{ readonly files: FetchedFile[]; readonly leftOut: readonly LeftOut[] }> {
  const { place } = opening;
  const plain: NamedEntry[] = [];
  const files: FetchedFile[] = [];
  const leftOut: LeftOut[] = [];
  for (const { wanted, entry } of entries) {
    const { name } = wanted.file;
    if (!(await isArchive(place, name, entry))) {
      plain.push({ name, entry });
      continue;
    }
    const opened = await openOne(wanted, entry, opening);
    files.push(...opened.files);
    leftOut.push(...opened.leftOut);
  }
  if (plain.length > 0) {
    const folder = await linkFiles(place, plain);
    files.push(...plain.map(({ name, entry }) => fileOf(name, join(folder, name), entry, entry.url)));
  }
  return { files, leftOut };
}

/** By its name; where the name has no extension, by its first bytes. */
async function isArchive(place: CachePlace, name: string, entry: CacheEntry): Promise<boolean> {
  if (isArchiveName(name)) return true;
  return !/\.[^./]+$/.test(name) && (await sniffArchive(objectPath(place, entry.sha256))) !== null;
}

async function openOne({ file }: Wanted, { sha256, size, url }: CacheEntry, opening: Opening) {
  const { place, options, rules, inside } = opening;
  const { name, tree } = file;
  const { limits, signal } = options;
  const { folder, contents } = await unpackArchive({
    place,
    sha256,
    size,
    name,
    ...(tree === undefined ? { rules: inside } : { rules, tree }),
    ...(limits === undefined ? {} : { limits }),
    ...(signal === undefined ? {} : { signal }),
  });
  const nameOf = (member: string) => (tree === undefined ? `${name}/${member}` : member);
  return {
    files: contents.members.map((member) => fileOf(nameOf(member.name), join(folder, member.path), member, url)),
    leftOut: contents.leftOut.map((one) => ({ ...one, name: nameOf(one.name) })),
  };
}

function fileOf(
  name: string,
  path: string,
  { size, sha256 }: { readonly size: number; readonly sha256: string },
  url: string,
): FetchedFile {
  return { name, path, url: redactUrl(url), size, sha256 };
}

function nothingLeft({ repo, id }: FetchRequest, leftOut: readonly LeftOut[]): CubeError {
  const shown = leftOut.slice(0, 5).map(({ name, reason }) => `${name}: ${reason}`);
  const more = leftOut.length > shown.length ? `; and ${leftOut.length - shown.length} more` : '';
  const what = `no file of ${repo} ${redactUrl(id)} is wanted: ${shown.join('; ')}${more}`;
  return new CubeError({ kind: 'no-data', what, fix: 'change the file filters or max_mb' });
}

/** Checksums of the manifest that no file of the record took are of members of archives, or of nothing, which is an error. */
function assertChecksums(
  { checksums = {} }: FetchRequest,
  { wanted }: KnownRecord,
  files: readonly FetchedFile[],
): void {
  const listed = new Set(wanted.map(({ file }) => file.name));
  for (const [name, checksum] of Object.entries(checksums)) {
    if (listed.has(name)) continue;
    const file = files.find((one) => one.name === name);
    const [algorithm, value] = checksum.toLowerCase().split(':');
    if (file === undefined || algorithm !== 'sha256') {
      const what = `the manifest has a checksum of "${name}", ${file === undefined ? 'which is no file of the dataset' : 'but of members of archives only SHA-256 is known'}`;
      throw new CubeError({ kind: 'invalid-argument', what });
    }
    if (file.sha256 === value) continue;
    const found = `sha256 ${file.sha256}`;
    throw new CubeError({ kind: 'changed', url: file.url, expected: `sha256 ${value ?? ''} of ${name}`, found });
  }
}
