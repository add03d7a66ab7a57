import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sqlString } from '../../duckdb/connection.js';
import type { DuckDb } from '../../duckdb/connection.js';
import { codeOf } from '../../io/system-error.js';
import { writeError } from '../../io/write-file.js';
import type { LakeSession } from '../attach.js';
import { isInBucket } from '../storage.js';
import { placeOfFile, readLakeFiles, readScheduledFiles } from './lake-files.js';

/** A file below the data path. */
export type ListedFile = { readonly place: string; readonly bytes: number; readonly modifiedMs: number };

/** What DuckLake writes, and what its own deletion of orphans looks at: nothing else below the data path is a file of a lake. */
const OF_A_LAKE = /\.(?:parquet|puffin)$/;

/** Parquet files below the data path that no snapshot and no cleanup knows, in order of their names. Problem: `io`, `lake`. */
export async function readOrphans(session: LakeSession): Promise<ListedFile[]> {
  const { database, dataPath } = session;
  const known = [...(await readLakeFiles(database)), ...(await readScheduledFiles(database))];
  const places = new Set(known.map((file) => placeOfFile(dataPath, file)));
  const listed = isInBucket(dataPath) ? await listBucket(database, dataPath) : await listFolder(dataPath);
  return listed
    .filter(({ place }) => OF_A_LAKE.test(place) && !places.has(place))
    .sort((a, b) => (a.place < b.place ? -1 : 1));
}

/** Every object below the prefix. Only names, sizes and times are asked for, so no content is read. Failure: `lake`. */
export async function listBucket(database: DuckDb, prefix: string): Promise<ListedFile[]> {
  const pattern = sqlString(`${prefix}**`);
  const [any] = await database.all(`SELECT file FROM glob(${pattern}) LIMIT 1`); // read_blob refuses to find nothing
  if (any === undefined) return [];
  const rows = await database.all(
    `SELECT filename, size::DOUBLE AS size, epoch_ms(last_modified)::DOUBLE AS modified FROM read_blob(${pattern})`,
  );
  return rows.map((row) => ({
    place: String(row['filename']),
    bytes: Number(row['size']),
    modifiedMs: Number(row['modified']),
  }));
}

async function listFolder(folder: string): Promise<ListedFile[]> {
  const files: ListedFile[] = [];
  try {
    for await (const entry of await opendir(folder, { recursive: true })) {
      if (!entry.isFile() || !OF_A_LAKE.test(entry.name)) continue;
      const place = join(entry.parentPath, entry.name);
      const { size, mtimeMs } = await stat(place);
      files.push({ place, bytes: size, modifiedMs: mtimeMs });
    }
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw writeError(folder, error);
  }
  return files;
}
