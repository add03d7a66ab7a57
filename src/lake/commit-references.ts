import { sqlString } from '../duckdb/connection.js';
import type { DuckDb } from '../duckdb/connection.js';
import { LAKE, withAttached } from './attach.js';
import type { AttachOptions, LakeSession } from './attach.js';
import { withCommitRetries } from './commit-retries.js';
import { snapshotsOfRun } from './find-run.js';
import type { StoredRaster } from './reference-rows.js';
import { LEVELS, REFS } from './reference-tables.js';
import { prepareSchema } from './schema.js';
import { assertComplete } from './settle-run.js';
import { dropStaged, insertStaged, stageTables } from './stage.js';
import { filled, SCHEMA } from './tables.js';
import type { FilledTable } from './tables.js';
import { runTransaction } from './transaction.js';

/** What one commit of references is. */
export type ReferenceCommit = {
  /** Unique; the `run_id` of the rows. */
  readonly runId: string;
  readonly rasters: readonly StoredRaster[];
  /** Whether rows of these rasters may be in the lake already: they are deleted in the same transaction. */
  readonly replace: boolean;
};

/** Put the rows of rasters into the lake in one transaction; a commit whose outcome was lost lands once. */
export async function commitReferences(
  session: LakeSession,
  { runId, rasters, replace }: ReferenceCommit,
  options: Omit<AttachOptions, 'readOnly'>,
): Promise<void> {
  const { database } = session;
  const tables = [
    filled(
      LEVELS,
      rasters.flatMap(({ levels }) => levels),
    ),
    filled(
      REFS,
      rasters.flatMap(({ refs }) => refs),
    ),
  ];
  const info = { run_id: runId };
  const message = `scan references of ${rasters.length} raster${rasters.length === 1 ? '' : 's'}`;
  try {
    await stageTables(database, tables, options.signal);
    await withCommitRetries(options.signal, () =>
      withAttached(session, { ...options, readOnly: false }, async () => {
        if ((await snapshotsOfRun(database, LAKE, runId)).length === 0) {
          await runTransaction(database, { message, info, signal: options.signal }, () =>
            writeRows(database, runId, tables, replace),
          );
        }
        await assertComplete(database, runId, tables);
      }),
    );
  } finally {
    await dropStaged(database, tables);
  }
}

async function writeRows(
  database: DuckDb,
  runId: string,
  tables: readonly FilledTable[],
  replace: boolean,
): Promise<void> {
  await prepareSchema(database, LAKE, tables);
  if (replace) {
    const older = `SELECT l.run_id, l.level_id FROM ${LAKE}.${SCHEMA}.levels l
      WHERE EXISTS (SELECT 1 FROM temp.staged_levels s WHERE s.href = l.href AND s.variable IS NOT DISTINCT FROM l.variable)`;
    await database.run(`CREATE OR REPLACE TEMP TABLE older_levels AS ${older}`);
    for (const table of ['refs', 'levels']) {
      await database.run(`DELETE FROM ${LAKE}.${SCHEMA}.${table} AS t
        WHERE EXISTS (SELECT 1 FROM temp.older_levels o WHERE o.run_id = t.run_id AND o.level_id = t.level_id)`);
    }
    await database.run('DROP TABLE temp.older_levels');
  }
  for (const table of tables) {
    if (table.rowCount > 0) await database.run(insertStaged(table, LAKE, sqlString(runId)));
  }
}
