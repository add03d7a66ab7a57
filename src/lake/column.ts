import { BIGINT, BLOB, BOOLEAN, DOUBLE, LIST, UBIGINT, VARCHAR, blobValue, listValue } from '@duckdb/node-api';
import type { DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { sqlName } from '../duckdb/connection.js';

/** One column of a lake table: its type there, and how a row's value gets into it by way of a staged column. */
export type Column<Row> = {
  readonly name: string;
  /** DuckDB's type in the lake. */
  readonly lakeType: string;
  /** SQL over the staged table's columns. */
  readonly expression: string;
  /** What is staged under the same name; null for a column that `expression` derives from others. */
  readonly staged: { readonly type: DuckDBType; readonly read: (row: Row) => DuckDBValue } | null;
};

/** VARCHAR. */
export function text<Row>(name: string, read: (row: Row) => string | null): Column<Row> {
  return { name, lakeType: 'VARCHAR', expression: sqlName(name), staged: { type: VARCHAR, read } };
}

/** JSON from JSON text. Lone surrogates, which no UTF-8 file can hold, become U+FFFD. */
export function json<Row>(name: string, read: (row: Row) => string): Column<Row> {
  const staged = { type: VARCHAR, read: (row: Row) => replaceLoneSurrogates(read(row)) };
  return { name, lakeType: 'JSON', expression: `CAST(${sqlName(name)} AS JSON)`, staged };
}

/** A whole number up to 2^53, as INTEGER or BIGINT. It travels as a double, which is exact and spares a bigint a row. */
export function whole<Row>(
  name: string,
  lakeType: 'INTEGER' | 'BIGINT',
  read: (row: Row) => number | null,
): Column<Row> {
  return { name, lakeType, expression: `CAST(${sqlName(name)} AS ${lakeType})`, staged: { type: DOUBLE, read } };
}

/** DOUBLE; NaN and infinities stay what they are. */
export function real<Row>(name: string, read: (row: Row) => number | null): Column<Row> {
  return { name, lakeType: 'DOUBLE', expression: sqlName(name), staged: { type: DOUBLE, read } };
}

/** BOOLEAN. */
export function flag<Row>(name: string, read: (row: Row) => boolean): Column<Row> {
  return { name, lakeType: 'BOOLEAN', expression: sqlName(name), staged: { type: BOOLEAN, read } };
}

/** TIMESTAMP (UTC, no zone) from whole milliseconds since 1970-01-01. */
export function time<Row>(name: string, read: (row: Row) => number | null): Column<Row> {
  const expression = `make_timestamp(CAST(${sqlName(name)} AS BIGINT) * 1000)`;
  return { name, lakeType: 'TIMESTAMP', expression, staged: { type: DOUBLE, read } };
}

/** DATE from days since 1970-01-01. */
export function day<Row>(name: string, read: (row: Row) => number | null): Column<Row> {
  const expression = `DATE '1970-01-01' + CAST(${sqlName(name)} AS INTEGER)`;
  return { name, lakeType: 'DATE', expression, staged: { type: DOUBLE, read } };
}

/** UBIGINT, for an H3 cell. */
export function cell<Row>(name: string, read: (row: Row) => bigint): Column<Row> {
  return { name, lakeType: 'UBIGINT', expression: sqlName(name), staged: { type: UBIGINT, read } };
}

/** UBIGINT[], for H3 cells. */
export function cells<Row>(name: string, read: (row: Row) => readonly bigint[]): Column<Row> {
  const staged = { type: LIST(UBIGINT), read: (row: Row) => listValue(read(row)) };
  return { name, lakeType: 'UBIGINT[]', expression: sqlName(name), staged };
}

/** VARCHAR[] or null. */
export function texts<Row>(name: string, read: (row: Row) => readonly string[] | null): Column<Row> {
  const staged = {
    type: LIST(VARCHAR),
    read: (row: Row) => {
      const values = read(row);
      return values === null ? null : listValue(values);
    },
  };
  return { name, lakeType: 'VARCHAR[]', expression: sqlName(name), staged };
}

/** DOUBLE[] or null. */
export function reals<Row>(name: string, read: (row: Row) => readonly number[] | null): Column<Row> {
  const staged = { type: LIST(DOUBLE), read: (row: Row) => listOrNull(read(row)) };
  return { name, lakeType: 'DOUBLE[]', expression: sqlName(name), staged };
}

/** BIGINT[] from whole numbers. */
export function wholes<Row>(name: string, read: (row: Row) => readonly number[]): Column<Row> {
  const staged = { type: LIST(BIGINT), read: (row: Row) => listValue(read(row).map((value) => BigInt(value))) };
  return { name, lakeType: 'BIGINT[]', expression: sqlName(name), staged };
}

/** BIGINT[] from many whole numbers up to 2^53, or null. They travel as doubles, as in `whole`. */
export function manyWholes<Row>(name: string, read: (row: Row) => ArrayLike<number> | null): Column<Row> {
  const staged = {
    type: LIST(DOUBLE),
    read: (row: Row) => {
      const values = read(row);
      return values === null ? null : listValue(Array.from(values));
    },
  };
  return { name, lakeType: 'BIGINT[]', expression: `CAST(${sqlName(name)} AS BIGINT[])`, staged };
}

/** GEOMETRY (lon/lat) from WKB, or null. */
export function wkb<Row>(name: string, read: (row: Row) => Uint8Array | null): Column<Row> {
  const staged = {
    type: BLOB,
    read: (row: Row) => {
      const bytes = read(row);
      return bytes === null ? null : blobValue(bytes);
    },
  };
  return { name, lakeType: 'GEOMETRY', expression: `ST_GeomFromWKB(${sqlName(name)})`, staged };
}

/** GEOMETRY (lon/lat, two axes) from GeoJSON text; null where there is none, or nothing in it, or it is not GeoJSON. */
export function geojson<Row>(name: string, read: (row: Row) => string | null): Column<Row> {
  return { name, lakeType: 'GEOMETRY', expression: geometryOf(name), staged: { type: VARCHAR, read } };
}

/** The four DOUBLE columns of a `geojson` column's bounds, which prune files where the geometry does not. */
export function boundsOf<Row>(geometry: string): Column<Row>[] {
  return ['xmin', 'ymin', 'xmax', 'ymax'].map((name) => {
    const bound = `ST_${name.slice(0, 2).toUpperCase()}${name.slice(2)}`; // ST_XMin, …
    return { name, lakeType: 'DOUBLE', expression: `${bound}(${geometryOf(geometry)})`, staged: null };
  });
}

function geometryOf(name: string): string {
  const parsed = `TRY(ST_GeomFromGeoJSON(${sqlName(name)}))`;
  return `CASE WHEN ST_IsEmpty(${parsed}) THEN NULL ELSE ST_Force2D(${parsed}) END`;
}

function listOrNull(values: readonly number[] | null): DuckDBValue {
  return values === null ? null : listValue(values);
}

/** JSON text without lone surrogates, which no UTF-8 file can hold: they become U+FFFD. */
export function replaceLoneSurrogates(text: string): string {
  // JSON.stringify escapes a lone surrogate as \udXXX; an even number of backslashes before it is text, not an escape.
  if (!text.includes('\\u') && !/[\ud800-\udfff]/.test(text)) return text;
  const escaped = /(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2}|\\[^]/g;
  return text.replace(escaped, (match, pair) => (pair !== undefined || match.length < 6 ? match : '\\ufffd'));
}
