import { CubeError } from '../errors.js';
import { sqlString } from '../duckdb/connection.js';
import type { DuckDb } from '../duckdb/connection.js';
import { chooseLayer } from './choose-layer.js';
import type { Layer } from './choose-layer.js';
import { chooseCrs, crsIfAbsent, parseFileCrs } from './source-crs.js';
import type { SourceOptions, SourceTable } from './source-table.js';
import { describeColumns, fileErrors, queryOf, readSqlRecords, temporalColumns } from './sql-records.js';

/**
 * Read a layer of a file through GDAL (DuckDB's spatial extension). Several layers with geometry: one must be named, or
 * `invalid-spec` lists them. A layer that holds another number of records than the file counts is damaged: `invalid-data`, as GDAL
 * ends early without a word. `missing` tells where the file should say its CRS.
 */
export async function readGdalLayer(db: DuckDb, options: SourceOptions, missing: string): Promise<SourceTable> {
  const { path, crs: stated } = options;
  const layers = await readLayers(db, path);
  const layer = chooseLayer(layers, options.layer, path);
  const found = layer.crs === null || stated !== undefined ? null : parseFileCrs(path, layer.crs);
  const crs = chooseCrs(path, stated, found ?? crsIfAbsent(options), missing);
  // keep_wkb: curves and broken geometry come as bytes and end in the quarantine; the conversion would fail as a whole.
  const from = `ST_Read(${sqlString(path)}, layer = ${sqlString(layer.name)}, keep_wkb = true)`;
  const query = queryOf(db);
  const columns = await describeColumns(query, from, path);
  const geometry = columns.find(({ name }) => name === (layer.geometryColumn ?? 'wkb_geometry'));
  if (geometry === undefined) fail(path, `layer "${layer.name}" has no geometry`);
  const records = await readSqlRecords(query, { from, columns, geometry, leaveOut: [], url: path });
  if (layer.featureCount !== null && layer.featureCount !== records.length) {
    fail(path, `layer "${layer.name}" counts ${layer.featureCount} records, ${records.length} can be read`);
  }
  return { url: path, crs, records, temporal: temporalColumns(columns), warnings: [] };
}

async function readLayers(db: DuckDb, path: string): Promise<Layer[]> {
  // ST_Read_Meta crashes on files that GDAL cannot open (duckdb-spatial#860): ask ST_Read first, which reports them.
  await fileErrors(path, () => db.all(`SELECT 1 FROM ST_Read(${sqlString(path)}, keep_wkb = true) LIMIT 0`));
  const rows = await fileErrors(path, () =>
    db.all(
      `SELECT l.name AS name, l.geometry_fields[1].name AS geometry, l.geometry_fields[1].crs.wkt AS wkt,
       l.geometry_fields[1].crs.auth_name AS authority, l.geometry_fields[1].crs.auth_code AS code,
       l.feature_count AS records, len(l.geometry_fields) AS fields
     FROM (SELECT unnest(layers) AS l FROM ST_Read_Meta(${sqlString(path)}))`,
    ),
  );
  return rows
    .filter((row) => Number(row['fields']) > 0)
    .map((row) => ({
      name: String(row['name']),
      geometryColumn: textOf(row['geometry']),
      crs: crsText(row),
      featureCount: Number(row['records']) >= 0 ? Number(row['records']) : null,
    }));
}

/** The authority's code where it is EPSG's, else the WKT. */
function crsText(row: Record<string, unknown>): string | null {
  const code = textOf(row['code']);
  if (textOf(row['authority']) === 'EPSG' && code !== null) return `EPSG:${code}`;
  return textOf(row['wkt']);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function fail(url: string, what: string): never {
  throw new CubeError({ kind: 'invalid-data', url, what });
}
