import type { DuckDb } from '../duckdb/connection.js';
import { LAKE, openSession, withAttached } from './attach.js';
import type { QueryOptions } from './query.js';
import { hasTable } from './schema.js';
import { SCHEMA, TAGS, type TagRow } from './tables.js';

/** A run of the lake whose cube is a snapshot of an Icechunk repository. */
export type LakeRun = {
  readonly runId: string;
  readonly name: string;
  readonly status: string;
  /** Milliseconds since 1970 UTC. */
  readonly finishedMs: number;
  readonly cubeHref: string;
  /** Of the Icechunk repository. */
  readonly cubeSnapshot: string;
  /** The lake's snapshot that brought the run; null where it has expired. */
  readonly lakeSnapshot: number | null;
};

/** A version of the lake's own tables. */
export type LakeSnapshot = {
  readonly id: number;
  /** Milliseconds since 1970 UTC. */
  readonly timeMs: number;
  readonly message: string | null;
  /** Of the run that the commit brought. */
  readonly runId: string | null;
};

/** A tag of an Icechunk repository with the snapshot of the lake that belongs to it. */
export type LakeTag = TagRow & {
  /** Of the run that made the version; null where it is none of the lake's. */
  readonly runId: string | null;
};

/** All of them, newest first. */
export type LakeVersions = {
  readonly runs: readonly LakeRun[];
  readonly snapshots: readonly LakeSnapshot[];
  readonly tags: readonly LakeTag[];
};

/** The runs of a lake that have a snapshot of a cube, the lake's own snapshots, and tags. Nothing is written. Failure: `lake`. */
export async function readLakeVersions(options: QueryOptions): Promise<LakeVersions> {
  const session = await openSession(options, { spatial: false });
  try {
    return await withAttached(session, { ...options, readOnly: true }, () => readVersions(session.database));
  } finally {
    await session.database.close();
  }
}

/** The same of the lake that is attached. */
export async function readVersions(database: DuckDb): Promise<LakeVersions> {
  const snapshots = await readSnapshots(database);
  return { snapshots, runs: await readRuns(database, snapshots), tags: await readTags(database) };
}

async function readTags(database: DuckDb): Promise<LakeTag[]> {
  const rows = await rowsOf(
    database,
    TAGS.name,
    `SELECT run_id, name, cube_href, cube_snapshot, lake_snapshot::DOUBLE AS lake_snapshot, epoch_ms(tagged_at)::DOUBLE AS tagged
     FROM ${LAKE}.${SCHEMA}.${TAGS.name} ORDER BY tagged_at DESC, name`,
  );
  return rows.map((row) => ({
    name: String(row['name']),
    cubeHref: String(row['cube_href']),
    cubeSnapshot: String(row['cube_snapshot']),
    lakeSnapshot: Number(row['lake_snapshot']),
    taggedMs: Number(row['tagged']),
    runId: textOrNull(row['run_id']),
  }));
}

async function readSnapshots(database: DuckDb): Promise<LakeSnapshot[]> {
  const rows = await database.all(
    `SELECT snapshot_id::DOUBLE AS id, epoch_ms(snapshot_time)::DOUBLE AS time, commit_message AS message,
       TRY(json_extract_string(commit_extra_info, '$.run_id')) AS run
     FROM ${LAKE}.snapshots() ORDER BY snapshot_id DESC`,
  );
  return rows.map(({ id, time, message, run }) => ({
    id: Number(id),
    timeMs: Number(time),
    message: textOrNull(message),
    runId: textOrNull(run),
  }));
}

async function readRuns(database: DuckDb, snapshots: readonly LakeSnapshot[]): Promise<LakeRun[]> {
  const rows = await rowsOf(
    database,
    'runs',
    `SELECT run_id, name, status, epoch_ms(finished_at)::DOUBLE AS finished, cube_href, cube_snapshot
     FROM ${LAKE}.${SCHEMA}.runs WHERE cube_snapshot IS NOT NULL ORDER BY finished_at DESC, run_id`,
  );
  // A rebuilt lake may say a run twice; the oldest commit is its own.
  const byRun = new Map(snapshots.flatMap(({ id, runId }) => (runId === null ? [] : [[runId, id] as const])));
  return rows.map((row) => ({
    runId: String(row['run_id']),
    name: String(row['name']),
    status: String(row['status']),
    finishedMs: Number(row['finished']),
    cubeHref: String(row['cube_href']),
    cubeSnapshot: String(row['cube_snapshot']),
    lakeSnapshot: byRun.get(String(row['run_id'])) ?? null,
  }));
}

/** The rows of a query over a table; none where the lake has no such table yet. */
async function rowsOf(database: DuckDb, table: string, sql: string): Promise<Record<string, unknown>[]> {
  return (await hasTable(database, LAKE, table)) ? database.all(sql) : [];
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
