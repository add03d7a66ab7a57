import { CubeError } from '../errors.js';
import { sqlErrors } from '../duckdb/connection.js';
import type { DuckDb } from '../duckdb/connection.js';
import { toJavaScript } from '../duckdb/values.js';
import { onAbort, throwIfAborted } from '../io/abort.js';
import { LAKE, openSession, withAttached } from './attach.js';
import type { LakeLocation } from './attach.js';
import { hasTables } from './schema.js';
import { SCHEMA } from './tables.js';

/** The answer of a query: column names with DuckDB's types, and the rows as arrays in column order. */
export type QueryResult = {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Values as `toJavaScript` gives them: BIGINT is a bigint, TIMESTAMP a `Date`, GEOMETRY WKB bytes. */
  readonly rows: readonly (readonly unknown[])[];
};

/** Which lake is asked, and how long for. */
export type QueryOptions = LakeLocation & {
  /** The lake as it was at this snapshot of its own (`LakeSnapshot.id`); the newest where it is left out. */
  readonly snapshot?: number;
  readonly signal?: AbortSignal;
  readonly lockTimeoutMs?: number;
};

/**
 * Answer one SQL query over a lake, which is attached read-only as `lake`; its tables go by their bare names (`runs`,
 * `label_stats`). Names that occur twice get a suffix. Failure: `lake`, with DuckDB's words.
 */
export async function queryLake(options: QueryOptions, sql: string): Promise<QueryResult> {
  const { snapshot } = options;
  if (snapshot !== undefined && !(Number.isSafeInteger(snapshot) && snapshot >= 0)) {
    throw new CubeError({ kind: 'invalid-argument', what: `snapshot ${snapshot} is no whole number from 0 on` });
  }
  const session = await openSession(options);
  const { database } = session;
  try {
    return await withAttached(session, { ...options, readOnly: true }, async () => {
      const isFilled = await hasTables(database, LAKE);
      await database.run(`USE ${LAKE}${isFilled ? `.${SCHEMA}` : ''}`);
      const off = onAbort(options.signal, () => database.connection.interrupt());
      try {
        return await readAll(database, sql);
      } catch (error) {
        throwIfAborted(options.signal);
        throw error;
      } finally {
        off();
        await database.run('USE memory.main');
      }
    });
  } finally {
    await database.close();
  }
}

/** The rows of `queryLake` as objects by column name. */
export async function queryLakeRows(options: QueryOptions, sql: string): Promise<Record<string, unknown>[]> {
  const { columns, rows } = await queryLake(options, sql);
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, place) => [name, row[place]])));
}

async function readAll({ connection }: DuckDb, sql: string): Promise<QueryResult> {
  return sqlErrors(async () => {
    const result = await connection.run(sql);
    const types = result.columnTypes();
    const columns = result.deduplicatedColumnNames().map((name, i) => ({ name, type: String(types[i]) }));
    return { columns, rows: await result.convertRows(toJavaScript) };
  });
}
