import { isCubeError } from '../errors.js';
import type { SourceFactory } from '../io/byte-source.js';
import { firstReadLength } from './header-lengths.js';
import { openReferenceFile, openReferenceFolder } from './refs/open-references.js';
import { openHierarchy } from './zarr/hierarchy.js';
import { rastersIn } from './zarr/list-rasters.js';
import { rootUrl } from './zarr/node-url.js';

/**
 * Names of the raster variables of a store (Zarr, references), each of which opens alone; empty for an array and for a group
 * whose children cannot be listed. Errors: as opening the store.
 */
export async function listRasters(
  sources: SourceFactory,
  url: string,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const folder = await openReferenceFolder(sources, url, signal);
  if (folder !== null) return rastersIn(folder.hierarchy);
  const head = await readHead(sources, url, signal);
  const file = head === null ? null : await openReferenceFile(sources, url, head, signal);
  return rastersIn(file?.hierarchy ?? (await openHierarchy(sources, rootUrl(url), signal)));
}

/** Null where there is no such file: a folder, or nothing. */
async function readHead(sources: SourceFactory, url: string, signal: AbortSignal | undefined) {
  try {
    const range = { offset: 0, length: firstReadLength(sources, url) };
    return await sources.open(url).read(range, signal === undefined ? {} : { signal });
  } catch (error) {
    if (['not-found', 'io', 'denied'].some((kind) => isCubeError(error, kind as 'io'))) return null;
    throw error;
  }
}
