import { constants, copyFile, mkdir, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CubeError } from '../../errors.js';
import { sqlString } from '../../duckdb/connection.js';
import type { DuckDb } from '../../duckdb/connection.js';
import { throwIfAborted } from '../../io/abort.js';
import { temporaryPath, writeError } from '../../io/write-file.js';
import { fullDataPath, LAKE, openSession, withAttached, type LakeLocation, type LakeSession } from '../attach.js';
import { describeCatalog } from '../catalog.js';
import { isInBucket, type LakeStorage } from '../storage.js';
import { inWriteQueue } from '../turns.js';
import { assertThere, readSizes } from './check-files.js';
import { placeOfFile, readLakeFiles, type LakeFile } from './lake-files.js';
import { compareSums, readSums, type LakeSums } from './table-sums.js';

/** Which lake's data files go where. */
export type RelocateOptions = LakeLocation & {
  /** A folder, or `s3://BUCKET/PREFIX/`. */
  readonly to: string;
  readonly toStorage?: LakeStorage;
  /** Without it nothing is copied, and the report says what would be. */
  readonly apply?: boolean;
  /** Delete the files in the old place once all of them have been read in the new one. */
  readonly move?: boolean;
  readonly onPhase?: (phase: string) => void;
  readonly signal?: AbortSignal;
  readonly lockTimeoutMs?: number;
};

/** What was copied, or would be. */
export type Relocation = {
  readonly lake: string;
  readonly from: string;
  /** The data path to name from now on. */
  readonly to: string;
  readonly files: number;
  readonly bytes: number;
  /** Files of the right size that were there already. */
  readonly present: number;
  readonly applied: boolean;
  readonly moved: boolean;
};

/**
 * Copy the data files of every snapshot to another place, attach the lake there and read every value. The catalog stays as it
 * is: its names are relative to the data path, which those who open the lake name. What is copied already is not copied
 * again, so a relocation that was stopped goes on. Problem: `lake`, `io`, `unsupported` for names that are not relative.
 */
export async function relocateLake(options: RelocateOptions): Promise<Relocation> {
  const { apply = false, toStorage, signal, lockTimeoutMs } = options;
  const to = fullDataPath(options.to);
  const other = { dataPath: to, ...(toStorage === undefined ? {} : { storage: toStorage }) };
  if (options.move === true && isInBucket(options.dataPath)) {
    const feature = 'deleting the old objects of a bucket';
    throw new CubeError({
      kind: 'unsupported',
      feature,
      fix: 'leave --move out, and delete them with a tool of the bucket',
    });
  }
  const session = await openSession(options, { other });
  const attach = { readOnly: !apply, alone: apply, signal, lockTimeoutMs };
  try {
    if (apply) await assertThere(session, { signal, lockTimeoutMs });
    return await inWriteQueue(async () => {
      const there = { ...session, dataPath: to };
      const found = await withAttached(session, attach, () => copyAttached(session, to, options));
      const { files, present, before } = found;
      const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
      const base = { lake: describeCatalog(session.catalog), from: session.dataPath, to, files: files.length, bytes };
      if (before === null) return { ...base, present, applied: false, moved: false };
      return await withAttached(there, attach, async () => {
        await assertEqualThere(there, found, options);
        if (options.move === true) await removeOld(session, files, options);
        return { ...base, present, applied: true, moved: options.move === true };
      });
    });
  } finally {
    await session.database.close();
  }
}

type Copied = {
  readonly files: readonly LakeFile[];
  readonly newest: number;
  readonly present: number;
  /** Null for a dry run. */
  readonly before: LakeSums | null;
};

async function copyAttached(session: LakeSession, to: string, options: RelocateOptions): Promise<Copied> {
  const { database, dataPath } = session;
  const { onPhase = () => {}, signal } = options;
  const files = await readLakeFiles(database);
  const newest = await newestSnapshot(database);
  assertMovable(files, dataPath, to);
  if (options.apply !== true) return { files, newest, present: 0, before: null };
  onPhase('sums');
  const before = await readSums(database, []);
  onPhase('copy');
  return { files, newest, present: await copyAll(session, files, to, signal), before };
}

