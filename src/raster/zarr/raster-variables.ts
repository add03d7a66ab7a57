import { CubeError, isCubeError } from '../../errors.js';
import { parseArrayMetadata } from './array-metadata.js';
import { findAxes } from './axes.js';
import type { Hierarchy, ZarrNode } from './hierarchy.js';
import { listChildren } from './list-children.js';
import { parseMultiscales, type ScaleEntry } from './multiscales.js';
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
  const found = await rasterNames(hierarchy, group, scales);
  const { url } = group;
  if (found === null) {
    const what = `${url} has no consolidated metadata, so its variables are not known`;
    throw new CubeError({ kind: 'invalid-argument', what, fix: NAME_ONE });
  }
  const { names, scaled } = found;
  if (names.length === 1) return { name: names[0]!, scaled };
  if (names.length > 1) {
    const what = `${url} has ${names.length} raster variables: ${names.slice(0, 50).join(', ')}`;
    throw new CubeError({ kind: 'invalid-argument', what, fix: NAME_ONE });
  }
  const nested = await nestedRasters(hierarchy, group);
  if (nested.length > 0) {
    const what = `${url} has ${nested.length} raster variables in groups: ${nested.slice(0, 50).join(', ')}`;
    throw new CubeError({ kind: 'invalid-argument', what, fix: NAME_ONE });
  }
  const arrays = (await childArrays(hierarchy, group)) ?? [];
  const list = arrays.length === 0 ? 'no array' : `only ${arrays.slice(0, 50).map(nameOf).join(', ')}`;
  const what = `${url} has no raster variable (an array with dimensions x and y), ${list}`;
  throw new CubeError({ kind: 'no-data', what, fix: arrays.length === 0 ? 'name another group' : NAME_ONE });
}

const NAME_ONE = 'name one by --variable NAME, or as GROUP.zarr/NAME';

/** Names of the raster variables of a group, or of the finest group of its multiscales; null where they cannot be listed. */
export async function rasterNames(
  hierarchy: Hierarchy,
  group: ZarrNode,
  scales: readonly ScaleEntry[] | null,
): Promise<{ readonly names: readonly string[]; readonly scaled: boolean } | null> {
  const own = await rasterVariables(hierarchy, group);
  const first = scales?.[0];
  const finest = first === undefined ? null : await hierarchy.node(joinPath(group.path, first.asset));
  const scaled = finest?.kind === 'group' ? await rasterVariables(hierarchy, finest) : [];
  if (scaled !== null && scaled.length > 0) return { names: scaled, scaled: true };
  return own === null ? null : { names: own, scaled: false };
}

/** Paths of the raster variables in the groups directly below one, as far as they can be listed. */
export async function nestedRasters(hierarchy: Hierarchy, group: ZarrNode): Promise<string[]> {
  const found: string[] = [];
  for (const path of (await listChildren(hierarchy, group.path, group.url)) ?? []) {
    const node = await hierarchy.node(path);
    if (node?.kind !== 'group') continue;
    const names = (await rasterNames(hierarchy, node, parseMultiscales(node.attributes)))?.names ?? [];
    found.push(...names.map((name) => joinPath(path, name)));
  }
  return found;
}

/** Names of the raster variables directly in a group, sorted, or null where they cannot be listed. */
export async function rasterVariables(hierarchy: Hierarchy, group: ZarrNode): Promise<readonly string[] | null> {
  const arrays = await childArrays(hierarchy, group);
  return arrays?.filter((node) => isRaster(node, group)).map(nameOf) ?? null;
}

async function childArrays(hierarchy: Hierarchy, group: ZarrNode): Promise<readonly ZarrNode[] | null> {
  const paths = await listChildren(hierarchy, group.path, group.url);
  if (paths === null) return null;
  const nodes = await Promise.all(paths.map((path) => hierarchy.node(path)));
  return nodes.filter((node): node is ZarrNode => node?.kind === 'array');
}

function nameOf({ path }: ZarrNode): string {
  return path.slice(path.lastIndexOf('/') + 1);
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
