import { stat, utimes } from 'node:fs/promises';
import { CubeError, isCubeError, redactUrl } from '../../errors.js';
import type { ByteSource } from '../../io/byte-source.js';
import { withLimit } from '../../io/with-limit.js';
import { withRetries, type RetryOptions } from '../../io/with-retries.js';
import { findEntry, touchEntry, writeEntry, type CacheEntry } from './cache-entry.js';
import { objectPath, type CachePlace } from './cache-place.js';
import { Digests, gitHash } from './digests.js';
import type { DownloadClient } from './download-client.js';
import { receiveBody, type Received } from './receive-body.js';
import { PartialFile } from './partial-file.js';
import type { RemoteFile } from './remote-file.js';

/** A file to have in the cache, and the key of its entry. */
export type Wanted = { readonly file: RemoteFile; readonly key: string };

/** What downloads of one dataset share. */
export type DownloadContext = {
  readonly place: CachePlace;
  /** Null: nothing is asked for. */
  readonly client: DownloadClient | null;
  /** Download what is in the cache already, too. */
  readonly force: boolean;
  readonly maxBytes: number;
  readonly retries: RetryOptions;
  /** Bytes more, or fewer where a download begins anew. */
  readonly onBytes: (bytes: number) => void;
  readonly signal?: AbortSignal;
};

/** The entry of the file, or the size that is more than `maxBytes`. */
export type Downloaded =
  | { readonly kind: 'entry'; readonly entry: CacheEntry }
  | { readonly kind: 'too-long'; readonly size: number };

/** A round of attempts that brought at least so much is followed by another one. */
const PROGRESS_BYTES = 2 ** 20;

/**
 * Have a file in the cache. It is not asked for where its published checksum is known there, and only asked whether it has changed
 * where ETag or Last-Modified are. Problems: those of reading over HTTP; `changed` where size or checksum are not as published,
 * after which nothing of it is kept; `not-found` where it is not in the cache and there is no client.
 */
export async function downloadFile(wanted: Wanted, context: DownloadContext): Promise<Downloaded> {
  const { place, client, force } = context;
  const { file, key } = wanted;
  const known = await findEntry(place, key);
  if (known !== null && (client === null || (!force && file.checksum !== null))) {
    await touchEntry(place, key);
    context.onBytes(known.size);
    return { kind: 'entry', entry: known };
  }
  if (client === null) {
    const what = 'it is not in the cache, and the network may not be used; fetch it once without offline';
    throw new CubeError({ kind: 'not-found', url: redactUrl(file.url), what });
  }
  const part = await PartialFile.claim(`${place.partial}/${key}`);
  try {
    const received = await receiveWithRetries(part, wanted, { ...context, client, known: force ? null : known });
    if (received.kind === 'whole') return await keep(part, received, wanted, place);
    context.onBytes(-part.length);
    await part.discard();
    if (received.kind === 'too-long') return received;
    await touchEntry(place, key);
    context.onBytes(received.entry.size);
    return { kind: 'entry', entry: received.entry };
  } catch (error) {
    // A part that the server or the checksum disagrees with would only fail again.
    const useless = isCubeError(error, 'changed') || isCubeError(error, 'bad-response');
    await (useless ? part.discard() : part.release());
    throw error;
  }
}

type Receiving = DownloadContext & { readonly client: DownloadClient; readonly known: CacheEntry | null };

async function receiveWithRetries(part: PartialFile, wanted: Wanted, context: Receiving): Promise<Received> {
  for (let old = part.length > 0; ; old = false) {
    const running = await digestsOf(part, wanted.file, context);
    const received = await receiveInRounds(part, running, wanted, context);
    if (received.kind !== 'whole') return received;
    const fault = await faultOf(part, received, wanted.file, context.signal);
    if (fault === null) return received;
    // What an earlier process left may have been damaged since, or of another version: once more from the start.
    if (!old) throw changed(wanted.file, fault);
    context.onBytes(-part.length);
    await part.restart({ etag: null, lastModified: null });
  }
}

type Running = { digests: Digests };

async function digestsOf(part: PartialFile, file: RemoteFile, { signal, onBytes }: DownloadContext): Promise<Running> {
  const digests = new Digests(file.checksum);
  if (part.length > 0) await digests.updateFrom(part.path, signal);
  onBytes(part.length);
  return { digests };
}

/** Attempts with waits between them, as all reads have; and again as long as each round brings the file forward. */
async function receiveInRounds(
  part: PartialFile,
  running: Running,
  { file }: Wanted,
  context: Receiving,
): Promise<Received> {
  const { client, retries, signal } = context;
  let received: Received | null = null;
  const attempt: ByteSource = {
    url: file.url,
    read: async () => {
      received = await receiveBody(part, running, file, context);
      return { bytes: new Uint8Array(0), size: 0, etag: null };
    },
  };
  const source = withRetries(withLimit(attempt, client.limitOf(file.url)), retries);
  for (;;) {
    const before = part.length;
    try {
      await source.read('all', signal === undefined ? {} : { signal });
      return received!;
    } catch (error) {
      if (!isCubeError(error, 'network') || part.length < before + PROGRESS_BYTES) throw error;
    }
  }
}

type Fault = { readonly expected: string; readonly found: string };

/** How the received file differs from what was published. */
async function faultOf(
  part: PartialFile,
  { sha256, other }: Extract<Received, { kind: 'whole' }>,
  { size, checksum }: RemoteFile,
  signal?: AbortSignal,
): Promise<Fault | null> {
  if (size !== null && part.length !== size) return { expected: `${size} bytes`, found: `${part.length} bytes` };
  if (checksum === null) return null;
  const { algorithm, value } = checksum;
  const found = algorithm === 'git-sha1' ? await gitHash(part.path, signal) : (other ?? sha256);
  return found === value ? null : { expected: `${algorithm} ${value}`, found: `${algorithm} ${found}` };
}

function changed({ url }: RemoteFile, fault: Fault): CubeError {
  const fix = 'the file is not the one that was published; nothing of it was kept';
  return new CubeError({ kind: 'changed', url: redactUrl(url), ...fault, fix });
}

async function keep(
  part: PartialFile,
  { sha256, version, givenName }: Extract<Received, { kind: 'whole' }>,
  { file, key }: Wanted,
  place: CachePlace,
): Promise<Downloaded> {
  const size = part.length;
  const target = objectPath(place, sha256);
  const present = await stat(target).catch(() => null);
  if (present?.size === size) {
    const now = new Date();
    await utimes(target, now, now).catch(() => {}); // young again, so that no clean-up takes it before its entry is there
    await part.discard();
  } else await part.finish(target);
  const { url, checksum } = file;
  const name = file.unnamed === true ? (givenName ?? file.name) : file.name;
  const fetchedAt = new Date().toISOString();
  const entry = { key, name, url: redactUrl(url), ...version, size, checksum, sha256, fetchedAt };
  await writeEntry(place, entry);
  return { kind: 'entry', entry };
}
