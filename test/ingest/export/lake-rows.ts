import { queryLakeRows } from '../../../src/lake/query.js';

/** A table as a lake has it, for comparison with what others read from an export of it. */
export type LakeTable = {
  /** Columns but the geometry, with DuckDB's types. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** By the key. Days are text, cells of H3 hexadecimal text, JSON is parsed, whole numbers are numbers. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** Of the geometries: kind, area and bounds; empty where there is none. */
  readonly places: readonly (readonly unknown[])[];
};

/** All rows and columns of a table. */
export async function readLakeTable(catalog: string, table: string, key: string): Promise<LakeTable> {
  const lake = { catalog, dataPath: catalog.replace(/\.ducklake$/, '/') };
  const described = await queryLakeRows(lake, `DESCRIBE SELECT * FROM ${table}`);
  const all = described.map((row) => ({ name: String(row['column_name']), type: String(row['column_type']) }));
  const columns = all.filter(({ name }) => name !== 'geometry');
  const list = columns.map(({ name, type }) => `${expression(name, type)} AS ${name}`);
  const rows = await queryLakeRows(lake, `SELECT ${list.join(', ')} FROM ${table} ORDER BY ${key}`);
  const places =
    columns.length === all.length
      ? []
      : await queryLakeRows(
          lake,
          `SELECT ST_GeometryType(geometry)::VARCHAR AS kind, ST_Area(geometry) AS area, ST_XMin(geometry) AS xmin, ST_YMin(geometry) AS ymin,
             ST_XMax(geometry) AS xmax, ST_YMax(geometry) AS ymax FROM ${table} ORDER BY ${key}`,
        );
  return {
    columns,
    rows: rows.map((row) => Object.fromEntries(columns.map(({ name, type }) => [name, valueOf(row[name], type)]))),
    places: places.map((row) => Object.values(row)),
  };
}

/**
 * A value that another program read, as the lake has it: numbers where a format or its reader made text of them and text where a reader made
 * numbers of it; JSON is parsed.
 */
export function asInLake(found: unknown, type: string): unknown {
  if (found === null || found === undefined) return null;
  if (type === 'JSON' || type.endsWith('[]')) return typeof found === 'string' ? (JSON.parse(found) as unknown) : found;
  return type === 'VARCHAR' || type === 'DATE' || type === 'UBIGINT' || type === 'BOOLEAN' ? found : Number(found);
}

function expression(name: string, type: string): string {
  if (type === 'DATE') return `CAST(${name} AS VARCHAR)`;
  if (type === 'UBIGINT') return `lower(hex(${name}))`;
  if (type === 'UBIGINT[]') return `to_json(list_transform(${name}, lambda cell: lower(hex(cell))))`;
  return type.endsWith('[]') || type === 'JSON' ? `CAST(to_json(${name}) AS VARCHAR)` : name;
}

function valueOf(value: unknown, type: string): unknown {
  if (value === null) return null;
  if (typeof value === 'bigint') return Number(value);
  return type === 'JSON' || type.endsWith('[]') ? (JSON.parse(String(value)) as unknown) : value;
}
