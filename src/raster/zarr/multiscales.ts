import type { Affine } from '../../grid/affine.js';
import { isObject, member, numbers, text, type JsonObject } from './json.js';
import { isNodePath } from './node-url.js';

/** One resolution of a multiscales group: the path of its array or group ('' for the group itself), and where its pixels are, if stated. */
export type ScaleEntry = {
  readonly asset: string;
  readonly transform: Affine | null;
  /** Pixel steps of `derivedFrom` per pixel, in array order of the spatial dimensions, or null. */
  readonly scale: readonly number[] | null;
  readonly derivedFrom: string | null;
};

/** More levels than any pyramid has. */
const MAX_LEVELS = 64;

/**
 * Read the attribute `multiscales`: the zarr-conventions form (`{ layout: [{ asset }] }`) or the older list of datasets
 * (`[{ datasets: [{ path }] }]`). Null where there is none; entries whose path leaves the group are left out.
 */
export function parseMultiscales(attributes: JsonObject): readonly ScaleEntry[] | null {
  const value = member(attributes, 'multiscales');
  const first: unknown = Array.isArray(value) ? value[0] : value;
  if (!isObject(first)) return null;
  const list = member(first, 'layout') ?? member(first, 'datasets');
  if (!Array.isArray(list) || list.length === 0) return null;
  return list.slice(0, MAX_LEVELS).flatMap((entry: unknown) => (isObject(entry) ? parseEntry(entry) : []));
}

function parseEntry(entry: JsonObject): ScaleEntry[] {
  const asset = ownPath(text(entry, 'asset') ?? text(entry, 'path'));
  if (asset === null || (asset !== '' && !isNodePath(asset))) return [];
  const stated = numbers(member(entry, 'spatial:transform'));
  const relative = member(entry, 'transform');
  return [
    {
      asset,
      transform: stated?.length === 6 ? (stated as readonly number[] as Affine) : null,
      scale: isObject(relative) ? numbers(member(relative, 'scale')) : null,
      derivedFrom: ownPath(text(entry, 'derived_from')),
    },
  ];
}

/** "." names the group itself, as '' does. */
function ownPath(path: string | null): string | null {
  return path === '.' ? '' : path;
}
