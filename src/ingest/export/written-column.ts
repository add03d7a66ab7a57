import { sqlName } from '../../duckdb/connection.js';
import type { ExportFormat } from './export-format.js';
import { jsonValue } from './json-value.js';
import type { SourceColumn } from './survey-source.js';

/** A column, and what a format makes of it. */
export type WrittenColumn = SourceColumn & {
  /** What the values become where the format has no such type; null where they stay what they are. */
  readonly written: string | null;
  /** SQL over a row `t`. */
  readonly expression: string;
};

type Rule = (column: SourceColumn, value: string) => readonly [written: string | null, expression: string];

/** Types that DuckDB would write into Parquet as something of less precision. */
const NOT_IN_PARQUET = /\b(?:U?HUGEINT|BIGNUM|INTERVAL|TIME WITH TIME ZONE|BIT)\b/;

const IN_ARROW =
  /^(?:BOOLEAN|U?TINYINT|U?SMALLINT|U?INTEGER|U?BIGINT|FLOAT|DOUBLE|VARCHAR|BLOB|DATE|GEOMETRY.*)(?:\[\])*$/;

const IN_ICEBERG = /^(?:BOOLEAN|INTEGER|BIGINT|FLOAT|DOUBLE|VARCHAR|BLOB|DATE|TIMESTAMP(?: WITH TIME ZONE)?)$/;

const TIMESTAMP = /^TIMESTAMP(?: WITH TIME ZONE)?$/;

/** Formats in which the geometry of a row is not one of its columns. */
const APART: readonly ExportFormat[] = ['flatgeobuf', 'geojson', 'geojsonseq'];

/** How a format writes the columns. `geometry` is the one that is a row's own. */
export function writeColumns(
  format: ExportFormat,
  columns: readonly SourceColumn[],
  geometry: string | null,
): WrittenColumn[] {
  return columns.map((column) => {
    const value = `t.${sqlName(column.name)}`;
    const isOwn = column.name === geometry && APART.includes(format);
    const [written, expression] = isOwn ? [null, ownGeometry(format, value)] : RULES[format](column, value);
    return { ...column, written, expression };
  });
}

/** GDAL ends the process when it writes an empty polygon into FlatGeobuf: there it is no geometry. */
function ownGeometry(format: ExportFormat, value: string): string {
  return format === 'flatgeobuf' ? `CASE WHEN NOT ST_IsEmpty(${value}) THEN ${value} END` : value;
}

/** Whether a column of 64-bit numbers holds cells of H3, whose text is hexadecimal. */
export function isCell({ name, type }: SourceColumn): boolean {
  return /^h3(?:_|$)/i.test(name) && /^UBIGINT(?:\[\])?$/.test(type);
}

const toText = (value: string) => `CAST(${value} AS VARCHAR)`;
const toJsonText = (value: string) => `CAST(to_json(${value}) AS VARCHAR)`;
const asJson = (column: SourceColumn, value: string) => `CAST(${jsonValue(column, value)} AS VARCHAR)`;
const isNested = (type: string) => /[[(]/.test(type) && !/^(?:DECIMAL|ENUM|GEOMETRY)\([^[]*$/.test(type);

const geoparquet: Rule = ({ type }, value) => {
  if (type.startsWith('GEOMETRY')) return [null, `ST_SetCRS(${value}, 'OGC:CRS84')`];
  if (!NOT_IN_PARQUET.test(type)) return [null, value];
  return isNested(type) ? ['JSON text', toJsonText(value)] : ['text', toText(value)];
};

const arrow: Rule = ({ type }, value) => {
  if (IN_ARROW.test(type)) return [null, value];
  if (TIMESTAMP.test(type)) return ['timestamp of milliseconds', value];
  if (type.startsWith('DECIMAL') && !type.endsWith(']')) return ['double', `CAST(${value} AS DOUBLE)`];
  return isNested(type) ? ['JSON text', toJsonText(value)] : ['text', toText(value)];
};

const csv: Rule = (column, value) => {
  const { type } = column;
  if (type.startsWith('GEOMETRY')) return ['WKT', `ST_AsText(${value})`];
  if (isNested(type)) return ['JSON text', asJson(column, value)];
  if (isCell(column)) return ['hexadecimal text', `lower(to_hex(${value}))`];
  if (type === 'BLOB') return ['base64 text', `base64(${value})`];
  return [null, value];
};

const flatgeobuf: Rule = (column, value) => {
  const { type } = column;
  if (/^(?:BOOLEAN|SMALLINT|INTEGER|BIGINT|FLOAT|DOUBLE|VARCHAR)$/.test(type)) return [null, value];
  if (/^(?:U?TINYINT|USMALLINT)$/.test(type)) return ['INTEGER', `CAST(${value} AS INTEGER)`];
  if (type === 'UINTEGER') return ['BIGINT', `CAST(${value} AS BIGINT)`];
  // DuckDB makes a day before 1970 the 0th of January 1900, which no program reads.
  if (type === 'DATE') return ['DateTime at 00:00', `TRY_CAST(${value} AS TIMESTAMP)`];
  if (TIMESTAMP.test(type)) return ['DateTime of milliseconds', value];
  if (type.startsWith('DECIMAL') && !type.endsWith(']')) return ['DOUBLE', `CAST(${value} AS DOUBLE)`];
  return csvOrText(column, value);
};

const iceberg: Rule = (column, value) => {
  const { type } = column;
  if (IN_ICEBERG.test(type)) return [null, value];
  // DuckDB would write a type geometry, which Iceberg has from its third version on, into a table of the second.
  if (type.startsWith('GEOMETRY')) return ['WKB bytes', `CAST(ST_AsWKB(${value}) AS BLOB)`];
  if (/^(?:U?TINYINT|U?SMALLINT)$/.test(type)) return ['INTEGER', `CAST(${value} AS INTEGER)`];
  if (type === 'UINTEGER') return ['BIGINT', `CAST(${value} AS BIGINT)`];
  return csvOrText(column, value);
};

/** As in CSV, where what is left has to be text. */
function csvOrText(column: SourceColumn, value: string): readonly [string, string] {
  const [written, expression] = csv(column, value);
  return [written ?? 'text', toText(expression)];
}

const geojson: Rule = (column, value) => [jsonWords(column), jsonValue(column, value)];

function jsonWords(column: SourceColumn): string | null {
  const { type } = column;
  if (type.startsWith('GEOMETRY')) return 'WKT';
  if (isCell(column)) return 'hexadecimal text';
  if (type === 'BLOB') return 'base64 text';
  if (/^(?:DATE|TIMESTAMP[^[]*)$/.test(type)) return 'ISO 8601 text';
  if (/^(?:UBIGINT|U?HUGEINT|BIGNUM|DECIMAL.*|UUID|TIME.*|INTERVAL|ENUM.*|BIT)$/.test(type) && !type.endsWith(']'))
    return 'text';
  return null;
}

const RULES: Readonly<Record<ExportFormat, Rule>> = {
  geoparquet,
  flatgeobuf,
  geojson,
  geojsonseq: geojson,
  csv,
  arrow,
  iceberg,
};
