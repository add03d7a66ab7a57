import { CubeError, redactUrl } from '../../errors.js';
import { throwIfAborted } from '../../io/abort.js';
import { cachePlace, type CachePlace } from './cache-place.js';
import { downloadFiles } from './download-files.js';
import type { FetchedDataset, FetchedFile } from './fetched-dataset.js';
import { nothingLeft } from './nothing-left.js';
import type { FetchOptions } from './fetch-options.js';
import { openDownloads } from './open-downloads.js';
import type { FetchRequest } from './remote-file.js';
import { resolveRecord } from './resolve-record.js';
import { compileFilters, selectFiles, type FileRules } from './select-files.js';
import { keyRecord, loadRecord, storeRecord, type KnownRecord } from './stored-record.js';

/**
 * Fetch the wanted files of a published dataset into the cache, and open their archives there. What is in the cache and has not
 * changed is not downloaded again; what was interrupted goes on where it stopped. Problems: `not-found`, `denied`, `network`,
 * `changed` (size or checksum are not as published), `no-data` (no such version, nothing matches the filters), `forbidden`,
 * `invalid-data`, `unsupported`, `io`, `aborted`.
 */
export async function fetchDataset(request: FetchRequest, options: FetchOptions = {}): Promise<FetchedDataset> {
  throwIfAborted(options.signal);
  const rules = compileFilters(request.filters ?? {});
  const place = cachePlace(options.cacheDir);
  const record = await findRecord(place, request, options);
  const maxBytes = request.maxMb === undefined ? Infinity : request.maxMb * 1e6;
  const { taken, leftOut, inside } = selectRecord(record, rules, maxBytes);
  const downloads = await downloadFiles(taken, { place, request, options, maxBytes });
  const opened = await openDownloads(downloads.entered, { place, options, rules, inside });
  const files = opened.files.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const left = [...leftOut, ...downloads.leftOut, ...opened.leftOut];
  if (files.length === 0) throw nothingLeft(`${request.repo} ${redactUrl(request.id)}`, left);
  assertChecksums(request, record, files);
  return { version: record.version, license: record.license, files, leftOut: left };
}

async function findRecord(place: CachePlace, request: FetchRequest, options: FetchOptions): Promise<KnownRecord> {
  if (options.offline === true) return loadRecord(place, request);
  const record = keyRecord(await resolveRecord(request, options));
  await storeRecord(place, request, record);
  return record;
}

/** The names of archives that stand for a record, and of files that have none yet, are not judged. */
function selectRecord({ wanted }: KnownRecord, rules: FileRules, maxBytes: number) {
  const listed = wanted.map((one) => ({ ...one, name: one.file.name, size: one.file.size }));
  const isNamed = listed.every(({ file }) => file.tree === undefined && file.unnamed === undefined);
  return selectFiles(listed, isNamed ? rules : compileFilters({}), { maxBytes, thrifty: true });
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
