import { setTimeout } from 'node:timers/promises';
import { isCubeError } from '../errors.js';
import type { RunRecords } from '../cube/records.js';
import { sqlString } from '../duckdb/connection.js';
import type { DuckDb } from '../duckdb/connection.js';
import { onAbort, throwIfAborted } from '../io/abort.js';
import { LAKE, withAttached } from './attach.js';
import type { AttachOptions, LakeSession } from './attach.js';
import { findRun } from './find-run.js';
import { prepareSchema } from './schema.js';
import { assertComplete, settleRun } from './settle-run.js';
import type { CommitResult } from './settle-run.js';
import { dropStaged, insertStaged, stageTables } from './stage.js';
import { formatStoredSpec } from './stored-spec.js';
import { filledTables } from './tables.js';
import type { FilledTable } from './tables.js';

/** DuckLake retries conflicts by itself ten times; what still fails is tried this often from the start. */
const ATTEMPTS = 6;

/** Words of failures that pass: another writer was there, or the connection went away. */
const PASSING = /locked|conflict|busy|deadlock|serializ|concurrent|retry|connection|already exists|aborted/i;

/**
 * Put every row of a run into the lake in one transaction, which is one snapshot whose message carries the run id. A
 * run that is in the lake already is left as it is. Each attempt begins by looking for the run, so a commit whose
 * outcome was lost lands once. Afterwards the rows of the run are counted, table by table, from the data files.
 */
export async function commitRun(
  session: LakeSession,
  records: RunRecords,
  options: Omit<AttachOptions, 'readOnly'>,
): Promise<CommitResult> {
  const run = { ...records.run, spec: formatStoredSpec(records.run.spec) };
  const tables = filledTables({ ...records, run });
  const attachOptions = { ...options, readOnly: false };
  try {
    await stageTables(session.database, tables, options.signal);
    for (let attempt = 1; ; attempt++) {
      try {
        const commit = await withAttached(session, attachOptions, () =>
          commitStaged(session.database, records, tables, options.signal),
        );
        return { ...commit, alreadyCommitted: commit.alreadyCommitted && attempt === 1 };
      } catch (error) {
        throwIfAborted(options.signal);
        if (attempt === ATTEMPTS || !isPassing(error)) throw error;
        await setTimeout(50 * 2 ** attempt * (0.5 + Math.random()));
      }
    }
  } finally {
    await dropStaged(session.database, tables);
  }
}

async function commitStaged(
  database: DuckDb,
  records: RunRecords,
  tables: readonly FilledTable[],
  signal: AbortSignal | undefined,
): Promise<CommitResult> {
  const { runId } = records.run;
  const earlier = await findRun(database, LAKE, runId);
  if (earlier !== null) {
    await assertComplete(database, runId, tables);
    return { snapshotId: earlier, alreadyCommitted: true };
  }
  await writeTransaction(database, records, tables, signal);
  return settleRun(database, runId, tables);
}

// The signal may interrupt any statement but COMMIT: from there on the outcome belongs to the catalog.
async function writeTransaction(
  database: DuckDb,
  { run }: RunRecords,
  tables: readonly FilledTable[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const off = onAbort(signal, () => database.connection.interrupt());
  try {
    throwIfAborted(signal);
    await database.run('BEGIN TRANSACTION');
    await prepareSchema(database, LAKE, tables);
    for (const table of tables) {
      if (table.rowCount > 0) await database.run(insertStaged(table, LAKE, sqlString(run.runId)));
    }
    const message = { run_id: run.runId, plan_hash: run.planHash, code_version: run.codeVersion };
    await database.run(
      `CALL ${LAKE}.set_commit_message('heliocube', ${sqlString(`build ${run.name}`)},
        extra_info => ${sqlString(JSON.stringify(message))})`,
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

function isPassing(error: unknown): boolean {
  return isCubeError(error, 'lake') && error.problem.what.startsWith('DuckDB:') && PASSING.test(error.problem.what);
}
