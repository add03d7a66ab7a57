import type { SourceFactory } from '../../io/byte-source.js';
import { openHierarchy } from './hierarchy.js';
import { parseMultiscales } from './multiscales.js';
import { rootUrl } from './node-url.js';
import { rasterNames } from './raster-variables.js';

/**
 * Names of the raster variables of a Zarr group, each of which opens alone; empty for an array and for a group whose
 * children cannot be listed. Errors: as opening the group.
 */
export async function listRasters(
  sources: SourceFactory,
  url: string,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const hierarchy = await openHierarchy(sources, rootUrl(url), signal);
  const { root } = hierarchy;
  if (root.kind === 'array') return [];
  return (await rasterNames(hierarchy, root, parseMultiscales(root.attributes)))?.names ?? [];
}
