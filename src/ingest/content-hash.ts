import { createHash } from 'node:crypto';

/** One hash of whatever JSON can say. */
export function contentHash(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
