import { isAbsolute, relative, resolve, sep, win32 } from 'node:path';
import { CubeError } from '../errors.js';
import { isLocal, schemeOf } from './location.js';
import { isPrivateHost } from './private-address.js';

/** Schemes that a remote catalogue may name. */
const REMOTE = new Set(['http', 'https', 's3']);

/**
 * May the document at `declaredBy` (a URL or path) name `href` (an absolute URL or a path)? A local document may name
 * anything. A remote one may not name local files, nor private, loopback, link-local or metadata addresses, except at
 * its own origin or one in `allowedOrigins`. Host names are judged again when they are looked up. Problem: `forbidden`.
 */
export function assertAccess(href: string, declaredBy: string, allowedOrigins: readonly string[] = []): void {
  if (isLocal(declaredBy)) return;
  const scheme = schemeOf(href);
  const fail = (what: string) => new CubeError({ kind: 'forbidden', url: href, what });
  if (scheme === null || scheme === 'file') throw fail('a remote catalogue may not name local files');
  if (!REMOTE.has(scheme)) throw fail(`a remote catalogue may not name ${scheme}: locations`);
  if (scheme === 's3') return;
  if (!URL.canParse(href)) throw fail('not a URL');
  const origin = originOf(href);
  if (origin === originOf(declaredBy) || allowedOrigins.includes(origin)) return;
  if (isPrivateHost(new URL(href).hostname)) {
    throw fail('a remote catalogue may not name a private address other than its own; copy it or open it yourself');
  }
}

/** Origin of an http(s) URL (`https://host:port`); scheme and host for others (`s3://bucket`). */
export function originOf(url: string): string {
  const { origin, protocol, host } = new URL(url);
  return origin === 'null' ? `${protocol}//${host}` : origin;
}

/**
 * The absolute path of the member `path` of the folder or archive at `root`. Problem: `forbidden` where the member lies
 * outside (absolute, `..`, a drive, a NUL). Links are not followed here.
 */
export function assertInside(root: string, path: string): string {
  const fail = () =>
    new CubeError({ kind: 'forbidden', url: root, what: `its member "${path.replaceAll('\0', '\\0')}" lies outside` });
  const plain = path.replaceAll('\\', '/');
  if (plain.includes('\0') || isAbsolute(plain) || win32.isAbsolute(path) || /^[a-z]:/i.test(path)) throw fail();
  const base = resolve(root);
  const way = relative(base, resolve(base, plain));
  if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) throw fail();
  return resolve(base, path);
}
