import { CubeError } from '../../errors.js';
import { sqlName, sqlString } from '../../duckdb/connection.js';
import type { DuckDb } from '../../duckdb/connection.js';
import { LAKE, type LakeSession } from '../attach.js';
import { runTransaction } from '../transaction.js';
import { readOrphans } from './list-files.js';
import { readSizes } from './check-files.js';
import { isNeeded, METADATA, placeOfFile, readLakeFiles, readScheduledFiles, type LakeFile } from './lake-files.js';
import { MAINTENANCE, type JudgedSnapshot } from './retention.js';

/** What maintenance can do, in the order in which it is safe. */
export const STEPS = ['flush', 'expire', 'merge', 'rewrite', 'cleanup', 'orphans'] as const;

/** One of them. */
export type MaintenanceStep = (typeof STEPS)[number];

/** What a step has to do, or did. */
export type StepWork = {
  readonly step: MaintenanceStep;
  /** Of `expire`: ids. */
  readonly snapshots: readonly number[];
  /** Of `flush`: rows that stand in the catalog itself. */
  readonly rows: number;
  /** Files that it writes anew (`merge`, `rewrite`), deletes (`cleanup`, `orphans`) or gives up to a later cleanup (`expire`). */
  readonly files: readonly string[];
  /** Of these files. */
  readonly bytes: number;
};

/** What the steps go by. */
export type StepContext = {
  readonly session: LakeSession;
  readonly snapshots: readonly JudgedSnapshot[];
  /** Files that are given up, or that nobody knows, are deleted where they are as old as that. */
  readonly minAgeMs: number;
  readonly nowMs: number;
  readonly signal: AbortSignal | undefined;
};

const DAY_MS = 86_400_000;
const CLEANUP = 'ducklake_cleanup_old_files';
const ORPHANS = 'ducklake_delete_orphaned_files';

/** Files are merged up to the size that the lake writes; see `LAKE_OPTIONS` in `schema.ts`. */
const TARGET_BYTES = 128e6;

/** At most so many files become one in a go, which bounds the memory. */
const MOST_MERGED = 1000;

/** A file is written anew where this part of its rows is deleted. Never 0: time travel breaks (duckdb/ducklake#1406). */
const REWRITE_THRESHOLD = 0.5;

/** What a step would do. Reads the catalog, and for `orphans` the list of the folder. */
export async function planStep(step: MaintenanceStep, context: StepContext): Promise<StepWork> {
  const { database } = context.session;
  switch (step) {
    case 'flush':
      return { ...nothing(step), rows: await inlinedRows(database) };
    case 'expire':
      return planExpire(context);
    case 'merge':
      return ofFiles(step, mergeable(await readLakeFiles(database)));
    case 'rewrite':
      return ofFiles(step, (await readLakeFiles(database)).filter(isRewritten));
    case 'cleanup': {
      const due = (await readScheduledFiles(database)).filter(({ scheduledMs }) => scheduledMs < cutoffMs(context));
      const places = due.map((file) => placeOfFile(context.session.dataPath, file));
      const sizes = await readSizes(context.session, places);
      const bytes = [...sizes.values()].reduce<number>((sum, size) => sum + (size ?? 0), 0);
      return { ...nothing(step), files: places, bytes };
    }
    case 'orphans': {
      const old = (await readOrphans(context.session)).filter(({ modifiedMs }) => modifiedMs < cutoffMs(context));
      const bytes = old.reduce((sum, file) => sum + file.bytes, 0);
      return { ...nothing(step), files: old.map(({ place }) => place), bytes };
    }
  }
}

/** Do the step. Each statement is a transaction of its own: a process that is killed leaves it done or not begun. */
export async function runStep(work: StepWork, context: StepContext): Promise<void> {
  const { database } = context.session;
  switch (work.step) {
    case 'flush':
      return database.run(`CALL ducklake_flush_inlined_data('${LAKE}')`);
    case 'expire':
      return database.run(`CALL ducklake_expire_snapshots('${LAKE}', versions => [${work.snapshots.join(', ')}])`);
    case 'merge': {
      const option = `max_compacted_files => ${MOST_MERGED}`;
      return compact('ducklake_merge_adjacent_files', option, mergeable(await readLakeFiles(database)), work, context);
    }
    case 'rewrite': {
      const option = `delete_threshold => ${REWRITE_THRESHOLD}`;
      const files = (await readLakeFiles(database)).filter(isRewritten);
      return compact('ducklake_rewrite_data_files', option, files, work, context);
    }
    case 'cleanup':
      return deleteFiles(CLEANUP, work, context);
    case 'orphans':
      return deleteFiles(ORPHANS, work, context);
  }
}

