import { createHash, createHmac } from 'node:crypto';
import type { HttpHeaders } from '../http-request.js';

/** Keys that requests are signed with; secret. */
export type S3Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
};

/** What the signature of a request covers. */
export type RequestToSign = {
  readonly method: string;
  /** Path segments and query already percent-encoded as RFC 3986 has it (`encodeKey`). */
  readonly url: string;
  /** Headers to cover besides host and those that signing adds. */
  readonly headers: HttpHeaders;
  readonly region: string;
  /** SHA-256 of the body in hex; left out: an empty body. */
  readonly bodyHash?: string;
  /** Milliseconds since 1970. */
  readonly now: number;
};

const EMPTY_HASH = createHash('sha256').update('').digest('hex');

/**
 * Headers of an S3 request signed with AWS Signature Version 4 (its "authorization header" form, service `s3`): the
 * given ones and `authorization`, `x-amz-date`, `x-amz-content-sha256`, with a session token `x-amz-security-token`.
 */
export function signV4(request: RequestToSign, credentials: S3Credentials): HttpHeaders {
  const { host, pathname, searchParams } = new URL(request.url);
  const timestamp = new Date(request.now).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const bodyHash = request.bodyHash ?? EMPTY_HASH;
  const token = credentials.sessionToken;
  const added: HttpHeaders = {
    'x-amz-content-sha256': bodyHash,
    'x-amz-date': timestamp,
    ...(token === undefined ? {} : { 'x-amz-security-token': token }),
  };
  const covered = Object.entries({ ...request.headers, ...added, host })
    .map(([name, value]) => [name.toLowerCase(), value.trim().replace(/\s+/g, ' ')] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const names = covered.map(([name]) => name).join(';');
  const canonical = [
    request.method,
    pathname,
    canonicalQuery(searchParams),
    ...covered.map(([name, value]) => `${name}:${value}`),
    '',
    names,
    bodyHash,
  ].join('\n');
  const scope = `${timestamp.slice(0, 8)}/${request.region}/s3/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', timestamp, scope, sha256(canonical)].join('\n');
  const signature = hmac(signingKey(credentials, timestamp.slice(0, 8), request.region), text).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope},SignedHeaders=${names},Signature=${signature}`;
  return { ...request.headers, ...added, authorization };
}

/** An object's key as a URL path: everything but letters, digits, `-._~` and the slashes is escaped. */
export function encodeKey(key: string): string {
  return key.split('/').map(encodePart).join('/');
}

function encodePart(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}

function canonicalQuery(parameters: URLSearchParams): string {
  return [...parameters]
    .map(([name, value]) => `${encodePart(name)}=${encodePart(value)}`)
    .sort()
    .join('&');
}

function signingKey(credentials: S3Credentials, day: string, region: string): Buffer {
  const steps = [day, region, 's3', 'aws4_request'];
  return steps.reduce<Buffer>((key, step) => hmac(key, step), Buffer.from(`AWS4${credentials.secretAccessKey}`));
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
