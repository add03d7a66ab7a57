import { setImmediate } from 'node:timers/promises';
import { DuckDBDataChunk } from '@duckdb/node-api';
import type { DuckDBAppender, DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { sqlName } from '../duckdb/connection.js';
import type { DuckDb } from '../duckdb/connection.js';
import { throwIfAborted } from '../io/abort.js';
import type { FilledTable, Table } from './tables.js';
import { SCHEMA } from './tables.js';

/** DuckDB's vector size: a data chunk holds no more. */
const CHUNK_ROWS = 2048;

type StagedColumn<Row> = { readonly name: string; readonly type: DuckDBType; readonly read: (row: Row) => DuckDBValue };

/**
 * Copy a run's rows into temporary tables of the connection, so that whatever is wrong with them shows before the lake's
 * transaction begins, and so that the transaction is short. Column by column in data chunks: value by value is 3 times
 * slower. The event loop gets a turn after every chunk.
 */
export async function stageTables(
  database: DuckDb,
  tables: readonly FilledTable[],
  signal?: AbortSignal,
): Promise<void> {
  for (const table of tables) {
    if (table.rowCount > 0) await table.visit((spec, rows) => stageRows(database, spec, rows, signal));
  }
}

/** The statement that moves the staged rows of a table into the lake, in the table's order. */
export function insertStaged(table: FilledTable, lake: string, runId: string): string {
  return table.visit(({ name, columns, sortedBy }) => {
    const names = ['run_id', ...columns.map((column) => column.name)].map(sqlName).join(', ');
    const values = [runId, ...columns.map((column) => column.expression)].join(', ');
    const order = sortedBy.length === 0 ? '' : ` ORDER BY ${sortedBy.map(sqlName).join(', ')}`;
    return `INSERT INTO ${lake}.${SCHEMA}.${name} (${names}) SELECT ${values} FROM temp.${stageName(name)}${order}`;
  });
}

/** Drop the temporary tables; those that are not there are no error. */
export async function dropStaged(database: DuckDb, tables: readonly FilledTable[]): Promise<void> {
  for (const { name } of tables) await database.run(`DROP TABLE IF EXISTS temp.${stageName(name)}`);
}

async function stageRows<Row>(
  database: DuckDb,
  table: Table<Row>,
  rows: readonly Row[],
  signal: AbortSignal | undefined,
): Promise<void> {
  await createStaged(database, table);
  await appendStaged(database, table, rows, signal);
}

/** Make the temporary table of a table, empty. */
export async function createStaged<Row>(database: DuckDb, table: Table<Row>): Promise<void> {
  const definition = stagedColumns(table).map(({ name, type }) => `${sqlName(name)} ${type}`);
  await database.run(`CREATE OR REPLACE TEMP TABLE ${stageName(table.name)} (${definition.join(', ')})`);
}

/** Add rows to the temporary table of a table. */
export async function appendStaged<Row>(
  database: DuckDb,
  table: Table<Row>,
  rows: readonly Row[],
  signal?: AbortSignal,
): Promise<void> {
  const columns = stagedColumns(table);
  const appender = await database.connection.createAppender(stageName(table.name), 'main', 'temp');
  try {
    for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
      throwIfAborted(signal);
      appendChunk(appender, columns, rows.slice(start, start + CHUNK_ROWS));
      await setImmediate();
    }
    appender.flushSync();
  } finally {
    appender.closeSync();
  }
}

function appendChunk<Row>(appender: DuckDBAppender, columns: readonly StagedColumn<Row>[], rows: readonly Row[]): void {
  const chunk = DuckDBDataChunk.create(
    columns.map((column) => column.type),
    rows.length,
  );
  for (const [place, { read }] of columns.entries()) {
    const vector = chunk.getColumnVector(place);
    for (let i = 0; i < rows.length; i++) vector.setItem(i, read(rows[i]!));
    vector.flush();
  }
  appender.appendDataChunk(chunk);
}

function stagedColumns<Row>(table: Table<Row>): StagedColumn<Row>[] {
  return table.columns.flatMap(({ name, staged }) => (staged === null ? [] : [{ name, ...staged }]));
}

function stageName(table: string): string {
  return `staged_${table}`;
}
