import type { Problem } from '../errors.js';
import { formatRange, spanOf } from './byte-range.js';
import type { ByteRange, ObjectIdentity, ReadResult } from './byte-source.js';
import { parseContentRange, type ContentRange } from './content-range.js';
import { parseLength, type HttpHeaders, type HttpResponse } from './http-request.js';
import { parseRetryAfter } from './retry-after.js';
import { attemptError } from './retry-hint.js';

/** A whole object of at most so many bytes is taken from a server that ignores Range. */
export const WHOLE_BYTES = 8 * 1024 * 1024;

/** Error pages longer than this are cut off. */
const ERROR_PAGE_BYTES = 64 * 1024;

/** What an HTTP answer means for the range that was asked for. */
export type Answer =
  | { readonly kind: 'result'; readonly result: ReadResult }
  /** The server ignored Range and sent the whole object; `result` is the part that was asked for. */
  | { readonly kind: 'whole'; readonly result: ReadResult; readonly whole: ReadResult }
  /** The server refused the range without telling the object's size, which decides what that means. */
  | { readonly kind: 'size-unknown' };

/** Value of the Range header (RFC 9110 §14.1.2), null for the whole object. Empty ranges ask for one byte: HTTP has none. */
export function rangeHeader(range: ByteRange): string | null {
  if (range === 'all') return null;
  if ('suffix' in range) return `bytes=-${Math.max(1, range.suffix)}`;
  return `bytes=${range.offset}-${range.offset + Math.max(1, range.length) - 1}`;
}

/** The longest body that can be an answer to the range, by status. `maxObjectBytes` bounds a read of everything. */
export function longestBody(range: ByteRange, maxObjectBytes: number): (status: number) => number {
  const asked = range === 'all' ? maxObjectBytes : Math.max(1, 'suffix' in range ? range.suffix : range.length);
  return (status) => {
    if (status === 206) return asked;
    if (status === 200) return range === 'all' ? maxObjectBytes : Math.max(WHOLE_BYTES, asked);
    return ERROR_PAGE_BYTES;
  };
}

/**
 * What a server's answer to a range means. Throws `not-found`, `denied`, `network` (408, 429, 5xx), `budget` (an object
 * too long to read whole) or `bad-response`, with advice about another attempt.
 */
export function readAnswer(url: string, range: ByteRange, response: HttpResponse, maxObjectBytes: number): Answer {
  const { status, headers } = response;
  if (status !== 200 && status !== 206) return readRefusal(url, range, response);
  const encoding = headers['content-encoding']?.trim().toLowerCase();
  if (encoding !== undefined && encoding !== '' && encoding !== 'identity') {
    throw bad(url, `the body is compressed (Content-Encoding: ${encoding}); store the object without it`);
  }
  return status === 206 ? readPartial(url, range, response) : readWhole(url, range, response, maxObjectBytes);
}

