import type { SourceFactory } from '../../io/byte-source.js';
import { openHierarchy, type Hierarchy } from './hierarchy.js';
import { listChildren } from './list-children.js';
import { parseMultiscales } from './multiscales.js';
import { joinPath, rootUrl } from './node-url.js';
import { rasterNames } from './raster-variables.js';

/**
 * Names of the raster variables of a Zarr store, each of which opens alone; empty for an array and for a group whose
 * children cannot be listed. Errors: as opening the group.
 */
export async function listRasters(
  sources: SourceFactory,
  url: string,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  return rastersIn(await openHierarchy(sources, rootUrl(url), signal));
}

/** As `listRasters`, of a hierarchy that is open: paths below its root, in groups too where the root itself has none. */
export async function rastersIn(hierarchy: Hierarchy): Promise<readonly string[]> {
  const { root } = hierarchy;
  if (root.kind === 'array') return [];
  const own = (await rasterNames(hierarchy, root, parseMultiscales(root.attributes)))?.names ?? [];
  if (own.length > 0) return own;
  const children = (await listChildren(hierarchy, '', root.url)) ?? [];
  const found: string[] = [];
  for (const path of children) {
    const node = await hierarchy.node(path);
    if (node?.kind !== 'group') continue;
    const names = (await rasterNames(hierarchy, node, parseMultiscales(node.attributes)))?.names ?? [];
    found.push(...names.map((name) => joinPath(path, name)));
  }
  return found;
}
