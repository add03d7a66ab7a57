import type { RunRecords } from '../cube/records.js';
import { sqlString } from '../duckdb/connection.js';
import type { DuckDb } from '../duckdb/connection.js';
import { LAKE, withAttached } from './attach.js';
import type { AttachOptions, LakeSession } from './attach.js';
import { withCommitRetries } from './commit-retries.js';
import { findRun } from './find-run.js';
import { prepareSchema } from './schema.js';
import { assertComplete, settleRun, withdrawLater } from './settle-run.js';
import type { CommitResult } from './settle-run.js';
import { dropStaged, insertStaged, stageTables } from './stage.js';
import { formatStoredSpec } from './stored-spec.js';
import { filledTables } from './tables.js';
import type { FilledTable } from './tables.js';
import { runTransaction } from './transaction.js';

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
    return await withCommitRetries(options.signal, async (attempt) => {
      const commit = await withAttached(session, attachOptions, () =>
        commitStaged(session.database, records, tables, { attempt, signal: options.signal }),
      );
      return { ...commit, alreadyCommitted: commit.alreadyCommitted && attempt === 1 };
    });
  } finally {
    await dropStaged(session.database, tables);
  }
}

async function commitStaged(
  database: DuckDb,
  records: RunRecords,
  tables: readonly FilledTable[],
  { attempt, signal }: { readonly attempt: number; readonly signal: AbortSignal | undefined },
): Promise<CommitResult> {
  const { runId } = records.run;
  const earlier = await findRun(database, LAKE, runId);
  if (earlier !== null) {
    if (attempt > 1) await withdrawLater(database, runId, tables);
    await assertComplete(database, runId, tables);
    return { snapshotId: earlier, alreadyCommitted: true };
  }
  const { run } = records;
  const info = { run_id: runId, plan_hash: run.planHash, code_version: run.codeVersion };
  await runTransaction(database, { message: `build ${run.name}`, info, signal }, async () => {
    await prepareSchema(database, LAKE, tables);
    for (const table of tables) {
      if (table.rowCount > 0) await database.run(insertStaged(table, LAKE, sqlString(runId)));
    }
  });
  return settleRun(database, runId, tables);
}
