import { mkdir } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { CubeError, isCubeError } from '../errors.js';
import { openDuckDb, sqlString } from '../duckdb/connection.js';
import type { DuckDb } from '../duckdb/connection.js';
import { throwIfAborted } from '../io/abort.js';
import { attachTarget, describeCatalog, hideSecrets, parseCatalog } from './catalog.js';
import type { Catalog } from './catalog.js';
import { makeCatalogFile } from './make-catalog.js';
import { inFileTurn } from './turns.js';

/** Where a lake is. */
export type LakeLocation = {
  /** Path of a DuckDB file, `sqlite:PATH`, or `postgres:CONNECTION`. Relative paths start at the working directory. */
  readonly catalog: string;
  /** Folder of the data files; it need not exist. */
  readonly dataPath: string;
};

/** How a catalog is attached. */
export type AttachOptions = {
  readonly readOnly: boolean;
  /** The lake as it was at this snapshot; for reading only. */
  readonly snapshot?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How long to wait for another process that holds the catalog. */
  readonly lockTimeoutMs?: number | undefined;
};

/** The name of the attached lake in SQL. */
export const LAKE = 'lake';

/** A commit holds a DuckDB file for seconds, so this waits for several of them. */
const LOCK_TIMEOUT_MS = 60_000;

/** SQLite's own wait for a lock; without it one insert in eight fails beside another writer. */
const SQLITE_BUSY_MS = 20_000;

/** DuckDB's words for a catalog file that another process, or this one, has open. */
const HELD = /Could not set lock on file|Conflicting lock|Unique file handle conflict|being used by another process/i;

/** Words for a catalog that another process is creating, or writing, at this moment. */
const BUSY = /Failed to initialize DuckLake[^]*(already exists|duplicate key)|database is locked|concurrently/i;

/** DuckDB's words for a file that is something else, or whose making was interrupted. */
const NO_DATABASE = /not a valid DuckDB database|Could not read enough bytes/i;

/** A lake that can be attached and let go again; between the two no lock is held. */
export type LakeSession = {
  readonly database: DuckDb;
  readonly catalog: Catalog;
  readonly dataPath: string;
};

/**
 * Open DuckDB with everything that the catalog needs. Nothing is attached and no file is touched yet. `spatial: false`, for
 * those who touch no geometry, takes a third of the time.
 */
export async function openSession(
  location: LakeLocation,
  { spatial = true, more = [] }: { readonly spatial?: boolean; readonly more?: readonly string[] } = {},
): Promise<LakeSession> {
  const catalog = absolute(parseCatalog(location.catalog));
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(location.dataPath)) {
    throw new CubeError({
      kind: 'unsupported',
      feature: 'lake data outside the file system',
      fix: 'use a local folder',
    });
  }
  const extensions = ['ducklake'];
  if (spatial) extensions.push('spatial');
  if (catalog.kind === 'sqlite') extensions.push('sqlite_scanner');
  if (catalog.kind === 'postgres') extensions.push('postgres_scanner');
  const database = await openDuckDb({ extensions: [...extensions, ...more] });
  return { database, catalog, dataPath: resolve(location.dataPath) + sep };
}

/** Run the action with the lake attached as `LAKE`, and detach it whatever happens: then the files are whole and free. */
export function withAttached<T>(session: LakeSession, options: AttachOptions, action: () => Promise<T>): Promise<T> {
  const { catalog } = session;
  const whole = () => attachAndRun(session, options, action);
  return catalog.kind === 'duckdb' ? inFileTurn(catalog.path, whole) : whole();
}

async function attachAndRun<T>(session: LakeSession, options: AttachOptions, action: () => Promise<T>): Promise<T> {
  await attach(session, options);
  try {
    return await action();
  } catch (error) {
    throw withoutSecrets(error, session.catalog);
  } finally {
    await session.database.run(`DETACH DATABASE IF EXISTS ${LAKE}`).catch(() => {}); // the action's error matters more
  }
}

/** The error without the catalog's passwords; its cause is dropped, because that holds them too. */
export function withoutSecrets(error: unknown, catalog: Catalog): unknown {
  if (catalog.kind !== 'postgres' || !isCubeError(error, 'lake')) return error;
  return new CubeError({ ...error.problem, what: hideSecrets(error.problem.what, catalog) });
}

async function attach(session: LakeSession, options: AttachOptions): Promise<void> {
  const deadline = Date.now() + (options.lockTimeoutMs ?? LOCK_TIMEOUT_MS);
  if (!options.readOnly) await makePlaces(session);
  for (let attempt = 0; ; attempt++) {
    throwIfAborted(options.signal);
    try {
      return await session.database.run(attachStatement(session, options));
    } catch (error) {
      const what = isCubeError(error, 'lake') ? error.problem.what : '';
      const isHeld = HELD.test(what);
      if (isHeld && Date.now() >= deadline) throw heldError(session.catalog);
      if (!isHeld && (!BUSY.test(what) || Date.now() >= deadline)) throw attachError(error, session.catalog);
      await setTimeout(Math.min(1000, 25 * 2 ** attempt) * (0.5 + Math.random())); // jitter: two waiters must not march in step
    }
  }
}

// Stored file names are relative to DATA_PATH, and a relative DATA_PATH would follow the working directory.
function attachStatement({ catalog, dataPath }: LakeSession, { readOnly, snapshot }: AttachOptions): string {
  const options = [`DATA_PATH ${sqlString(dataPath)}`, 'OVERRIDE_DATA_PATH true', 'DATA_INLINING_ROW_LIMIT 0'];
  if (catalog.kind === 'sqlite') options.push(`BUSY_TIMEOUT ${SQLITE_BUSY_MS}`);
  if (readOnly) options.push('READ_ONLY');
  if (snapshot !== undefined) options.push(`SNAPSHOT_VERSION ${snapshot}`);
  return `ATTACH ${sqlString(`ducklake:${attachTarget(catalog)}`)} AS ${LAKE} (${options.join(', ')})`;
}

async function makePlaces({ database, catalog, dataPath }: LakeSession): Promise<void> {
  const folders = catalog.kind === 'postgres' ? [dataPath] : [dataPath, dirname(catalog.path)];
  for (const path of folders) {
    try {
      await mkdir(path, { recursive: true });
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      throw new CubeError({ kind: 'io', path, code, what: 'the folder cannot be made' }, { cause: error });
    }
  }
  if (catalog.kind === 'duckdb') await makeCatalogFile(database, catalog.path);
}

function absolute(catalog: Catalog): Catalog {
  return catalog.kind === 'postgres' ? catalog : { ...catalog, path: resolve(catalog.path) };
}

function attachError(error: unknown, catalog: Catalog): unknown {
  const hidden = withoutSecrets(error, catalog);
  if (!isCubeError(hidden, 'lake')) return hidden;
  const what = `the lake's catalog ${describeCatalog(catalog)} cannot be opened: ${hidden.problem.what}`;
  if (catalog.kind !== 'duckdb' || !NO_DATABASE.test(what)) return new CubeError({ kind: 'lake', what });
  return new CubeError({
    kind: 'lake',
    what,
    fix: 'name the file of a lake, or delete this one where nothing is in it',
  });
}

function heldError(catalog: Catalog): CubeError {
  return new CubeError({
    kind: 'lake',
    what: `the lake's catalog ${describeCatalog(catalog)} is held by another process`,
    fix: 'a DuckDB catalog serves one process at a time: wait and use --resume, or use a sqlite: or postgres: catalog',
  });
}
