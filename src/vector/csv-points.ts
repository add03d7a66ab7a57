import { CubeError } from '../errors.js';

/** Names of coordinate columns, lower case. `degrees`: the name itself says longitude and latitude. */
const PAIRS: readonly { readonly x: string; readonly y: string; readonly degrees: boolean }[] = [
  { x: 'lon', y: 'lat', degrees: true },
  { x: 'long', y: 'lat', degrees: true },
  { x: 'lng', y: 'lat', degrees: true },
  { x: 'longitude', y: 'latitude', degrees: true },
  { x: 'xlong', y: 'ylat', degrees: true },
  { x: 'lon_dd', y: 'lat_dd', degrees: true },
  { x: 'decimallongitude', y: 'decimallatitude', degrees: true },
  { x: 'centroid_longitude', y: 'centroid_latitude', degrees: true },
  { x: 'x', y: 'y', degrees: false },
  { x: 'xcoord', y: 'ycoord', degrees: false },
  { x: 'x_coord', y: 'y_coord', degrees: false },
  { x: 'easting', y: 'northing', degrees: false },
];

/** Names of the columns that hold the coordinates. */
export type PointColumns = { readonly x: string; readonly y: string };

/**
 * Which columns of a table hold the coordinates. One pair must be found, or be stated; none or several is `invalid-spec`
 * with the candidates. `degrees` is true where the names say that they are longitude and latitude.
 */
export function choosePointColumns(
  columns: readonly string[],
  stated: PointColumns | undefined,
  path: string,
): PointColumns & { readonly degrees: boolean } {
  if (stated !== undefined) return { ...statedColumns(columns, stated, path), degrees: isDegrees(stated) };
  const byName = new Map(columns.map((name) => [name.trim().toLowerCase(), name]));
  const found = PAIRS.flatMap(({ x, y, degrees }) => {
    const [xName, yName] = [byName.get(x), byName.get(y)];
    return xName === undefined || yName === undefined ? [] : [{ x: xName, y: yName, degrees }];
  });
  if (found.length === 1) return found[0]!;
  const what =
    found.length === 0
      ? `${path} has no coordinate columns such as lon and lat among: ${columns.join(', ')}`
      : `${path} has several pairs of coordinate columns: ${found.map(({ x, y }) => `${x} and ${y}`).join('; ')}`;
  throw new CubeError({
    kind: 'invalid-spec',
    path: 'labels.x',
    what,
    fix: 'name the two columns: labels.x and labels.y, --x and --y for cube stats, x and y in a manifest',
  });
}

function statedColumns(columns: readonly string[], { x, y }: PointColumns, path: string): PointColumns {
  const absent = [x, y].filter((name) => !columns.includes(name));
  if (absent.length === 0) return { x, y };
  const what = `${path} has no column ${absent.join(' and ')}`;
  throw new CubeError({
    kind: 'invalid-spec',
    path: absent.includes(x) ? 'labels.x' : 'labels.y',
    what,
    fix: `one of: ${columns.join(', ')}`,
  });
}

function isDegrees({ x, y }: PointColumns): boolean {
  return PAIRS.some((pair) => pair.degrees && pair.x === x.toLowerCase() && pair.y === y.toLowerCase());
}
