import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { CubeError } from '../../errors.js';
import { sqlName, sqlString } from '../../duckdb/connection.js';
import type { DuckDb } from '../../duckdb/connection.js';
import { temporaryPath, writeError, writeFileAtomic } from '../../io/write-file.js';
import { LAKE, openSession, withAttached, type LakeSession } from '../attach.js';
import { describeCatalog, type Catalog } from '../catalog.js';
import { isInBucket } from '../storage.js';
import { METADATA, readLakeFiles, type LakeFile } from './lake-files.js';

/** A copy of a catalog, and the list of the data files that belong to it. */
export type LakeBackup = {
  /** Folder of both. */
  readonly folder: string;
  /** The copy, as `--lake` takes it: a DuckDB or SQLite catalog. One of a Postgres catalog is a DuckDB file. */
  readonly catalog: string;
  /** JSON: every data file with its bytes and rows. The files themselves are not copied. */
  readonly manifest: string;
  readonly files: number;
  readonly bytes: number;
  /** How to go back to it. */
  readonly restore: string;
};

/** The folder that backups of a lake go to where none is named: beside the catalog, or beside the data files. */
export function backupFolderOf({ catalog, dataPath }: Pick<LakeSession, 'catalog' | 'dataPath'>): string {
  if ('path' in catalog) return `${catalog.path}.backups`;
  return isInBucket(dataPath) ? resolve('lake.backups') : `${dataPath.replace(/[\\/]+$/, '')}.backups`;
}

/**
 * Copy the catalog of the attached lake, all of it as it was at one moment, and list its data files. The copy is opened and
 * its snapshots are counted before it gets its name. Problem: `io`, `lake`.
 */
export async function backUpLake(session: LakeSession, folder: string, nowMs: number): Promise<LakeBackup> {
  if (session.catalog.kind === 'motherduck') {
    const feature = 'copies of a catalog in MotherDuck';
    throw new CubeError({ kind: 'unsupported', feature, fix: "use MotherDuck's own snapshots" });
  }
  const stamp = new Date(nowMs).toISOString().replaceAll(/[:.]/g, '-');
  const place = join(resolve(folder), stamp);
  await mkdir(dirname(place), { recursive: true }).catch((error: unknown) => {
    throw writeError(folder, error);
  });
  const temporary = temporaryPath(dirname(place));
  try {
    await mkdir(temporary);
    const files = await readLakeFiles(session.database);
    await copyCatalog(session, temporary);
    await assertSame(session, temporary);
    await writeFileAtomic(join(temporary, MANIFEST), manifestOf(session, files, nowMs), { durable: true });
    await rename(temporary, place);
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const catalog = catalogIn(session.catalog, place);
    const manifest = join(place, MANIFEST);
    return { folder: place, catalog, manifest, files: files.length, bytes, restore: restoreOf(session.catalog, place) };
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => {}); // the error above matters more
    throw error instanceof CubeError ? error : writeError(place, error);
  }
}

const MANIFEST = 'files.json';

/** The name of the copy in SQL while it is made. */
const COPY = 'lake_backup';

function fileName(catalog: Catalog): string {
  return catalog.kind === 'sqlite' ? 'catalog.sqlite' : 'catalog.ducklake';
}

function catalogIn(catalog: Catalog, folder: string): string {
  return `${catalog.kind === 'sqlite' ? 'sqlite:' : ''}${join(folder, fileName(catalog))}`;
}

function restoreOf(catalog: Catalog, folder: string): string {
  const copy = join(folder, fileName(catalog));
  if ('path' in catalog) return `copy ${copy} over ${catalog.path} while nothing uses the lake`;
  return `open ${copy} as the catalog with the same data path, or copy its tables into an empty database (docs/lake.md)`;
}

/** One transaction reads the whole catalog, whatever kind it is. */
async function copyCatalog(session: LakeSession, folder: string): Promise<void> {
  const { database, catalog } = session;
  const path = join(folder, fileName(catalog));
  // Indexes of another database cannot be copied to a DuckDB file, so that one is made by DuckLake and filled.
  const isPostgres = catalog.kind === 'postgres';
  if (isPostgres) await makeEmpty(database, path, folder);
  await database.run(`ATTACH ${sqlString(path)} AS ${COPY}${catalog.kind === 'sqlite' ? ' (TYPE sqlite)' : ''}`);
  try {
    if (isPostgres) await fillCopy(database);
    else await database.run(`COPY FROM DATABASE ${METADATA} TO ${COPY}`);
  } finally {
    await database.run(`DETACH ${COPY}`);
  }
}

async function makeEmpty(database: DuckDb, path: string, folder: string): Promise<void> {
  await database.run(`ATTACH ${sqlString(`ducklake:${path}`)} AS ${COPY} (DATA_PATH ${sqlString(folder)})`);
  await database.run(`DETACH ${COPY}`);
}

async function fillCopy(database: DuckDb): Promise<void> {
  const ask = `SELECT table_name FROM information_schema.tables
    WHERE table_schema = current_schema() AND starts_with(table_name, 'ducklake_') ORDER BY table_name`;
  const tables = await database.all(`SELECT table_name, table_name IN
      (SELECT t.table_name FROM duckdb_tables() t WHERE t.database_name = '${COPY}') AS is_there
    FROM postgres_query('${METADATA}', ${sqlString(ask)})`);
  await database.run('BEGIN TRANSACTION');
  try {
    for (const { table_name: table, is_there: isThere } of tables) {
      const [from, to] = [METADATA, `${COPY}.main`].map((place) => `${place}.${sqlName(String(table))}`);
      if (isThere === true) await database.run(`DELETE FROM ${to}`);
      await database.run(
        isThere === true
          ? `INSERT INTO ${to} BY NAME SELECT * FROM ${from}`
          : `CREATE TABLE ${to} AS SELECT * FROM ${from}`,
      );
    }
    await database.run('COMMIT');
  } catch (error) {
    await database.run('ROLLBACK').catch(() => {}); // the error above matters more
    throw error;
  }
}

async function assertSame(session: LakeSession, folder: string): Promise<void> {
  const ask = `SELECT count(*)::DOUBLE AS n, max(snapshot_id)::DOUBLE AS newest FROM ${LAKE}.snapshots()`;
  const [expected] = await session.database.all(ask);
  const location = { catalog: catalogIn(session.catalog, folder), dataPath: folder };
  const copy = await openSession(location, { spatial: false });
  try {
    const [found] = await withAttached(copy, { readOnly: true }, () => copy.database.all(ask));
    if (found?.['n'] === expected?.['n'] && found?.['newest'] === expected?.['newest']) return;
    const what = `the copy of ${describeCatalog(session.catalog)} has ${String(found?.['n'])} snapshots of ${String(expected?.['n'])}`;
    throw new CubeError({ kind: 'lake', what });
  } finally {
    await copy.database.close();
  }
}

function* manifestOf({ catalog, dataPath }: LakeSession, files: readonly LakeFile[], nowMs: number): Generator<string> {
  const head = { catalog: describeCatalog(catalog), dataPath, madeAt: new Date(nowMs).toISOString() };
  yield `${JSON.stringify(head).slice(0, -1)},"files":[\n`;
  for (const [place, file] of files.entries()) yield `${place === 0 ? '' : ',\n'}${JSON.stringify(file)}`;
  yield '\n]}\n';
}
