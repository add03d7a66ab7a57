import { CubeError } from '../errors.js';
import { sqlName, sqlString } from '../duckdb/connection.js';
import type { DuckDb } from '../duckdb/connection.js';
import { SCHEMA } from './tables.js';
import type { FilledTable, Table } from './tables.js';

/** Written with every lake. Inlining is off: rows in the catalog bloat it and lose types on some catalogs. */
const LAKE_OPTIONS = {
  data_inlining_row_limit: '0',
  parquet_compression: `'zstd'`,
  /** Big enough for few files, small enough to rewrite one. */
  target_file_size: `'128MB'`,
} as const;

type Existing = ReadonlyMap<string, ReadonlyMap<string, string>>;

/**
 * Inside the caller's transaction: create what is missing, and give tables of an older lake the columns they lack
 * (null in old rows). Columns that we do not know stay. A column of another type is a `lake` problem.
 */
export async function prepareSchema(database: DuckDb, lake: string, tables: readonly FilledTable[]): Promise<void> {
  const existing = await existingColumns(database, lake);
  if (existing.size === 0) await database.run(`CREATE SCHEMA IF NOT EXISTS ${lake}.${SCHEMA}`);
  await setOptions(database, lake);
  for (const table of tables) {
    for (const statement of table.visit((spec) => planTable(spec, lake, existing))) await database.run(statement);
  }
}

/** Whether the lake has any table of ours. */
export async function hasTables(database: DuckDb, lake: string): Promise<boolean> {
  return (await existingColumns(database, lake)).size > 0;
}

/** Whether the lake has the table; a lake without any build has none. */
export async function hasTable(database: DuckDb, lake: string, table: string): Promise<boolean> {
  return (await existingColumns(database, lake)).has(table);
}

/** The statements that bring one table up to date; none where it is. Pure. */
export function planTable<Row>(table: Table<Row>, lake: string, existing: Existing): string[] {
  const name = `${lake}.${SCHEMA}.${table.name}`;
  const wanted = [{ name: 'run_id', lakeType: 'VARCHAR' }, ...table.columns];
  const found = existing.get(table.name);
  if (found === undefined) {
    const definition = wanted.map((column) => `${sqlName(column.name)} ${column.lakeType}`).join(', ');
    const sort = table.sortedBy.map((column) => `${sqlName(column)} ASC`).join(', ');
    return [
      `CREATE TABLE ${name} (${definition})`,
      `COMMENT ON TABLE ${name} IS ${sqlString(table.comment)}`,
      ...(sort === '' ? [] : [`ALTER TABLE ${name} SET SORTED BY (${sort})`]),
    ];
  }
  return wanted.flatMap((column) => {
    const type = found.get(column.name);
    if (type === undefined) return [`ALTER TABLE ${name} ADD COLUMN ${sqlName(column.name)} ${column.lakeType}`];
    if (type !== column.lakeType) throw wrongType(`${SCHEMA}.${table.name}.${column.name}`, type, column.lakeType);
    return [];
  });
}

async function existingColumns(database: DuckDb, lake: string): Promise<Existing> {
  const rows = await database.all(
    'SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE database_name = ? AND schema_name = ?',
    [lake, SCHEMA],
  );
  const tables = new Map<string, Map<string, string>>();
  for (const { table_name: table, column_name: column, data_type: type } of rows) {
    const columns = tables.get(String(table)) ?? new Map<string, string>();
    tables.set(String(table), columns.set(String(column), String(type)));
  }
  return tables;
}

async function setOptions(database: DuckDb, lake: string): Promise<void> {
  const rows = await database.all(`SELECT option_name FROM ${lake}.options() WHERE scope = 'GLOBAL'`);
  const present = new Set(rows.map((row) => row['option_name']));
  for (const [option, value] of Object.entries(LAKE_OPTIONS)) {
    if (!present.has(option)) await database.run(`CALL ${lake}.set_option(${sqlString(option)}, ${value})`);
  }
}

function wrongType(column: string, found: string, expected: string): CubeError {
  return new CubeError({
    kind: 'lake',
    what: `column ${column} is ${found}, expected ${expected}`,
    fix: 'rename or drop that table, or use another lake',
  });
}
