import { CubeError } from '../errors.js';
import type { ByteSource, ObjectIdentity } from './byte-source.js';

/**
 * Refuses bytes of another version of the object than the one that was planned with: `changed` where the size differs,
 * or the ETag where both are known.
 */
export function withIdentity(source: ByteSource, expected: ObjectIdentity): ByteSource {
  return {
    url: source.url,
    async read(range, options) {
      const result = await source.read(range, options);
      if (isSameObject(expected, result)) return result;
      throw new CubeError({
        kind: 'changed',
        url: source.url,
        expected: formatIdentity(expected),
        found: formatIdentity(result),
      });
    },
  };
}

/** True unless two identities tell two versions of an object apart. */
export function isSameObject(a: ObjectIdentity, b: ObjectIdentity): boolean {
  return a.size === b.size && (a.etag === null || b.etag === null || a.etag === b.etag);
}

function formatIdentity({ size, etag }: ObjectIdentity): string {
  return `${size} bytes, etag ${etag ?? 'unknown'}`;
}
