import { CubeError, isCubeError } from '../errors.js';
import { sqlName } from '../duckdb/connection.js';
import type { DuckDb } from '../duckdb/connection.js';
import type { Json } from '../stac/item.js';
import { unusable } from './raw-geometry.js';
import type { SourceRecord } from './source-table.js';
import { toJson } from './sql-json.js';
import { parseWkb } from './wkb.js';

/** One column of a query's answer; `type` is DuckDB's name. */
export type SqlColumn = { readonly name: string; readonly type: string };

/** Run SQL and get rows; DuckDB's `all`, or what a lake gives. */
export type SqlQuery = (sql: string) => Promise<readonly Record<string, unknown>[]>;

/** Columns of a table expression such as `read_parquet('…')`. What DuckDB cannot read is `invalid-data`. */
export async function describeColumns(query: SqlQuery, from: string, url: string): Promise<SqlColumn[]> {
  const rows = await fileErrors(url, () => query(`DESCRIBE SELECT * FROM ${from}`));
  return rows.map((row) => ({ name: String(row['column_name']), type: String(row['column_type']) }));
}

/** Read every row in file order; `geometry` names the column that holds WKB or GEOMETRY and stays out of the properties. */
export async function readSqlRecords(
  query: SqlQuery,
  source: {
    from: string;
    columns: readonly SqlColumn[];
    geometry: SqlColumn;
    leaveOut: readonly string[];
    url: string;
    orderBy?: string;
  },
): Promise<SourceRecord[]> {
  const { from, columns, geometry, leaveOut, url, orderBy } = source;
  const kept = columns.filter(({ name }) => name !== geometry.name && !leaveOut.includes(name));
  const list = kept.map((column, i) => `${selectAsJson(column)} AS c${i}`);
  const wkb = isGeometryType(geometry.type) ? `ST_AsWKB(${sqlName(geometry.name)})` : sqlName(geometry.name);
  const order = orderBy === undefined ? '' : ` ORDER BY ${orderBy}`;
  const rows = await fileErrors(url, () =>
    query(`SELECT ${[`${wkb} AS wkb`, ...list].join(', ')} FROM ${from}${order}`),
  );
  return rows.map((row, index) => {
    const properties: [string, Json][] = kept.map(({ name, type }, i) => [name, columnToJson(row[`c${i}`], type)]);
    const bytes = row['wkb'];
    const shape = bytes instanceof Uint8Array ? parseWkb(bytes) : unusable('no geometry');
    return { record: index + 1, geometry: shape, id: null, properties: Object.fromEntries(properties) };
  });
}

/** Columns that `where` may compare as dates and times; their values are ISO text. */
export function temporalColumns(columns: readonly SqlColumn[]): ReadonlyMap<string, 'DATE' | 'TIMESTAMP'> {
  const temporal = new Map<string, 'DATE' | 'TIMESTAMP'>();
  for (const { name, type } of columns) {
    if (type === 'DATE') temporal.set(name, 'DATE');
    else if (type.startsWith('TIMESTAMP')) temporal.set(name, 'TIMESTAMP');
  }
  return temporal;
}

/** Whether a DuckDB type is GEOMETRY, with a CRS or without. */
export function isGeometryType(type: string): boolean {
  return /^GEOMETRY(?:\(|$)/.test(type);
}

/** DuckDB's words on a file as `invalid-data` of that file. */
export async function fileErrors<T>(url: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!isCubeError(error, 'lake')) throw error;
    throw new CubeError({ kind: 'invalid-data', url, what: error.problem.what }, { cause: error });
  }
}

/** The query function of an open DuckDB. */
export function queryOf(db: DuckDb): SqlQuery {
  return (sql) => db.all(sql);
}

function selectAsJson({ name, type }: SqlColumn): string {
  const column = sqlName(name);
  if (type === 'DATE' || type === 'TIME') return `CAST(${column} AS VARCHAR)`;
  // Through microseconds, so that no time zone database is needed; text keeps what a Date would cut.
  if (type === 'TIMESTAMP WITH TIME ZONE')
    return `replace(CAST(make_timestamp(epoch_us(${column})) AS VARCHAR), ' ', 'T') || 'Z'`;
  if (type.startsWith('TIMESTAMP')) return `replace(CAST(${column} AS VARCHAR), ' ', 'T')`;
  if (/^(?:INTERVAL|UUID|BIT|VARIANT|TIME)/.test(type)) return `CAST(${column} AS VARCHAR)`;
  return column;
}

function columnToJson(value: unknown, type: string): Json {
  if (type !== 'JSON' || typeof value !== 'string') return toJson(value);
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
