import { CubeError } from '../../errors.js';
import { schemeOf } from '../../io/location.js';

/**
 * The root of a store as it is used to build URLs: no trailing slash. A query or fragment is refused, because every
 * object below the root would need its own.
 */
export function rootUrl(url: string): string {
  const scheme = schemeOf(url);
  if ((scheme === 'http' || scheme === 'https') && /[?#]/.test(url)) {
    throw new CubeError({
      kind: 'unsupported',
      feature: 'a query or fragment in the URL of a Zarr store',
      url,
      fix: 'give the plain URL and sign requests with the sign hook',
    });
  }
  const bare = url.replace(/\/+$/, '');
  return bare === '' ? '/' : bare;
}

/** The URL one step up and the name of the last step, or null at the top of a host, bucket or disk. */
export function parentUrl(url: string): { readonly parent: string; readonly name: string } | null {
  const match = /^(.*[^/:])\/([^/]+)$/.exec(url);
  if (match === null) return null;
  const name = schemeOf(url) === null ? match[2]! : decodeStep(match[2]!);
  return isNodePath(name) ? { parent: match[1]!, name } : null;
}

/** True for a relative path that cannot leave its root: no empty, `.` or `..` step, no backslash, no NUL. */
export function isNodePath(path: string): boolean {
  return path.split('/').every((step) => step !== '' && step !== '.' && step !== '..' && !/[\\\0]/.test(step));
}

/** Join relative paths; '' is the root. */
export function joinPath(parent: string, name: string): string {
  if (name === '') return parent;
  return parent === '' ? name : `${parent}/${name}`;
}

/** The path without its last step; '' for a direct child of the root. */
export function parentPath(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

function decodeStep(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}
