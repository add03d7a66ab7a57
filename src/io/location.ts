import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { CubeError, redactUrl } from '../errors.js';

/** A scheme of two letters or more; one letter and a colon is a Windows drive. */
const SCHEME = /^([a-z][a-z0-9+.-]+):/i;

/** The scheme of a location in lower case (`https`, `s3`, `file`), or null for a plain path. */
export function schemeOf(location: string): string | null {
  return SCHEME.exec(location)?.[1]?.toLowerCase() ?? null;
}

/** True for plain paths and `file:` URLs. */
export function isLocal(location: string): boolean {
  const scheme = schemeOf(location);
  return scheme === null || scheme === 'file';
}

/**
 * The absolute URL of a path or reference found at `base` (a URL or path of the document that names it; a folder ends in
 * a slash). Beside a local base the text is a path and taken literally, so `a b#1%.tif` names that very file; beside a
 * remote base it is a URL reference (RFC 3986 §5), in which stray spaces and percent signs are encoded. S3 keys have
 * neither query nor fragment: `?` and `#` belong to the key. Problem: `invalid-argument` for text that is no URL.
 */
export function resolveLocation(text: string, base: string): string {
  const scheme = schemeOf(text);
  if (scheme === null && isLocal(base)) {
    const folder = base.endsWith('/') ? pathOfUrl(base) : dirname(pathOfUrl(base));
    return fileUrl(resolve(folder, text), text.endsWith('/'));
  }
  if (scheme === 'file') return fileUrl(pathOfUrl(text), text.endsWith('/'));
  const s3 = scheme === 's3' || (scheme === null && schemeOf(base) === 's3');
  const encoded = encodeStrayPercent(s3 ? encodeKeyMarks(text) : text);
  const from = scheme === null ? (schemeOf(base) === 's3' ? encodeKeyMarks(base) : base) : undefined;
  if (!URL.canParse(encoded, from)) {
    throw new CubeError({ kind: 'invalid-argument', what: `"${redactUrl(text)}" is neither a path nor a URL` });
  }
  const url = new URL(encoded, from);
  if (s3) url.pathname = url.pathname.replaceAll(' ', '%20');
  return url.href;
}

/** The path of a local location (a `file:` URL or a plain path, which passes unchanged). */
export function pathOfUrl(url: string): string {
  const scheme = schemeOf(url);
  if (scheme === null) return url;
  if (scheme !== 'file') {
    throw new CubeError({ kind: 'invalid-argument', what: `${scheme}: locations are not local files` });
  }
  try {
    return fileURLToPath(encodeStrayPercent(url));
  } catch (cause) {
    throw new CubeError({ kind: 'invalid-argument', what: `"${redactUrl(url)}" is not a local file URL` }, { cause });
  }
}

/**
 * The URL (or path) of the member `key` of the container `base`: `joinUrl('https://host/a.zarr?sig=1', 'c/0/0')` is
 * `https://host/a.zarr/c/0/0?sig=1`. The key is literal, so it is encoded. A key with `.` or `..` is `forbidden`.
 */
export function joinUrl(base: string, key: string): string {
  const segments = key.split('/').filter((segment) => segment !== '');
  if (segments.some((segment) => segment === '.' || segment === '..')) {
    throw new CubeError({ kind: 'forbidden', url: base, what: `the key "${key}" leaves its container` });
  }
  if (segments.length === 0) return base;
  if (schemeOf(base) === null) return [base.replace(/\/+$/, ''), ...segments].join('/');
  const end = schemeOf(base) === 's3' ? base.length : indexOfTail(base);
  const encoded = segments.map((segment) => encodeURIComponent(segment)).join('/');
  return `${base.slice(0, end).replace(/\/+$/, '')}/${encoded}${base.slice(end).replace(/#.*$/, '')}`;
}

function fileUrl(path: string, folder: boolean): string {
  const { href } = pathToFileURL(path);
  return folder && !href.endsWith('/') ? `${href}/` : href;
}

/** A `%` that begins no escape stands for itself. */
function encodeStrayPercent(text: string): string {
  return text.replace(/%(?![0-9a-f]{2})/gi, '%25');
}

function encodeKeyMarks(text: string): string {
  return text.replaceAll('?', '%3F').replaceAll('#', '%23');
}

function indexOfTail(url: string): number {
  const index = url.search(/[?#]/);
  return index < 0 ? url.length : index;
}
