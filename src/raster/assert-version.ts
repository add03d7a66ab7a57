import { CubeError } from '../errors.js';
import type { ObjectIdentity } from '../io/byte-source.js';
import { formatIdentity, isSameObject } from '../io/with-identity.js';
import type { ObjectGuard } from './chunk-ref.js';

/** Whether an object is the version that was planned with. What one side does not know decides nothing. Problem: `changed`. */
export function assertSame(url: string, expected: ObjectIdentity, found: ObjectIdentity): void {
  if (isSameObject(expected, found)) return;
  throw new CubeError({ kind: 'changed', url, expected: formatIdentity(expected), found: formatIdentity(found) });
}

/**
 * Whether an object is still the one that a reference was made of, as far as the reference and the object tell. Problem:
 * `changed`.
 */
export function assertGuard(url: string, guard: ObjectGuard, found: ObjectIdentity): void {
  const { notAfterMs, etag } = guard;
  if (etag !== null && found.etag !== null && bare(etag) !== bare(found.etag)) {
    throw new CubeError({ kind: 'changed', url, expected: `ETag ${etag}`, found: `ETag ${found.etag}` });
  }
  const { modifiedMs } = found;
  if (notAfterMs === null || modifiedMs === undefined || modifiedMs <= notAfterMs) return;
  const time = (ms: number) => new Date(ms).toISOString();
  throw new CubeError({
    kind: 'changed',
    url,
    expected: `not modified after ${time(notAfterMs)}`,
    found: time(modifiedMs),
  });
}

/** Stores of references drop the quotes of an ETag. */
function bare(etag: string): string {
  return etag.replace(/^"|"$/g, '');
}
