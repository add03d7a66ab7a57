import { CubeError, isCubeError } from '../../errors.js';
import type { SourceFactory } from '../../io/byte-source.js';
import type { Raster } from '../raster.js';
import { openZarrHierarchy } from '../refs/manifest.js';
import type { Hierarchy, ZarrNode } from './hierarchy.js';
import { parseMultiscales, type ScaleEntry } from './multiscales.js';
import { isNodePath, joinPath, parentPath, parentUrl, rootUrl } from './node-url.js';
import { findScales, openPyramid } from './open-pyramid.js';
import { openVariable, type OpenContext } from './open-variable.js';
import { onlyRasterVariable } from './raster-variables.js';

/** What opening a Zarr array takes. */
export type OpenZarrOptions = {
  /** Path of the array below the group; may be left out where the group has exactly one raster variable. */
  readonly variable?: string;
  readonly signal?: AbortSignal;
};

/**
 * Open one array of a Zarr store (v2 or v3, consolidated or not) as a raster. `url` is a group or the array itself. A
 * group with `multiscales` gives one level a resolution. Errors: `not-found`, `invalid-argument` (which variable?),
 * `unsupported` (type, codec, grid, calendar, by name), `invalid-data`, and those of reading.
 */
export async function openZarr(sources: SourceFactory, url: string, options: OpenZarrOptions = {}): Promise<Raster> {
  assertVariable(options.variable);
  const opened = await openZarrHierarchy(sources, rootUrl(url), options.signal);
  if (opened.root.kind === 'group') return openInHierarchy(opened, sources, { ...options, driver: 'zarr' });
  if (options.variable !== undefined) throw noGroup(url, options.variable);
  const { hierarchy, node } = await withParent(opened, sources, options.signal);
  return openArray(node, { hierarchy, sources, signal: options.signal, problems: [], driver: 'zarr' });
}

/**
 * Open one array of a store that shows itself as a Zarr hierarchy: references, versioned repositories, files of other
 * formats. Options and errors as for `openZarr`.
 */
export async function openInHierarchy(
  hierarchy: Hierarchy,
  sources: SourceFactory,
  { variable, signal, driver }: OpenZarrOptions & { readonly driver: Raster['driver'] },
): Promise<Raster> {
  assertVariable(variable);
  const context: OpenContext = { hierarchy, sources, signal, problems: [], driver };
  const { root } = hierarchy;
  if (root.kind === 'group') return openFromGroup(context, variable ?? null);
  if (variable !== undefined) throw noGroup(root.url, variable);
  return openArray(root, context);
}

function assertVariable(variable: string | undefined): void {
  if (variable === undefined || isNodePath(variable)) return;
  throw new CubeError({ kind: 'invalid-argument', what: `"${variable}" is no path of a Zarr array` });
}

function noGroup(url: string, variable: string): CubeError {
  return new CubeError({ kind: 'invalid-argument', what: `${url} is an array, it has no variable "${variable}"` });
}

async function openFromGroup(context: OpenContext, variable: string | null): Promise<Raster> {
  const { root } = context.hierarchy;
  const scales = parseMultiscales(root.attributes);
  const node = variable === null ? null : await context.hierarchy.node(variable);
  if (node?.kind === 'array') return openArray(node, context);
  if (node?.kind === 'group') return openFromSubgroup(node, context);
  if (scales !== null) {
    const found = await findScales('', scales, variable, context);
    if (found.length > 0) return pyramid(found, context);
  }
  if (variable !== null) throw await noVariable(root, variable, context);
  const pick = await onlyRasterVariable(context.hierarchy, root, scales);
  if (pick.scaled) return pyramid(await findScales('', scales!, pick.name, context), context);
  return openArray((await context.hierarchy.node(pick.name))!, context);
}

/** `variable` names a group: its only raster variable, or its pyramid. */
async function openFromSubgroup(group: ZarrNode, context: OpenContext): Promise<Raster> {
  const scales = parseMultiscales(group.attributes);
  const found = scales === null ? [] : await findScales(group.path, scales, null, context);
  if (found.length > 0) return pyramid(found, context);
  const pick = await onlyRasterVariable(context.hierarchy, group, scales);
  if (pick.scaled) return pyramid(await findScales(group.path, scales!, pick.name, context), context);
  return openArray((await context.hierarchy.node(joinPath(group.path, pick.name)))!, context);
}

/**
 * An array may carry `multiscales` itself; the other resolutions are its siblings. Or its group does, which is one of the
 * resolutions: the others are groups below it.
 */
async function openArray(node: ZarrNode, context: OpenContext): Promise<Raster> {
  const parent = parentPath(node.path);
  const own = parseMultiscales(node.attributes);
  const group = own === null && node.path !== '' ? await context.hierarchy.node(parent) : null;
  const shared = group === null ? null : parseMultiscales(group.attributes);
  const name = node.path.slice(parent === '' ? 0 : parent.length + 1);
  const found =
    own !== null
      ? await findScales(parent, own, null, context)
      : shared?.some(({ asset }) => asset === '') === true
        ? await findScales(parent, shared, name, context)
        : [];
  if (found.some((scale) => scale.node.path === node.path)) return pyramid(found, context);
  const { level, dimensions, bands } = await openVariable(node, context);
  return raster({ url: node.url, levels: [level], dimensions, bands }, context);
}

async function pyramid(found: readonly { entry: ScaleEntry; node: ZarrNode }[], context: OpenContext): Promise<Raster> {
  const { finest, levels } = await openPyramid(found, context);
  const { dimensions, bands } = finest;
  return raster({ url: finest.level.url, levels, dimensions, bands }, context);
}

function raster(parts: Omit<Raster, 'driver' | 'masks' | 'problems'>, { driver, ...context }: OpenContext): Raster {
  const problems = [...new Set(context.problems)];
  return { ...parts, driver, masks: parts.levels.map(() => null), problems };
}

/** Coordinates and grid mappings are the array's siblings; without a readable parent the array stands alone. */
async function withParent(
  own: Hierarchy,
  sources: SourceFactory,
  signal: AbortSignal | undefined,
): Promise<{ hierarchy: Hierarchy; node: ZarrNode }> {
  const up = parentUrl(own.root.url);
  const alone = { hierarchy: own, node: own.root };
  if (up === null) return alone;
  try {
    const hierarchy = await openZarrHierarchy(sources, up.parent, signal);
    if (hierarchy.root.kind !== 'group' || hierarchy.root.version !== own.root.version) return alone;
    return { hierarchy, node: { ...own.root, path: up.name } };
  } catch (error) {
    const absent = ['not-found', 'denied', 'forbidden', 'invalid-data', 'io'] as const;
    if (absent.some((kind) => isCubeError(error, kind))) return alone;
    throw error;
  }
}

async function noVariable(root: ZarrNode, variable: string, { hierarchy }: OpenContext): Promise<CubeError> {
  const known = hierarchy.known?.slice(0, 50).join(', ');
  const what = `no variable "${variable}"${known === undefined ? '' : `; it has ${known}`}`;
  return new CubeError({ kind: 'not-found', url: root.url, what });
}
