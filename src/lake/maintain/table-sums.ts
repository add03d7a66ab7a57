import { sqlName, sqlString } from '../../duckdb/connection.js';
import type { DuckDb } from '../../duckdb/connection.js';
import { LAKE } from '../attach.js';
import { METADATA } from './lake-files.js';

/** What a table holds, in numbers that no order of rows or files changes. */
export type TableSum = {
  readonly schema: string;
  readonly table: string;
  readonly rows: number;
  /** Sum of the rows' hashes. DuckDB's hash is equal only within one version of it: never store this. */
  readonly checksum: string;
};

/** Rows of every table at a snapshot. */
export type SnapshotRows = { readonly snapshot: number; readonly rows: Readonly<Record<string, number>> };

/** What must be the same before and after: all rows of the newest snapshot, and how many the first 50 of the kept ones have. */
export type LakeSums = { readonly tables: readonly TableSum[]; readonly snapshots: readonly SnapshotRows[] };

/** Older snapshots are counted up to this many; each costs a question a table. */
const MOST_COUNTED = 50;

/** Read every value of the newest snapshot, and count the rows of the others. */
export async function readSums(database: DuckDb, kept: readonly number[]): Promise<LakeSums> {
  const tables: TableSum[] = [];
  for (const { schema, table } of await readTables(database)) tables.push(await sumOf(database, schema, table));
  const snapshots: SnapshotRows[] = [];
  for (const snapshot of kept.slice(0, MOST_COUNTED)) snapshots.push(await countsAt(database, snapshot));
  return { tables, snapshots };
}

/** Tables of the newest snapshot. */
export async function readTables(database: DuckDb): Promise<{ readonly schema: string; readonly table: string }[]> {
  const rows = await database.all(
    'SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ? ORDER BY ALL',
    [LAKE],
  );
  return rows.map((row) => ({ schema: String(row['schema_name']), table: String(row['table_name']) }));
}

/** What differs, in words; nothing where maintenance left the lake as it was. */
export function compareSums(before: LakeSums, after: LakeSums): string[] {
  const found = new Map(after.tables.map((sum) => [`${sum.schema}.${sum.table}`, sum]));
  const tables = before.tables.flatMap(({ schema, table, rows, checksum }) => {
    const name = `${schema}.${table}`;
    const now = found.get(name);
    if (now === undefined) return [`${name} is gone`];
    if (now.rows !== rows) return [`${name} had ${rows} rows and has ${now.rows}`];
    return now.checksum === checksum ? [] : [`${name} has other values`];
  });
  const counted = new Map(after.snapshots.map(({ snapshot, rows }) => [snapshot, rows]));
  const snapshots = before.snapshots.flatMap(({ snapshot, rows }) =>
    Object.entries(rows).flatMap(([name, count]) => {
      const now = counted.get(snapshot)?.[name];
      return now === count ? [] : [`${name} at snapshot ${snapshot} had ${count} rows and has ${now ?? 'none'}`];
    }),
  );
  return [...tables, ...snapshots];
}

async function sumOf(database: DuckDb, schema: string, table: string): Promise<TableSum> {
  const [row] = await database.all(
    `SELECT count(*)::DOUBLE AS row_count, coalesce(sum(hash(t)::HUGEINT), 0)::VARCHAR AS checksum
     FROM ${LAKE}.${sqlName(schema)}.${sqlName(table)} AS t`,
  );
  return { schema, table, rows: Number(row?.['row_count']), checksum: String(row?.['checksum']) };
}

async function countsAt(database: DuckDb, snapshot: number): Promise<SnapshotRows> {
  const tables = await database.all(
    `SELECT DISTINCT s.schema_name, t.table_name FROM ${METADATA}.ducklake_table t JOIN ${METADATA}.ducklake_schema s USING (schema_id)
     WHERE t.begin_snapshot <= ${snapshot} AND (t.end_snapshot IS NULL OR t.end_snapshot > ${snapshot})
       AND s.begin_snapshot <= ${snapshot} AND (s.end_snapshot IS NULL OR s.end_snapshot > ${snapshot}) ORDER BY ALL`,
  );
  if (tables.length === 0) return { snapshot, rows: {} };
  const counts = tables.map(({ schema_name: schema, table_name: table }) => {
    const name = `${LAKE}.${sqlName(String(schema))}.${sqlName(String(table))}`;
    return `SELECT ${sqlString(`${String(schema)}.${String(table)}`)} AS name, count(*)::DOUBLE AS row_count
      FROM ${name} AT (VERSION => ${snapshot})`;
  });
  const rows = await database.all(counts.join(' UNION ALL '));
  return { snapshot, rows: Object.fromEntries(rows.map((row) => [String(row['name']), Number(row['row_count'])])) };
}
