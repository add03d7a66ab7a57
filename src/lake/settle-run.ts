import { CubeError } from '../errors.js';
import { sqlString } from '../duckdb/connection.js';
import type { DuckDb } from '../duckdb/connection.js';
import { LAKE } from './attach.js';
import { snapshotsOfRun } from './find-run.js';
import { SCHEMA } from './tables.js';
import type { FilledTable } from './tables.js';

/** The DuckLake snapshot that holds a run; `alreadyCommitted`: an earlier commit made it. */
export type CommitResult = { readonly snapshotId: bigint; readonly alreadyCommitted: boolean };

/**
 * Right after a commit, in the same attachment: name its snapshot and count its rows. Two processes that commit one
 * run id at once both find it absent, and inserts do not conflict. So each looks again after its commit: the older
 * snapshot stays, the other one takes its rows back.
 */
export async function settleRun(
  database: DuckDb,
  runId: string,
  tables: readonly FilledTable[],
): Promise<CommitResult> {
  const [committed] = await database.all(`SELECT id FROM ${LAKE}.last_committed_snapshot()`);
  const own = committed?.['id'];
  const [first] = await snapshotsOfRun(database, LAKE, runId);
  if (first === undefined || typeof own !== 'bigint') {
    throw new CubeError({ kind: 'lake', what: `run ${runId} vanished right after its commit` });
  }
  if (first !== own) await withdraw(database, runId, tables, own);
  await assertComplete(database, runId, tables, first);
  return { snapshotId: first, alreadyCommitted: first !== own };
}

/**
 * Take back what an earlier attempt of this commit may have left: it landed, and the taking back of its rows met another
 * writer. All rows of the run but those of its oldest snapshot go.
 */
export async function withdrawLater(database: DuckDb, runId: string, tables: readonly FilledTable[]): Promise<void> {
  const [, ...later] = await snapshotsOfRun(database, LAKE, runId);
  for (const snapshot of later) await withdraw(database, runId, tables, snapshot);
}

/**
 * Throws `lake` unless every table holds exactly the run's rows, counted in the data files; only those that came with
 * one snapshot where it is given.
 */
export async function assertComplete(
  database: DuckDb,
  runId: string,
  tables: readonly FilledTable[],
  snapshotId?: bigint,
): Promise<void> {
  const rows = `run_id = ${sqlString(runId)}${snapshotId === undefined ? '' : ` AND snapshot_id = ${snapshotId}`}`;
  const counts = tables.map(({ name }) => `(SELECT count(*) FROM ${LAKE}.${SCHEMA}.${name} WHERE ${rows}) AS ${name}`);
  const [found] = await database.all(`SELECT ${counts.join(', ')}`);
  const wrong = tables.filter(({ name, rowCount }) => found?.[name] !== BigInt(rowCount));
  if (wrong.length === 0) return;
  const said = wrong.map(({ name, rowCount }) => `${name} has ${String(found?.[name])} rows, expected ${rowCount}`);
  throw new CubeError({
    kind: 'lake',
    what: `run ${runId} is not whole in the lake: ${said.join('; ')}`,
    fix: 'delete the rows of this run_id from every table and commit it again, from one process',
  });
}

async function withdraw(database: DuckDb, runId: string, tables: readonly FilledTable[], own: bigint): Promise<void> {
  await database.run('BEGIN TRANSACTION');
  try {
    for (const { name } of tables) {
      const rows = `run_id = ${sqlString(runId)} AND snapshot_id = ${own}`;
      await database.run(`DELETE FROM ${LAKE}.${SCHEMA}.${name} WHERE ${rows}`);
    }
    const message = sqlString(`withdraw a second commit of run ${runId}`);
    await database.run(`CALL ${LAKE}.set_commit_message('heliocube', ${message})`);
    await database.run('COMMIT');
  } catch (error) {
    await database.run('ROLLBACK').catch(() => {}); // a failed COMMIT has ended the transaction already
    throw error;
  }
}
