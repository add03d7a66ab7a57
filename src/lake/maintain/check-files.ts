import { stat } from 'node:fs/promises';
import { sqlString } from '../../duckdb/connection.js';
import type { DuckDb } from '../../duckdb/connection.js';
import { codeOf } from '../../io/system-error.js';
import { writeError } from '../../io/write-file.js';
import { withAttached, type AttachOptions, type LakeSession } from '../attach.js';
import { listBucket } from './list-files.js';
import { isInBucket } from '../storage.js';
import { placeOfFile, readLakeFiles, type LakeFile } from './lake-files.js';

/** Files that are asked for at a time. */
const LANES = 64;

/** Sizes of files by their place; null where nothing is there. */
export type FileSizes = ReadonlyMap<string, number | null>;

/** Ask the disk or the bucket for the size of each file; a bucket is listed once. Problem: `io`, `lake`. */
export async function readSizes({ database, dataPath }: LakeSession, places: readonly string[]): Promise<FileSizes> {
  const remote = places.filter(isInBucket);
  const found = remote.length === 0 ? [] : await listBucket(database, dataPath);
  const listed = new Map(found.map(({ place, bytes }) => [place, bytes]));
  const sizes = new Map<string, number | null>();
  for (let start = 0; start < places.length; start += LANES) {
    const batch = places.slice(start, start + LANES);
    const asked = await Promise.all(
      batch.map((place) => (isInBucket(place) ? (listed.get(place) ?? null) : localSize(place))),
    );
    for (const [i, place] of batch.entries()) sizes.set(place, asked[i]!);
  }
  return sizes;
}

/** Attaching for writing would make a lake where there is none, such as under a mistyped name. Failure: `lake`. */
export function assertThere(session: LakeSession, options: Omit<AttachOptions, 'readOnly'>): Promise<void> {
  return withAttached(session, { ...options, readOnly: true }, async () => {});
}

/** Places of files that the catalog names for any snapshot, and that are not there or have another size. */
export async function missingFiles(session: LakeSession): Promise<string[]> {
  const files = await readLakeFiles(session.database);
  const placed = files.map((file) => ({ place: placeOfFile(session.dataPath, file), bytes: file.bytes }));
  const sizes = await readSizes(
    session,
    placed.map(({ place }) => place),
  );
  return placed.flatMap(({ place, bytes }) => (sizes.get(place) === bytes ? [] : [place]));
}

/** Rows of data files as their own footers have them; those that cannot be read are left out. */
export async function readRowCounts(
  database: DuckDb,
  files: readonly { readonly file: LakeFile; readonly place: string }[],
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const { file, place } of files) {
    if (file.kind !== 'data') continue;
    const sql = `SELECT num_rows::DOUBLE AS n FROM parquet_file_metadata(${sqlString(place)})`;
    const [row] = await database.all(sql).catch(() => []); // told as a file of no rows
    if (row !== undefined) counts.set(place, Number(row['n']));
  }
  return counts;
}

async function localSize(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw writeError(path, error);
  }
}
