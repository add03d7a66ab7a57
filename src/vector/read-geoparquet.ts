import { access } from 'node:fs/promises';
import { CubeError } from '../errors.js';
import type { DuckDb } from '../duckdb/connection.js';
import { literalPath, parquetRows } from '../duckdb/parquet-files.js';
import type { Crs } from '../grid/crs.js';
import type { Json } from '../stac/item.js';
import { isObject } from './geojson-geometry.js';
import { readWhole } from './read-whole.js';
import { chooseCrs, crsIfAbsent, LON_LAT, parseFileCrs } from './source-crs.js';
import type { SourceOptions, SourceTable } from './source-table.js';
import { describeColumns, isGeometryType, queryOf, readSqlRecords, temporalColumns } from './sql-records.js';
import type { SqlColumn } from './sql-records.js';

/**
 * Read GeoParquet 1.0 or 1.1 (encoding WKB) or Parquet's own GEOMETRY type. The CRS is that of the `geo` metadata or of
 * the type; where neither names one it is OGC:CRS84, as both specifications say. A CRS of null means "unknown": an error.
 */
export async function readGeoParquet(db: DuckDb, options: SourceOptions): Promise<SourceTable> {
  const { path, crs: stated } = options;
  await access(path).catch(() => readWhole(path)); // for its typed error
  // WKB columns as the bytes they are: one broken geometry must not cost the file.
  await db.run('SET enable_geoparquet_conversion = false');
  const from = parquetRows(path);
  const query = queryOf(db);
  const columns = await describeColumns(query, from, path);
  const geo = await readGeoMetadata(db, path);
  const geometry = geometryColumn(columns, geo, path);
  const found = stated === undefined ? columnCrs(geometry, geo, path) : null;
  const crs = chooseCrs(path, stated, found ?? crsIfAbsent(options), 'write one into the "geo" metadata');
  const others = columns
    .filter(({ name, type }) => name !== geometry.name && isGeometryType(type))
    .map(({ name }) => name);
  const leaveOut = [...others, ...coveringColumns(geometry, geo)];
  const records = await readSqlRecords(query, { from, columns, geometry, leaveOut, url: path });
  const warnings = others.map((name) => `geometry column "${name}" is left out: "${geometry.name}" is the primary one`);
  return { url: path, crs, records, temporal: temporalColumns(columns), warnings };
}

async function readGeoMetadata(db: DuckDb, path: string): Promise<{ readonly [key: string]: Json } | null> {
  const rows = await db.all(
    `SELECT decode(value) AS geo FROM parquet_kv_metadata(${literalPath(path)}) WHERE decode(key) = 'geo'`,
  );
  const text = rows[0]?.['geo'];
  if (typeof text !== 'string') return null;
  try {
    const json: Json = JSON.parse(text);
    if (isObject(json)) return json;
  } catch {
    // falls through to the one error for both
  }
  throw new CubeError({ kind: 'invalid-data', url: path, what: 'the "geo" metadata is not a JSON object' });
}

function geometryColumn(
  columns: readonly SqlColumn[],
  geo: { readonly [key: string]: Json } | null,
  path: string,
): SqlColumn {
  const primary = geo?.['primary_column'];
  const typed = columns.filter(({ type }) => isGeometryType(type));
  const named = columns.find(({ name }) => name === primary);
  if (geo !== null && named === undefined) {
    throw new CubeError({
      kind: 'invalid-data',
      url: path,
      what: `the "geo" metadata names no column of the file: ${JSON.stringify(primary)}`,
    });
  }
  const column = named ?? typed[0];
  if (column === undefined || (geo === null && typed.length > 1)) {
    const what =
      typed.length > 1
        ? `several geometry columns (${typed.map(({ name }) => name).join(', ')})`
        : 'no geometry column';
    throw new CubeError({ kind: 'invalid-data', url: path, what: `${what} and no "geo" metadata: not GeoParquet` });
  }
  const encoding = columnMetadata(column, geo)?.['encoding'] ?? 'WKB';
  if (encoding === 'WKB' || isGeometryType(column.type)) return column;
  throw new CubeError({
    kind: 'unsupported',
    feature: `GeoParquet encoding ${JSON.stringify(encoding)}`,
    url: path,
    fix: 'write it with encoding WKB',
  });
}

function columnMetadata(
  column: SqlColumn,
  geo: { readonly [key: string]: Json } | null,
): { readonly [key: string]: Json } | null {
  const columns = geo?.['columns'];
  const metadata = isObject(columns) ? columns[column.name] : undefined;
  return isObject(metadata) ? metadata : null;
}

/** GeoParquet: `crs` absent is OGC:CRS84, null unknown. Parquet's GEOMETRY: the parameter of the type, absent is OGC:CRS84. */
function columnCrs(column: SqlColumn, geo: { readonly [key: string]: Json } | null, path: string): Crs | null {
  const metadata = columnMetadata(column, geo);
  if (metadata !== null) {
    const crs = metadata['crs'];
    if (crs === undefined) return LON_LAT;
    if (crs === null) return null;
    return isObject(crs) || typeof crs === 'string' ? parseFileCrs(path, crs) : null;
  }
  const parameter = /^GEOMETRY\('(.*)'\)$/s.exec(column.type)?.[1];
  return parameter === undefined ? LON_LAT : parseFileCrs(path, parameter.replaceAll("''", "'"));
}

/** GeoParquet 1.1 `covering`: boxes of the geometry, no attributes of the label. */
function coveringColumns(column: SqlColumn, geo: { readonly [key: string]: Json } | null): string[] {
  const covering = columnMetadata(column, geo)?.['covering'];
  const bbox = isObject(covering) ? covering['bbox'] : undefined;
  if (!isObject(bbox)) return [];
  const names = Object.values(bbox).map((place) => (Array.isArray(place) ? place[0] : undefined));
  return [...new Set(names.filter((name): name is string => typeof name === 'string'))];
}
