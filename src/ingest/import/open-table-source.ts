import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { openDuckDb, sqlString, type DuckDb } from '../../duckdb/connection.js';
import { CubeError, isCubeError } from '../../errors.js';
import { onAbort, throwIfAborted } from '../../io/abort.js';

/** Names of files that describe a version of an Iceberg table end with this. */
const METADATA = '.metadata.json';

/** Rows that are about to go into a lake, as a Parquet file. */
export type TableSource = {
  readonly format: 'iceberg' | 'parquet';
  /** Absolute. */
  readonly path: string;
  readonly parquet: string;
  /** Removes what was written for it. */
  readonly close: () => Promise<void>;
};

/**
 * The rows of an Iceberg table (its folder, or the `.metadata.json` of one of its versions) or of a Parquet file. The metadata of an Iceberg table names its files by whole paths, so it is
 * read by a DuckDB that may open nothing outside of the folder; a table that was moved is read where it is now. Problems: `not-found`,
 * `unsupported` for other files, `invalid-data` with DuckDB's words.
 */
export async function openTableSource(given: string, signal?: AbortSignal): Promise<TableSource> {
  const path = resolve(given);
  throwIfAborted(signal);
  const info = await stat(path).catch((error: unknown) => {
    throw new CubeError({ kind: 'not-found', url: path, what: 'an Iceberg table or a Parquet file' }, { cause: error });
  });
  const isMetadata = path.endsWith(METADATA);
  if (!info.isDirectory() && !isMetadata) {
    if (/^\.(geo)?parquet$/i.test(extname(path)))
      return { format: 'parquet', path, parquet: path, close: async () => {} };
    const fix =
      'name the folder of an Iceberg table, its .metadata.json, or a .parquet file; files of labels are brought in by cube ingest';
    throw new CubeError({ kind: 'unsupported', feature: `importing a file "${extname(path)}"`, url: path, fix });
  }
  const table = isMetadata ? dirname(dirname(path)) : path;
  if ((await stat(join(table, 'metadata')).catch(() => null)) === null)
    throw new CubeError({
      kind: 'invalid-data',
      url: path,
      what: 'it is no Iceberg table: there is no folder metadata',
    });
  const folder = await mkdtemp(join(tmpdir(), 'heliocube-import-'));
  const close = () => rm(folder, { recursive: true, force: true });
  try {
    const parquet = join(folder, 'rows.parquet');
    await copyIceberg({ path, table }, parquet, folder, signal);
    return { format: 'iceberg', path, parquet, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function copyIceberg(
  { path, table }: { readonly path: string; readonly table: string },
  parquet: string,
  folder: string,
  signal?: AbortSignal,
): Promise<void> {
  const database = await openDuckDb({ extensions: ['avro', 'iceberg'] });
  const off = onAbort(signal, () => database.connection.interrupt());
  try {
    throwIfAborted(signal);
    await confine(database, [table, folder]);
    // DuckDB bends paths to where the table is only where the table itself is named.
    const version = path === table ? '' : `, version => ${sqlString(basename(path, METADATA))}`;
    const rows = `SELECT * FROM iceberg_scan(${sqlString(table)}, allow_moved_paths => true${version})`;
    await database.run(`COPY (${rows}) TO ${sqlString(parquet)} (FORMAT parquet, COMPRESSION zstd)`);
  } catch (error) {
    throwIfAborted(signal);
    if (!isCubeError(error, 'lake')) throw error;
    const isUndecided = /version-hint/.test(error.problem.what);
    const what = isUndecided
      ? 'the table does not say which of its versions is the newest (it has no version-hint.text): name a .metadata.json'
      : `it cannot be read as an Iceberg table: ${error.problem.what}`;
    throw new CubeError({ kind: 'invalid-data', url: path, what }, { cause: error });
  } finally {
    off();
    await database.close();
  }
}

async function confine(database: DuckDb, folders: readonly string[]): Promise<void> {
  await database.run(`SET allowed_directories = [${folders.map(sqlString).join(', ')}]`);
  await database.run(`SET temp_directory = ${sqlString(folders.at(-1)!)}`);
  await database.run('SET enable_external_access = false');
  await database.run('SET lock_configuration = true');
}
