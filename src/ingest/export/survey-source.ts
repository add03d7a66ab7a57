import { sqlName, type DuckDb } from '../../duckdb/connection.js';
import { CubeError } from '../../errors.js';

/** A column of what is exported, with DuckDB's name of its type. */
export type SourceColumn = { readonly name: string; readonly type: string };

/** Degrees: west, south, east, north. */
export type LonLatBox = readonly [xmin: number, ymin: number, xmax: number, ymax: number];

/** What has to be known of all rows before the first is written. */
export type Survey = {
  readonly rows: number;
  /** Rows whose geometry is null or empty. */
  readonly unlocated: number;
  /** Of all geometries; null where there is none. */
  readonly bbox: LonLatBox | null;
  /** Names as GeoParquet has them, such as `Polygon` and `Point Z`, sorted. */
  readonly geometryTypes: readonly string[];
};

/** Rounding may put a coordinate this far beyond 180 degrees. */
const SLACK = 1e-6;

/** Columns of a query, without running it. Problem: `lake`, with DuckDB's words. */
export async function describeSource(database: DuckDb, source: string): Promise<SourceColumn[]> {
  const rows = await database.all(`DESCRIBE SELECT * FROM (\n${source}\n)`);
  return rows.map((row) => ({ name: String(row['column_name']), type: String(row['column_type']) }));
}

/** The column that is the geometry of a row: `geometry` or `geom`, else the first of that type. */
export function geometryColumn(columns: readonly SourceColumn[]): string | null {
  const found = columns.filter(({ type }) => type.startsWith('GEOMETRY'));
  const foreign = found.find(({ type }) => type !== 'GEOMETRY' && !/^GEOMETRY\('OGC:CRS84'\)$/.test(type));
  if (foreign !== undefined) {
    const feature = `column ${foreign.name} of type ${foreign.type}: exports are longitude and latitude (OGC:CRS84)`;
    throw new CubeError({ kind: 'unsupported', feature, fix: 'use ST_Transform and ST_SetCRS in --sql' });
  }
  const named = found.find(({ name }) => ['geometry', 'geom'].includes(name.toLowerCase()));
  return (named ?? found[0])?.name ?? null;
}

/** Count rows and find their extent. Problem: `invalid-data` where coordinates are no longitudes and latitudes. */
export async function surveySource(database: DuckDb, source: string, geometry: string | null): Promise<Survey> {
  if (geometry === null) {
    const [row] = await database.all(`SELECT count(*)::DOUBLE AS rows FROM (\n${source}\n)`);
    return { rows: Number(row!['rows']), unlocated: 0, bbox: null, geometryTypes: [] };
  }
  const [row] = await database.all(`WITH s AS (SELECT g, g IS NOT NULL AND NOT ST_IsEmpty(g) AS located
      FROM (SELECT ${sqlName(geometry)} AS g FROM (\n${source}\n)))
    SELECT count(*)::DOUBLE AS rows, (count(*) FILTER (WHERE NOT located))::DOUBLE AS unlocated,
      min(ST_XMin(g)) FILTER (WHERE located) AS xmin, min(ST_YMin(g)) FILTER (WHERE located) AS ymin,
      max(ST_XMax(g)) FILTER (WHERE located) AS xmax, max(ST_YMax(g)) FILTER (WHERE located) AS ymax,
      list_sort(list(DISTINCT ST_GeometryType(g)::VARCHAR || CASE WHEN ST_HasZ(g) THEN ' Z' ELSE '' END)
        FILTER (WHERE g IS NOT NULL)) AS types,
      coalesce(bool_or(ST_HasM(g)), false) AS measured
    FROM s`);
  if (row!['measured'] === true) throw new CubeError({ kind: 'unsupported', feature: 'geometries with M values' });
  return {
    rows: Number(row!['rows']),
    unlocated: Number(row!['unlocated']),
    bbox: boxOf([row!['xmin'], row!['ymin'], row!['xmax'], row!['ymax']], geometry),
    geometryTypes: Array.isArray(row!['types']) ? row!['types'].map((type) => typeName(String(type))) : [],
  };
}

function boxOf(values: readonly unknown[], geometry: string): LonLatBox | null {
  if (values[0] === null) return null;
  const [xmin, ymin, xmax, ymax] = values.map(Number) as [number, number, number, number];
  const inside = xmin >= -180 - SLACK && xmax <= 180 + SLACK && ymin >= -90 - SLACK && ymax <= 90 + SLACK;
  if (inside) return [xmin, ymin, xmax, ymax];
  throw new CubeError({
    kind: 'invalid-data',
    url: `column ${geometry}`,
    what: `extent ${[xmin, ymin, xmax, ymax].join(', ')} is not longitude and latitude, which exports are in`,
  });
}

/** MULTIPOLYGON Z → MultiPolygon Z. */
function typeName(text: string): string {
  const [type = '', z] = text.split(' ');
  const names = [
    'Point',
    'LineString',
    'Polygon',
    'MultiPoint',
    'MultiLineString',
    'MultiPolygon',
    'GeometryCollection',
  ];
  const name = names.find((one) => one.toUpperCase() === type) ?? type;
  return z === undefined ? name : `${name} ${z}`;
}