async function newestSnapshot(database: DuckDb): Promise<number> {
  const [row] = await database.all(`SELECT max(snapshot_id)::DOUBLE AS id FROM ${LAKE}.snapshots()`);
  return Number(row?.['id']);
}

function assertMovable(files: readonly LakeFile[], from: string, to: string): void {
  const fixed = files.find(({ isRelative }) => !isRelative);
  if (fixed !== undefined) {
    const feature = `relocating a lake with files of absolute names, such as ${fixed.name}`;
    throw new CubeError({ kind: 'unsupported', feature, fix: 'write those tables anew: CREATE TABLE … AS SELECT' });
  }
  if (to !== from) return;
  throw new CubeError({
    kind: 'invalid-argument',
    what: 'the data files are there already',
    fix: 'name another place',
  });
}

/** How many were there already. */
async function copyAll(
  session: LakeSession,
  files: readonly LakeFile[],
  to: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  const { database, dataPath } = session;
  const targets = files.map((file) => placeOfFile(to, file));
  const sizes = await readSizes({ ...session, dataPath: to }, targets);
  let present = 0;
  for (const [i, file] of files.entries()) {
    throwIfAborted(signal);
    const target = targets[i]!;
    if (sizes.get(target) === file.bytes) present++;
    else await copyOne(database, placeOfFile(dataPath, file), target);
  }
  const after = await readSizes({ ...session, dataPath: to }, targets);
  const wrong = files.find((file, i) => after.get(targets[i]!) !== file.bytes);
  if (wrong === undefined) return present;
  const what = `${placeOfFile(to, wrong)} has not the ${wrong.bytes} bytes of the file that it is a copy of`;
  throw new CubeError({ kind: 'lake', what, fix: 'nothing was removed; see whether the place has room' });
}

/** Through a temporary name on a disk; objects of a bucket appear whole. */
async function copyOne(database: DuckDb, from: string, target: string): Promise<void> {
  if (isInBucket(from) || isInBucket(target)) {
    if (!isInBucket(target)) await mkdir(dirname(target), { recursive: true });
    const source = `SELECT content FROM read_blob(${sqlString(from)})`;
    return database.run(`COPY (${source}) TO ${sqlString(target)} (FORMAT blob)`);
  }
  try {
    await mkdir(dirname(target), { recursive: true });
    const temporary = temporaryPath(dirname(target));
    await copyFile(from, temporary, constants.COPYFILE_FICLONE);
    await rename(temporary, target);
  } catch (error) {
    throw writeError(target, error);
  }
}

/** The catalog was let go in between, to be attached with the new place. */
async function assertEqualThere({ database, dataPath }: LakeSession, copied: Copied, options: RelocateOptions) {
  options.onPhase?.('compare');
  if ((await newestSnapshot(database)) !== copied.newest) {
    const what = 'another process has written to the lake while its files were copied';
    throw new CubeError({ kind: 'conflict', what, fix: 'nothing was removed; run it again to copy the rest' });
  }
  const differences = copied.before === null ? [] : compareSums(copied.before, await readSums(database, []));
  if (differences.length === 0) return;
  const what = `the lake holds something else in ${dataPath}: ${differences.slice(0, 10).join('; ')}`;
  throw new CubeError({ kind: 'lake', what, fix: 'nothing was removed: the lake is whole in its old place' });
}

async function removeOld(session: LakeSession, files: readonly LakeFile[], { onPhase }: RelocateOptions) {
  onPhase?.('remove');
  for (const file of files) {
    const place = placeOfFile(session.dataPath, file);
    await unlink(place).catch((error: unknown) => {
      throw writeError(place, error);
    });
  }
}
