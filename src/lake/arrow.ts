import * as arrow from 'apache-arrow';

/** One column: its name, DuckDB's name of the type, and a value a row (null, or as `toJavaScript` gives it). */
export type TableColumn = {
  readonly name: string;
  readonly type: string;
  readonly values: ArrayLike<unknown>;
};

const SCALARS: Readonly<Record<string, () => arrow.DataType>> = {
  BOOLEAN: () => new arrow.Bool(),
  TINYINT: () => new arrow.Int8(),
  SMALLINT: () => new arrow.Int16(),
  INTEGER: () => new arrow.Int32(),
  BIGINT: () => new arrow.Int64(),
  UTINYINT: () => new arrow.Uint8(),
  USMALLINT: () => new arrow.Uint16(),
  UINTEGER: () => new arrow.Uint32(),
  UBIGINT: () => new arrow.Uint64(),
  FLOAT: () => new arrow.Float32(),
  DOUBLE: () => new arrow.Float64(),
  VARCHAR: () => new arrow.Utf8(),
  BLOB: () => new arrow.Binary(),
  GEOMETRY: () => new arrow.Binary(),
  DATE: () => new arrow.DateDay(),
  TIMESTAMP: () => new arrow.TimestampMillisecond(),
  'TIMESTAMP WITH TIME ZONE': () => new arrow.TimestampMillisecond('UTC'),
};

/**
 * The answer of a query as an Arrow table. Numbers, text, BLOB, DATE and lists keep their type; TIMESTAMP has
 * milliseconds, GEOMETRY is WKB with the `geoarrow.wkb` extension name in lon/lat, DECIMAL a double, anything else its
 * JSON text.
 */
export function arrowTable(result: {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
}): arrow.Table {
  const { columns, rows } = result;
  return arrowTableOf(columns.map(({ name, type }, place) => ({ name, type, values: rows.map((row) => row[place]) })));
}

/** Columns of equal length as an Arrow table; types as in `arrowTable`. */
export function arrowTableOf(columns: readonly TableColumn[]): arrow.Table {
  const vectors: Record<string, arrow.Vector> = {};
  const fields = columns.map(({ name, type, values }) => {
    const arrowType = arrowTypeOf(type);
    vectors[name] = arrow.vectorFromArray(encodable(values, arrowType), arrowType);
    return new arrow.Field(name, arrowType, true, extensionOf(type));
  });
  return new arrow.Table(new arrow.Schema(fields), vectors);
}

function arrowTypeOf(type: string): arrow.DataType {
  if (type.endsWith('[]')) return new arrow.List(new arrow.Field('item', arrowTypeOf(type.slice(0, -2)), true));
  if (type.startsWith('DECIMAL')) return new arrow.Float64();
  if (type.startsWith('GEOMETRY')) return new arrow.Binary();
  return (SCALARS[type] ?? (() => new arrow.Utf8()))();
}

function extensionOf(type: string): Map<string, string> {
  if (!type.startsWith('GEOMETRY')) return new Map();
  return new Map([
    ['ARROW:extension:name', 'geoarrow.wkb'],
    ['ARROW:extension:metadata', '{"crs":"OGC:CRS84","crs_type":"authority_code"}'],
  ]);
}

function encodable(values: ArrayLike<unknown>, type: arrow.DataType): unknown[] {
  const isText = arrow.DataType.isUtf8(type);
  return Array.from(values, (value) =>
    isText && value !== null && typeof value !== 'string' ? jsonText(value) : value,
  );
}

function jsonText(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => (typeof member === 'bigint' ? member.toString() : member));
}
