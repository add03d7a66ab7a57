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

/** What is known of the table beside the names of its columns. */
export type PointHints = {
  readonly stated: PointColumns | undefined;
  /** The column that holds geometries as text, if there is one. */
  readonly wkt: string | null;
  readonly path: string;
};

/**
 * Which columns of a table hold the coordinates. One pair must be found, or be stated; none or several is `invalid-spec`
 * with the candidates, and with the way out where geometries are there as text. `degrees` is true where the names say that they are
 * longitude and latitude.
 */
export function choosePointColumns(
  columns: readonly string[],
  { stated, wkt, path }: PointHints,
): PointColumns & { readonly degrees: boolean } {
  if (stated !== undefined) return { ...statedColumns(columns, stated, path), degrees: isDegrees(stated) };
  const found = pairsAmong(columns);
  if (found.length === 1) return found[0]!;
  if (found.length === 0 && wkt !== null) throw wktOnly(columns, wkt, path);
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

/** Whether names say which columns hold the coordinates; there may be several pairs. */
export function hasPointColumns(columns: readonly string[]): boolean {
  return pairsAmong(columns).length > 0;
}

function pairsAmong(columns: readonly string[]): (PointColumns & { readonly degrees: boolean })[] {
  const byName = new Map(columns.map((name) => [name.trim().toLowerCase(), name]));
  return PAIRS.flatMap(({ x, y, degrees }) => {
    const [xName, yName] = [byName.get(x), byName.get(y)];
    return xName === undefined || yName === undefined ? [] : [{ x: xName, y: yName, degrees }];
  });
}

/** CSV is read for points; polygons have their formats. */
function wktOnly(columns: readonly string[], wkt: string, path: string): CubeError {
  const fix =
    'x and y of a manifest (labels.x and labels.y, --x and --y for cube stats) name columns of coordinates; without such columns save it as GeoJSON, GeoPackage or GeoParquet, such as by ogr2ogr';
  const what = `${path} has its geometry as WKT in the column ${wkt}, which is not read, and no coordinate columns such as lon and lat among: ${columns.join(', ')}`;
  return new CubeError({ kind: 'invalid-spec', path: 'labels.x', what, fix });
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
