import type { VirtualChecksum } from '../../native/icechunk/refs.js';
import type { ReferencedFile } from '../../raster/chunk-ref.js';

/**
 * What a virtual chunk of a file says of its version, or null where nothing is known. Strict HTTP servers refuse ETags as
 * Icechunk sends them, so that only S3 is asked for them.
 */
export function checksumOf({ url, identity, guard }: ReferencedFile): VirtualChecksum | null {
  if (guard?.notAfterMs != null) return { kind: 'last-modified', timeMs: guard.notAfterMs };
  if (guard?.etag != null) return { kind: 'etag', etag: guard.etag };
  if (identity?.modifiedMs !== undefined) return { kind: 'last-modified', timeMs: identity.modifiedMs };
  if (identity?.etag != null && url.startsWith('s3:')) return { kind: 'etag', etag: identity.etag.replaceAll('"', '') };
  return null;
}
