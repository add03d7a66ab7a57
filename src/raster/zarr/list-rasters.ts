import type { Hierarchy } from './hierarchy.js';
import { parseMultiscales } from './multiscales.js';
import { nestedRasters, rasterNames } from './raster-variables.js';

/**
 * Paths of the raster variables of a hierarchy; those of its groups where the root has none. Empty for an array and for a
 * group whose children cannot be listed. Errors: those of reading metadata.
 */
export async function rastersIn(hierarchy: Hierarchy): Promise<readonly string[]> {
  const { root } = hierarchy;
  if (root.kind === 'array') return [];
  const own = (await rasterNames(hierarchy, root, parseMultiscales(root.attributes)))?.names ?? [];
  return own.length > 0 ? own : nestedRasters(hierarchy, root);
}
