import { CubeError, isCubeError } from '../errors.js';
import { sqlString } from '../duckdb/connection.js';
import type { DuckDb } from '../duckdb/connection.js';

/** SQLite's words to a reader of a file beside which the journal of an unfinished transaction lies. */
const UNFINISHED = /attempt to write a readonly database/i;

/** Each attempt meets a writer that was killed; more than one in the time of one reading is rare. */
const ATTEMPTS = 3;

/** Whether a reader met the journal of a transaction whose writer was killed. */
export function isUnfinished(error: unknown): boolean {
  return isCubeError(error, 'lake') && UNFINISHED.test(error.problem.what);
}

/**
 * Open a SQLite file and read it, and do both again where a writer was killed amid a transaction, be it before the file was opened or
 * between two statements of the reading. Problem: `lake`, where the file cannot be written.
 */
export async function readWhole<T>(database: DuckDb, path: string, read: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await read();
    } catch (error) {
      if (attempt === ATTEMPTS || !isUnfinished(error)) throw error;
      await rollBackSqlite(database, path);
    }
  }
}

/**
 * Let SQLite take back the transaction of a writer that was killed amid it. Whoever opens the file for writing does so at the
 * first read, and waits for a writer that is alive (https://sqlite.org/lockingv3.html, "Dealing with hot journals"); one who
 * opens it for reading only may not. Problem: `lake`, where the file cannot be written.
 */
async function rollBackSqlite(database: DuckDb, path: string): Promise<void> {
  try {
    await database.run(`ATTACH ${sqlString(path)} AS unfinished (TYPE sqlite)`);
    try {
      await database.all("SELECT count(*)::DOUBLE AS n FROM duckdb_tables() WHERE database_name = 'unfinished'");
    } finally {
      await database.run('DETACH unfinished');
    }
  } catch (error) {
    throw new CubeError(
      {
        kind: 'lake',
        what: `the lake's catalog sqlite:${path} holds a transaction whose writer was killed, and it cannot be taken back`,
        fix: 'open the lake once as a user who may write the file and its folder',
      },
      { cause: error },
    );
  }
}
