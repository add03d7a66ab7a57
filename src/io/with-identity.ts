import { CubeError } from '../errors.js';
import type { ByteSource, ObjectIdentity, ReadResult } from './byte-source.js';

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

/**
 * True unless two identities tell two versions of an object apart: by their sizes, by their ETags where both are known,
 * else by their times where both are.
 */
export function isSameObject(a: ObjectIdentity, b: ObjectIdentity): boolean {
  if (a.size !== b.size) return false;
  if (a.etag !== null && b.etag !== null) return a.etag === b.etag;
  return a.modifiedMs === undefined || b.modifiedMs === undefined || a.modifiedMs === b.modifiedMs;
}

/** Whether two identities say that an object is one and the same version, and not merely fail to tell two apart. */
export function isKnownSame(a: ObjectIdentity, b: ObjectIdentity): boolean {
  const told = (a.etag !== null && b.etag !== null) || (a.modifiedMs !== undefined && b.modifiedMs !== undefined);
  return told && isSameObject(a, b);
}

/** Which version of the object a read met. */
export function identityOf({ size, etag, modifiedMs }: ReadResult): ObjectIdentity {
  return { size, etag, ...(modifiedMs === undefined ? {} : { modifiedMs }) };
}

/** An identity in words, for messages. */
export function formatIdentity({ size, etag, modifiedMs }: ObjectIdentity): string {
  const time = modifiedMs === undefined ? '' : `, of ${new Date(modifiedMs).toISOString()}`;
  return `${size} bytes, ETag ${etag ?? 'unknown'}${time}`;
}
