import type { PlaneAxes } from '../level.js';
import type { ArrayMetadata } from './array-metadata.js';
import type { Coordinate } from './coordinate.js';
import { member, strings, text, type JsonObject } from './json.js';

/** Dimension names that stand for columns, rows and bands, in lower case. */
const X_NAMES = new Set(['x', 'lon', 'longitude', 'easting', 'xc', 'projection_x_coordinate']);
const Y_NAMES = new Set(['y', 'lat', 'latitude', 'northing', 'yc', 'projection_y_coordinate']);
const BAND_NAMES = new Set(['band', 'bands', 'channel', 'channels', 'c']);

/** Each band becomes a record, so a hostile size must not become a list. */
const MAX_BANDS = 65_536;

/** CF standard names of 1-D coordinates of columns and rows (CF §4.1, §4.2, §5.6). */
const X_STANDARD = new Set(['projection_x_coordinate', 'longitude']);
const Y_STANDARD = new Set(['projection_y_coordinate', 'latitude']);

/**
 * Which dimensions are x, y and band: by `spatial:dimensions` (array, then group), then by name, then by what the
 * coordinates say of themselves (`axis`, `standard_name`). Null where there is no single x and y.
 */
export function findAxes(
  { dimensionNames: names, shape }: Pick<ArrayMetadata, 'dimensionNames' | 'shape'>,
  attributes: readonly JsonObject[],
  coordinates: readonly (Coordinate | null)[] = [],
): PlaneAxes | null {
  if (names === null) return null;
  const declared = declaredAxes(names, attributes);
  const x = declared?.x ?? onlyIndex(names, (name) => X_NAMES.has(name)) ?? described(coordinates, 'X', X_STANDARD);
  const y = declared?.y ?? onlyIndex(names, (name) => Y_NAMES.has(name)) ?? described(coordinates, 'Y', Y_STANDARD);
  if (x === null || y === null || x === y) return null;
  const band = onlyIndex(names, (name) => BAND_NAMES.has(name));
  const isBand = band !== null && band !== x && band !== y && shape[band]! <= MAX_BANDS;
  return { y, x, band: isBand ? band : null };
}

/** GeoZarr's spatial convention: the names of [y, x]; a third one in front (z) is not ours. */
function declaredAxes(
  names: readonly (string | null)[],
  attributes: readonly JsonObject[],
): { x: number; y: number } | null {
  for (const owner of attributes) {
    const dimensions = strings(member(owner, 'spatial:dimensions'));
    if (dimensions === null || dimensions.length < 2) continue;
    const [y, x] = dimensions.slice(-2).map((name) => names.indexOf(name)) as [number, number];
    if (x >= 0 && y >= 0) return { x, y };
  }
  return null;
}

function onlyIndex(names: readonly (string | null)[], matches: (name: string) => boolean): number | null {
  const found = names.flatMap((name, i) => (name !== null && matches(name.toLowerCase()) ? [i] : []));
  return found.length === 1 ? found[0]! : null;
}

function described(
  coordinates: readonly (Coordinate | null)[],
  axis: string,
  standardNames: ReadonlySet<string>,
): number | null {
  const found = coordinates.flatMap((coordinate, i) => {
    if (coordinate === null) return [];
    const standard = text(coordinate.attributes, 'standard_name') ?? '';
    return text(coordinate.attributes, 'axis') === axis || standardNames.has(standard) ? [i] : [];
  });
  return found.length === 1 ? found[0]! : null;
}
