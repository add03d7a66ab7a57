import { CubeError, isCubeError } from '../../errors.js';
import { parseArrayMetadata } from './array-metadata.js';
import { findAxes } from './axes.js';
import type { Hierarchy, ZarrNode } from './hierarchy.js';
import { listChildren } from './list-children.js';
import type { ScaleEntry } from './multiscales.js';
import { joinPath } from './node-url.js';

/** The variable's name; `scaled` where it lies in the groups of a multiscales layout. */
export type Pick = { readonly name: string; readonly scaled: boolean };

/**
 * The only raster variable (an array with x and y that we can read) of a group, or of the finest group of its
 * multiscales. Errors: `no-data` where there is none, `invalid-argument` where there are several or none can be listed.
 */
export async function onlyRasterVariable(
  hierarchy: Hierarchy,
  group: ZarrNode,
  scales: readonly ScaleEntry[] | null,
): Promise<Pick> {
  const own = await rasterVariables(hierarchy, group);
  const first = scales?.[0];
  const finest = first === undefined ? null : await hierarchy.node(joinPath(group.path, first.asset));
  const scaled = finest?.kind === 'group' ? await rasterVariables(hierarchy, finest) : [];
  const [names, isScaled] = scaled !== null && scaled.length > 0 ? [scaled, true] : [own, false];
  const { url } = group;
  if (names === null) {
    const what = `${url} has no consolidated metadata, so its variables are not known`;
    throw new CubeError({ kind: 'invalid-argument', what, fix: 'name the variable' });
  }
  if (names.length === 0)
    throw new CubeError({ kind: 'no-data', what: `${url} has no raster variable`, fix: 'name an array' });
  if (names.length > 1) {
    const what = `${url} has ${names.length} raster variables: ${names.slice(0, 50).join(', ')}`;
    throw new CubeError({ kind: 'invalid-argument', what, fix: 'name one of them' });
  }
  return { name: names[0]!, scaled: isScaled };
}

/** Names of the raster variables directly in a group, sorted, or null where they cannot be listed. */
export async function rasterVariables(hierarchy: Hierarchy, group: ZarrNode): Promise<readonly string[] | null> {
  const paths = await listChildren(hierarchy, group.path, group.url);
  if (paths === null) return null;
  const nodes = await Promise.all(paths.map((path) => hierarchy.node(path)));
  return nodes
    .filter((node): node is ZarrNode => node?.kind === 'array' && isRaster(node, group))
    .map((node) => node.path.slice(node.path.lastIndexOf('/') + 1));
}

function isRaster(node: ZarrNode, group: ZarrNode): boolean {
  try {
    const metadata = parseArrayMetadata(node);
    return metadata.datetime === null && findAxes(metadata, [node.attributes, group.attributes]) !== null;
  } catch (error) {
    if (isCubeError(error)) return false;
    throw error;
  }
}
