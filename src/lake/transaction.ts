import { sqlString } from '../duckdb/connection.js';
import type { DuckDb } from '../duckdb/connection.js';
import { onAbort, throwIfAborted } from '../io/abort.js';
import { LAKE } from './attach.js';

/** What a snapshot says of itself. `info` is kept as JSON and found again by its `run_id`. */
export type TransactionOptions = {
  readonly message: string;
  readonly info: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
};

/**
 * Run statements over the attached lake as one transaction, which is one snapshot. The signal may interrupt any statement
 * but COMMIT: from there on the outcome belongs to the catalog.
 */
export async function runTransaction(
  database: DuckDb,
  { message, info, signal }: TransactionOptions,
  statements: () => Promise<void>,
): Promise<void> {
  const off = onAbort(signal, () => database.connection.interrupt());
  try {
    throwIfAborted(signal);
    await database.run('BEGIN TRANSACTION');
    await statements();
    await database.run(
      `CALL ${LAKE}.set_commit_message('heliocube', ${sqlString(message)},
        extra_info => ${sqlString(JSON.stringify(info))})`,
    );
    off();
    throwIfAborted(signal);
    await database.run('COMMIT');
  } catch (error) {
    await database.run('ROLLBACK').catch(() => {}); // a failed COMMIT has ended the transaction already
    throw error;
  } finally {
    off();
  }
}
