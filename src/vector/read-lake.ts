import { CubeError } from '../errors.js';
import { sqlName } from '../duckdb/connection.js';
import { chooseCrs, LON_LAT } from './source-crs.js';
import type { SourceTable } from './source-table.js';
import { describeColumns, isGeometryType, readSqlRecords, temporalColumns } from './sql-records.js';
import type { SqlQuery } from './sql-records.js';

/** Columns that give a lake table an order: its rows have none of their own. */
const ORDER = ['label_id', 'feature_uid'];

/**
 * Read labels from a table of the lake, given as `lake:TABLE` or `lake:SCHEMA.TABLE`. Its geometry is OGC:CRS84, as in
 * every lake table. Records are numbered by label_id, else by feature_uid, else in the order the lake gives them.
 */
export async function readLakeTable(query: SqlQuery | undefined, path: string, stated?: string): Promise<SourceTable> {
  if (query === undefined) {
    throw new CubeError({
      kind: 'invalid-spec',
      path: 'labels.path',
      what: `${path} names a lake table and no lake is open`,
      fix: 'set output.lake',
    });
  }
  const parts = path.slice('lake:'.length).split('.');
  if (parts.some((part) => part === '')) {
    throw new CubeError({
      kind: 'invalid-spec',
      path: 'labels.path',
      what: `${path} names no table`,
      fix: 'write lake:TABLE',
    });
  }
  const from = parts.map(sqlName).join('.');
  const columns = await describeColumns(query, from, path);
  const geometry = columns.find(({ type }) => isGeometryType(type));
  if (geometry === undefined)
    throw new CubeError({ kind: 'invalid-data', url: path, what: 'the table has no GEOMETRY column' });
  const order = ORDER.filter((name) => columns.some((column) => column.name === name));
  const orderBy = order.length === 0 ? undefined : order.join(', ');
  const source = { from, columns, geometry, leaveOut: [], url: path, ...(orderBy === undefined ? {} : { orderBy }) };
  const records = await readSqlRecords(query, source);
  return {
    url: path,
    crs: chooseCrs(path, stated, LON_LAT, ''),
    records,
    temporal: temporalColumns(columns),
    warnings: [],
  };
}
