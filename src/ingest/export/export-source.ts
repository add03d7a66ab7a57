import { mkdir } from 'node:fs/promises';
import { lakeLocation, type LakeInput } from '../../build/lake-input.js';
import { sqlName, sqlString, type DuckDb } from '../../duckdb/connection.js';
import { CubeError } from '../../errors.js';
import { onAbort, throwIfAborted } from '../../io/abort.js';
import { LAKE, openSession, withAttached } from '../../lake/attach.js';
import { hasTables } from '../../lake/schema.js';
import { SCHEMA } from '../../lake/tables.js';

/** Rows of a lake: a table or a query. */
export type ExportSource = {
  readonly lake: LakeInput;
  /** `sites`, or with its schema `curated.sites`. */
  readonly table?: string;
  /** One SELECT in place of a table, whose tables go by their bare names. */
  readonly sql?: string;
  /** An SQL condition on the rows. */
  readonly where?: string;
  /** The lake as it was at this snapshot of its own. */
  readonly snapshot?: number;
  /** Bytes that sorting may take before it goes on in files beside the output; 1 GiB by default. */
  readonly maxMemory?: number;
  readonly signal?: AbortSignal;
};

const MAX_MEMORY = 2 ** 30;

/** The SELECT of what is exported. */
export function sourceSql({ table, sql, where }: ExportSource): string {
  if ((table === undefined) === (sql === undefined)) {
    throw new CubeError({ kind: 'invalid-argument', what: 'name either a table or a query to export' });
  }
  const rows = sql === undefined ? `SELECT * FROM ${tableName(table!)}` : sql.replace(/[\s;]+$/, '');
  return where === undefined ? rows : `SELECT * FROM (\n${rows}\n) WHERE (\n${where}\n)`;
}

function tableName(table: string): string {
  const parts = table.split('.');
  if (parts.length <= 2 && parts.every((part) => part !== '')) return parts.map(sqlName).join('.');
  throw new CubeError({ kind: 'invalid-argument', what: `"${table}" is neither TABLE nor SCHEMA.TABLE` });
}

/**
 * Run the action in one transaction over the attached lake, so that every query sees the same rows. What does not fit into memory
 * goes into the folder `spill`.
 */
export async function inLake<T>(
  { lake, snapshot, signal, maxMemory = MAX_MEMORY }: Omit<ExportSource, 'table' | 'sql' | 'where'>,
  { spill, extensions = [] }: { readonly spill?: string; readonly extensions?: readonly string[] },
  action: (database: DuckDb) => Promise<T>,
): Promise<T> {
  const session = await openSession(lakeLocation(lake), { more: extensions });
  const { database } = session;
  try {
    if (spill !== undefined) await mkdir(spill, { recursive: true });
    await database.run(`SET temp_directory = ${sqlString(spill ?? '')}; SET memory_limit = '${Math.floor(maxMemory / 1024)}KiB';
      SET TimeZone = 'UTC'`);
    return await withAttached(session, { readOnly: true, snapshot, signal }, async () => {
      const off = onAbort(signal, () => database.connection.interrupt());
      try {
        await database.run(`USE ${LAKE}${(await hasTables(database, LAKE)) ? `.${SCHEMA}` : ''}; BEGIN TRANSACTION`);
        return await action(database);
      } catch (error) {
        throwIfAborted(signal);
        throw error;
      } finally {
        off();
        await database.run('ROLLBACK').catch(() => {}); // nothing was written to the lake
        await database.run('USE memory.main');
      }
    });
  } finally {
    await database.close();
  }
}
