import type { DuckDb } from '../duckdb/connection.js';
import { hasTable } from './schema.js';
import { SCHEMA } from './tables.js';

/**
 * The snapshot that brought a run into the attached lake, or null where the run is not in it. The rows decide; the
 * snapshot is found by the run id in its commit message, or, once that snapshot has expired, by the row's own number.
 */
export async function findRun(database: DuckDb, lake: string, runId: string): Promise<bigint | null> {
  if (!(await hasTable(database, lake, 'runs'))) return null;
  const [run] = await database.all(`SELECT snapshot_id FROM ${lake}.${SCHEMA}.runs WHERE run_id = ? LIMIT 1`, [runId]);
  if (run === undefined) return null;
  const [snapshot] = await snapshotsOfRun(database, lake, runId);
  return snapshot ?? asBigInt(run['snapshot_id']) ?? 0n;
}

/** Every snapshot whose commit message carries the run id, the oldest first. */
export async function snapshotsOfRun(database: DuckDb, lake: string, runId: string): Promise<bigint[]> {
  const rows = await database.all(
    `SELECT snapshot_id FROM ${lake}.snapshots()
     WHERE TRY(json_extract_string(commit_extra_info, '$.run_id')) = ? ORDER BY snapshot_id`,
    [runId],
  );
  return rows.flatMap((row) => asBigInt(row['snapshot_id']) ?? []);
}

function asBigInt(value: unknown): bigint | null {
  return typeof value === 'bigint' ? value : null;
}
