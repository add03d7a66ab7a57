import type { ReadResult, SourceFactory } from '../../io/byte-source.js';
import type { Raster } from '../raster.js';
import type { Hierarchy } from '../zarr/hierarchy.js';
import { parseMetadataJson } from '../zarr/json.js';
import type { IcechunkVersion } from '../../native/icechunk/types.js';
import { isIcechunk, openIcechunkHierarchy } from './open-icechunk.js';
import { openKerchunkJson, openKerchunkParquet } from './open-kerchunk.js';
import { isKerchunk } from './parse-kerchunk.js';

/** A store that is no plain Zarr and shows itself as a Zarr hierarchy. */
export type OpenedStore = { readonly hierarchy: Hierarchy; readonly driver: Raster['driver'] };

/**
 * The store of references in a folder, told by its name and files; null where it is none. `version` is that of an Icechunk
 * repository, the branch `main` where it is left out. Errors: those of reading its
 * metadata.
 */
export async function openReferenceFolder(
  sources: SourceFactory,
  url: string,
  { signal, version }: { readonly signal?: AbortSignal; readonly version?: IcechunkVersion } = {},
): Promise<OpenedStore | null> {
  if (isIcechunk(url)) return { hierarchy: await openIcechunkHierarchy(url, version), driver: 'icechunk' };
  if (!/\.(parquet|parq)\/?$/i.test(url)) return null;
  const hierarchy = await openKerchunkParquet(sources, url, signal);
  return hierarchy === null ? null : { hierarchy, driver: 'kerchunk' };
}

/** The store of references that a file is, told by its first bytes; null where it is none. Errors: those of reading it. */
export async function openReferenceFile(
  sources: SourceFactory,
  url: string,
  head: ReadResult,
  signal?: AbortSignal,
): Promise<OpenedStore | null> {
  if (!/^\s*\{/.test(Buffer.from(head.bytes.subarray(0, 64)).toString('latin1'))) return null;
  const whole =
    head.bytes.length === head.size
      ? head
      : await sources.open(url).read('all', signal === undefined ? {} : { signal });
  const json = parseMetadataJson(whole.bytes, url);
  return isKerchunk(json) ? { hierarchy: openKerchunkJson(json, url), driver: 'kerchunk' } : null;
}
