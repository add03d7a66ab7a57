import { CubeError, redactUrl } from '../../errors.js';
import { abortedError } from '../../io/abort.js';
import { parseContentRange } from '../../io/content-range.js';
import { transportError } from '../../io/http-errors.js';
import { parseLength, type HttpHeaders } from '../../io/http-request.js';
import { attemptError } from '../../io/retry-hint.js';
import type { CacheEntry } from './cache-entry.js';
import { Digests } from './digests.js';
import { dispositionName } from './disposition-name.js';
import type { BodyAnswer, DownloadClient } from './download-client.js';
import type { FileVersion, PartialFile } from './partial-file.js';
import type { RemoteFile } from './remote-file.js';

/** How an attempt ended that did not fail. */
export type Received =
  | {
      readonly kind: 'whole';
      readonly sha256: string;
      readonly other: string | null;
      readonly version: FileVersion;
      /** What the server calls the file, or null. */
      readonly givenName: string | null;
    }
  /** It is still the file of the entry that is known. */
  | { readonly kind: 'unchanged'; readonly entry: CacheEntry }
  | { readonly kind: 'too-long'; readonly size: number };

/** What an attempt needs beside the part. */
export type ReceiveContext = {
  readonly client: DownloadClient;
  readonly known: CacheEntry | null;
  readonly maxBytes: number;
  readonly onBytes: (bytes: number) => void;
  readonly signal?: AbortSignal;
};

/** Digests of the bytes so far; replaced where the file begins anew. */
type Running = { digests: Digests };

/**
 * One attempt to complete a part: the rest of it, where the server still has that version (Range with If-Range, RFC 9110 §13.1.5),
 * else all of it. What has come stays in the part when the attempt fails.
 */
export async function receiveBody(
  part: PartialFile,
  running: Running,
  file: RemoteFile,
  context: ReceiveContext,
): Promise<Received> {
  const { client, known, signal } = context;
  const url = redactUrl(file.url);
  const answer = await client.open(file.url, headersFor(part, known, file.checksum !== null), signal);
  const { status, headers, body } = answer;
  try {
    if (status === 304)
      return known === null ? refuse(url, 'answered 304 unasked') : { kind: 'unchanged', entry: known };
    const version = { etag: headers['etag'] ?? null, lastModified: headers['last-modified'] ?? null };
    if (status === 416) return await endOf(part, running, { url, headers, file }, context);
    const total = status === 206 ? totalOf(part, { url, headers, version }) : parseLength(headers['content-length']);
    if (status === 200) await beginAnew(part, running, { file, version }, context);
    if (total !== null && total > context.maxBytes) return { kind: 'too-long', size: total };
    return await readBody(part, running, { answer, file, total, version: part.version ?? version }, context);
  } finally {
    body.destroy();
  }
}

/**
 * A weak ETag does not promise the same bytes, so no range may rest on it (RFC 9110 §13.1.5). Where the server says nothing of versions
 * a published checksum tells in the end.
 */
function headersFor(part: PartialFile, known: CacheEntry | null, checked: boolean): HttpHeaders {
  const { etag = null, lastModified = null } = part.version ?? {};
  const strong = etag !== null && !etag.startsWith('W/') ? etag : lastModified;
  if (part.length > 0 && (strong !== null || checked)) {
    return { range: `bytes=${part.length}-`, ...(strong === null ? {} : { 'if-range': strong }) };
  }
  if (known === null) return {};
  return {
    ...(known.etag === null ? {} : { 'if-none-match': known.etag }),
    ...(known.lastModified === null ? {} : { 'if-modified-since': known.lastModified }),
  };
}

async function beginAnew(
  part: PartialFile,
  running: Running,
  { file, version }: { readonly file: RemoteFile; readonly version: FileVersion },
  { onBytes }: ReceiveContext,
): Promise<void> {
  onBytes(-part.length);
  running.digests = new Digests(file.checksum);
  await part.restart(version);
}

type Place = { readonly url: string; readonly headers: HttpHeaders };

/** The size of the object, of a 206 that goes on where the part ends, in the same version. */
function totalOf(part: PartialFile, { url, headers, version }: Place & { readonly version: FileVersion }): number {
  const range = parseContentRange(headers['content-range']);
  if (range === null || range.span === null || range.size === null || range.span.first !== part.length) {
    refuse(url, `asked for the bytes from ${part.length} on, Content-Range is "${headers['content-range'] ?? ''}"`);
  }
  const { etag = null } = part.version ?? {};
  if (etag !== null && version.etag !== null && etag !== version.etag) {
    refuse(url, 'went on with another version of the file');
  }
  return range.size;
}

/** A part that was complete already is answered 416. */
async function endOf(
  part: PartialFile,
  running: Running,
  { url, headers, file }: Place & { readonly file: RemoteFile },
  context: ReceiveContext,
): Promise<Received> {
  const version = part.version ?? { etag: null, lastModified: null };
  if (parseContentRange(headers['content-range'])?.size === part.length) {
    return { kind: 'whole', ...running.digests.digest(), version, givenName: dispositionName(headers) };
  }
  await beginAnew(part, running, { file, version }, context);
  throw attemptError({ kind: 'bad-response', url, what: 'answered 416 to a range inside the file' }, { again: true });
}

type Body = {
  readonly answer: BodyAnswer;
  readonly file: RemoteFile;
  readonly total: number | null;
  readonly version: FileVersion;
};

async function readBody(
  part: PartialFile,
  running: Running,
  { answer, file, total, version }: Body,
  { maxBytes, onBytes, signal }: ReceiveContext,
): Promise<Received> {
  const url = redactUrl(file.url);
  const { size } = file;
  try {
    for await (const piece of answer.body) {
      const length = part.length + piece.length;
      if (length > maxBytes) return { kind: 'too-long', size: length };
      if (size !== null && length > size) {
        throw new CubeError({ kind: 'changed', url, expected: `${size} bytes`, found: `at least ${length} bytes` });
      }
      await part.append(piece);
      running.digests.update(piece);
      onBytes(piece.length);
    }
  } catch (error) {
    if (signal?.aborted === true) throw abortedError(signal);
    throw transportError(url, error);
  }
  const expected = size ?? total;
  if (expected !== null && part.length < expected && part.length < (total ?? Infinity)) {
    const what = `the body ended after ${part.length} of ${expected} bytes`;
    throw attemptError({ kind: 'network', url, what, attempts: 1 }, { again: true });
  }
  return { kind: 'whole', ...running.digests.digest(), version, givenName: dispositionName(answer.headers) };
}

function refuse(url: string, what: string): never {
  throw attemptError({ kind: 'bad-response', url, what }, {});
}
