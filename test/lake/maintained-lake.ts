import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSession, withAttached, type LakeLocation } from '../../src/lake/attach.js';
import { openLake } from '../../src/lake/lake.js';
import { METADATA } from '../../src/lake/maintain/lake-files.js';
import { tagVersion } from '../../src/lake/tag-version.js';
import { manyStats, sampleRun } from './sample-run.js';

/** Runs of the lake, the oldest first. */
export const RUNS = 13;

/** Of these the first so many are a month old. */
export const OLD_RUNS = 8;

/** The old run that made a version of an Icechunk repository, and the one whose snapshot is tagged. */
export const CUBE_RUN = 'run-02';
export const TAGGED_RUN = 'run-04';

/** Statements over the lake, which is attached as `lake`. */
export async function alterLake(location: LakeLocation, ...statements: string[]): Promise<void> {
  const session = await openSession(location);
  await withAttached(session, { readOnly: false }, async () => {
    await session.database.run("SET TimeZone = 'UTC'");
    for (const statement of statements) await session.database.run(statement);
  });
  await session.database.close();
}

/** SQLite keeps times as text. */
function earlier(column: string, days: number): string {
  return `CAST(CAST(${column} AS TIMESTAMPTZ) - INTERVAL ${days} DAY AS VARCHAR)`;
}

/** Pretend that all snapshots up to this one were made so many days ago. */
export function ageSnapshots(location: LakeLocation, upTo: number, days: number): Promise<void> {
  return alterLake(
    location,
    `UPDATE ${METADATA}.ducklake_snapshot SET snapshot_time = ${earlier('snapshot_time', days)} WHERE snapshot_id <= ${upTo}`,
  );
}

/** Pretend that the files which wait for a cleanup have waited so many days longer. */
export function ageScheduled(location: LakeLocation, days: number): Promise<void> {
  return alterLake(
    location,
    `UPDATE ${METADATA}.ducklake_files_scheduled_for_deletion SET schedule_start = ${earlier('schedule_start', days)}`,
  );
}

/**
 * A lake that every step has work in: runs as many files, some old, one tagged, one of a cube; deleted rows; files that wait
 * for a cleanup; a file that nobody knows. The snapshot of each run.
 */
export async function makeMaintainedLake(location: LakeLocation): Promise<ReadonlyMap<string, number>> {
  const lake = await openLake(location);
  const snapshots = new Map<string, number>();
  for (let i = 0; i < RUNS; i++) {
    const runId = `run-${String(i).padStart(2, '0')}`;
    const records = sampleRun(runId);
    const cubeSnapshot = runId === CUBE_RUN ? 'CUBE0000000000000000' : null;
    const run = { ...records.run, cubeSnapshot };
    const { snapshotId } = await lake.commit({ ...records, run, labelStats: manyStats(400) });
    snapshots.set(runId, Number(snapshotId));
  }
  await lake.close();
  await alterLake(location, `DELETE FROM lake.cube.label_stats WHERE run_id IN ('run-10', 'run-11') AND label_id > 10`);
  await tag(location, snapshots.get(TAGGED_RUN)!);
  await ageSnapshots(location, snapshots.get(`run-0${OLD_RUNS - 1}`)!, 30);
  await alterLake(location, 'CREATE TABLE lake.cube.scratch AS SELECT range AS i FROM range(1000)');
  await alterLake(location, 'DROP TABLE lake.cube.scratch');
  const session = await openSession(location);
  await withAttached(session, { readOnly: false }, async () => {
    const [row] = await session.database.all('SELECT max(snapshot_id) - 1 AS id FROM lake.snapshots()');
    await session.database.run(`CALL ducklake_expire_snapshots('lake', versions => [${String(row?.['id'])}])`);
  });
  await session.database.close();
  const orphan = join(location.dataPath, 'cube/labels/ducklake-00000000-0000-7000-8000-000000000000.parquet');
  writeFileSync(orphan, 'left by a writer that was killed');
  const monthAgo = Date.now() / 1000 - 30 * 86_400;
  utimesSync(orphan, monthAgo, monthAgo);
  return snapshots;
}

async function tag(location: LakeLocation, snapshot: number): Promise<void> {
  const { lakeSnapshot } = await tagVersion(location, {
    name: 'v1',
    cubeHref: 'elsewhere.icechunk',
    cubeSnapshot: 'TAGGED00000000000000',
  });
  await alterLake(
    location,
    `UPDATE lake.cube.tags SET lake_snapshot = ${snapshot} WHERE lake_snapshot = ${lakeSnapshot}`,
  );
}