/** Whether there is anything to do. */
export function hasWork({ snapshots, rows, files }: StepWork): boolean {
  return snapshots.length > 0 || rows > 0 || files.length > 0;
}

async function planExpire({ session: { database }, snapshots }: StepContext): Promise<StepWork> {
  const going = snapshots.filter(({ keptFor }) => keptFor === null).map(({ id }) => id);
  if (going.length === 0) return nothing('expire');
  const kept = snapshots.filter(({ keptFor }) => keptFor !== null).map(({ id }) => id);
  const released = (await readLakeFiles(database)).filter((file) => !isNeeded(file, kept));
  return { ...ofFiles('expire', released), snapshots: going };
}

function nothing(step: MaintenanceStep): StepWork {
  return { step, snapshots: [], rows: 0, files: [], bytes: 0 };
}

function ofFiles(step: MaintenanceStep, files: readonly LakeFile[]): StepWork {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return { ...nothing(step), files: files.map(({ name }) => name), bytes };
}

/** Small files of the newest snapshot whose table has several; those with deleted rows are for `rewrite`. */
function mergeable(files: readonly LakeFile[]): LakeFile[] {
  const small = files.filter(
    ({ kind, end, bytes, deletedRows }) => kind === 'data' && end === null && deletedRows === 0 && bytes < TARGET_BYTES,
  );
  const counts = new Map<string, number>();
  for (const file of small) counts.set(tableKey(file), (counts.get(tableKey(file)) ?? 0) + 1);
  return small.filter((file) => counts.get(tableKey(file))! > 1);
}

function isRewritten({ kind, end, rows, deletedRows }: LakeFile): boolean {
  return kind === 'data' && end === null && rows > 0 && deletedRows / rows >= REWRITE_THRESHOLD;
}

function tableKey({ schema, table }: LakeFile): string {
  return JSON.stringify([schema, table]);
}

/** All tables of the files in one transaction, so that a step is one snapshot. */
async function compact(
  name: string,
  option: string,
  files: readonly LakeFile[],
  { step }: StepWork,
  { session: { database }, signal }: StepContext,
): Promise<void> {
  const tables = [...new Map(files.map((file) => [tableKey(file), file])).values()];
  await runTransaction(
    database,
    { message: `${MAINTENANCE}${step}`, info: { maintenance: step }, signal },
    async () => {
      for (const { schema, table } of tables) {
        await database.run(`CALL ${name}('${LAKE}', ${sqlString(table)}, schema => ${sqlString(schema)}, ${option})`);
      }
    },
  );
}

async function inlinedRows(database: DuckDb): Promise<number> {
  const tables = await database.all(`SELECT table_name FROM ${METADATA}.ducklake_inlined_data_tables`);
  let rows = 0;
  for (const { table_name: table } of tables) {
    const [row] = await database.all(`SELECT count(*)::DOUBLE AS n FROM ${METADATA}.${sqlName(String(table))}`);
    rows += Number(row?.['n']);
  }
  return rows;
}

/** The beginning of a day (UTC), since a SQLite catalog knows no less; so that files wait up to a day longer than they must. */
function cutoffMs({ nowMs, minAgeMs }: StepContext): number {
  return Math.floor((nowMs - minAgeMs) / DAY_MS) * DAY_MS;
}

/**
 * What DuckLake is told. A SQLite catalog holds times as text and compares them with text of another form, to which all of
 * the same day is older: there the day before says the same.
 */
function olderThan(name: string, context: StepContext): string {
  const isText = context.session.catalog.kind === 'sqlite' && name === CLEANUP;
  return sqlString(new Date(cutoffMs(context) - (isText ? DAY_MS : 0)).toISOString());
}

/** DuckLake's own list must hold nothing but what was planned: its age guard is the only one that it has. */
async function deleteFiles(name: string, { files }: StepWork, context: StepContext): Promise<void> {
  const { database } = context.session;
  const age = `older_than => ${olderThan(name, context)}::TIMESTAMPTZ`;
  const listed = await database.all(`CALL ${name}('${LAKE}', ${age}, dry_run => true)`);
  const planned = new Set(files);
  const strange = listed.map((row) => String(row['path'])).filter((path) => !planned.has(path));
  if (strange.length > 0) {
    const what = `the catalog would delete ${strange.length} files that are not due, such as ${strange[0]}`;
    throw new CubeError({ kind: 'lake', what, fix: 'nothing of these was deleted; run this again a day later' });
  }
  await database.run(`CALL ${name}('${LAKE}', ${age})`);
}