function readPartial(url: string, range: ByteRange, response: HttpResponse): Answer {
  const { headers, bytes, complete } = response;
  if (range === 'all') throw bad(url, 'answered 206 to a request without Range');
  if (/^multipart\//i.test(headers['content-type'] ?? '')) throw bad(url, 'answered one range with a multipart body');
  const found = parseContentRange(headers['content-range']);
  if (found === null || found.span === null) {
    throw bad(url, `answered 206 with ${found === null ? 'no valid' : 'an empty'} Content-Range`, true);
  }
  if (found.size === null) throw bad(url, 'Content-Range hides the size of the object; serve it as a plain file');
  const { first, last } = found.span;
  const asked = spanOf(
    'suffix' in range ? { suffix: Math.max(1, range.suffix) } : { ...range, length: Math.max(1, range.length) },
    found.size,
  );
  if (first !== asked.start || last !== asked.end - 1) {
    throw bad(url, `asked for ${formatRange(range)}, Content-Range is ${first}-${last}/${found.size}`, true);
  }
  const length = last - first + 1;
  if (!complete || bytes.length !== length) {
    throw bad(
      url,
      `the body has ${complete ? bytes.length : 'more than'} ${complete ? 'of ' : ''}${length} bytes`,
      true,
    );
  }
  const { start, end } = spanOf(range, found.size);
  const wanted = end - start === length ? bytes : bytes.subarray(0, end - start);
  return { kind: 'result', result: { bytes: wanted, size: found.size, ...versionOf(headers) } };
}

function readWhole(url: string, range: ByteRange, response: HttpResponse, maxObjectBytes: number): Answer {
  const { headers, bytes, complete } = response;
  if (!complete) {
    if (range !== 'all') {
      if ('suffix' in range) return { kind: 'size-unknown' };
      throw bad(
        url,
        `ignores Range, and the object is longer than ${WHOLE_BYTES} bytes; use a server that answers 206, or a local copy`,
      );
    }
    const needed = parseLength(headers['content-length']) ?? maxObjectBytes + 1;
    const fix = 'read it by ranges, or raise maxObjectBytes';
    throw attemptError({ kind: 'budget', what: `reading ${url} whole`, needed, limit: maxObjectBytes, fix }, {});
  }
  const whole: ReadResult = { bytes, size: bytes.length, ...versionOf(headers) };
  if (range === 'all') return { kind: 'result', result: whole };
  const { start, end } = spanOf(range, bytes.length);
  return { kind: 'whole', whole, result: { ...whole, bytes: bytes.subarray(start, end) } };
}

function readRefusal(url: string, range: ByteRange, { status, headers, bytes }: HttpResponse): Answer {
  if (status === 416) return readUnsatisfied(url, range, headers);
  const suffix = range !== 'all' && 'suffix' in range;
  if (suffix && (status === 400 || status === 501)) return { kind: 'size-unknown' }; // Azure knows no suffix ranges
  const code = errorCode(bytes);
  const what = `answered ${status}${code === null ? '' : ` ${code}`}`;
  if (status === 404 || status === 410) throw attemptError({ kind: 'not-found', url }, {});
  // Azure says 409 where it lets nobody in who brings no signature.
  if (status === 401 || status === 403 || status === 407 || code === 'PublicAccessNotPermitted') {
    const fix = `${code === null ? '' : `${code}: `}give credentials or a sign hook that may read it`;
    throw attemptError({ kind: 'denied', url, status, fix }, {});
  }
  if (status === 408 || status === 429 || status >= 500) {
    const afterMs = parseRetryAfter(headers['retry-after'], Date.now());
    const load = status === 429 ? 'rate' : status === 503 ? 'busy' : null;
    throw attemptError({ kind: 'network', url, what, attempts: 1 }, { again: true, load, afterMs });
  }
  throw bad(url, what);
}

/** RFC 9110 §15.5.17: a 416 should tell the size; a range that begins at or behind the end has no bytes. */
function readUnsatisfied(url: string, range: ByteRange, headers: HttpHeaders): Answer {
  const found: ContentRange | null = parseContentRange(headers['content-range']);
  if (found === null || found.size === null) return { kind: 'size-unknown' };
  const { start, end } = spanOf(range, found.size);
  if (end > start) throw bad(url, `answered 416 to ${formatRange(range)} of ${found.size}`);
  return { kind: 'result', result: { bytes: new Uint8Array(0), size: found.size, ...versionOf(headers) } };
}

function versionOf(headers: HttpHeaders): Omit<ObjectIdentity, 'size'> {
  const modifiedMs = Date.parse(headers['last-modified'] ?? '');
  return { etag: etagOf(headers), ...(Number.isNaN(modifiedMs) ? {} : { modifiedMs }) };
}

/** The ETag without its weakness mark, which caches add and drop; where there is none, the time of the last change. */
function etagOf(headers: HttpHeaders): string | null {
  const etag = headers['etag']?.trim().replace(/^W\//, '');
  if (etag !== undefined && etag !== '') return etag;
  const modified = headers['last-modified']?.trim();
  return modified === undefined || modified === '' ? null : `last-modified:${modified}`;
}

/** The `<Code>` of an S3 or Azure error page. Letters only, so that no secret can ride along. */
function errorCode(page: Uint8Array): string | null {
  const text = new TextDecoder().decode(page.subarray(0, 4096));
  return /<Code>([A-Za-z]{1,60})<\/Code>/.exec(text)?.[1] ?? null;
}

function bad(url: string, what: string, again = false) {
  return attemptError({ kind: 'bad-response', url, what } satisfies Problem, { again });
}
