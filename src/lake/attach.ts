import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { CubeError, isCubeError } from '../errors.js';
import { openDuckDb, sqlString } from '../duckdb/connection.js';
import type { DuckDb } from '../duckdb/connection.js';
import { throwIfAborted } from '../io/abort.js';
import { attachTarget, catalogSecrets, describeCatalog, extensionOf, hideSecrets, parseCatalog } from './catalog.js';
import type { Catalog } from './catalog.js';
import { withFileLock } from './file-lock.js';
import type { LockOptions } from './lock.js';
import { makeCatalogFile } from './make-catalog.js';
import { withPostgresLock } from './postgres-lock.js';
import { readWhole } from './roll-back-sqlite.js';
import { isInBucket, storageAccess, type LakeStorage } from './storage.js';
import { variableOf } from './targets/environment.js';
import { inFileTurn } from './turns.js';

/** Where a lake is. */
export type LakeLocation = {
  /**
   * Path of a DuckDB file, `sqlite:PATH`, `postgres:CONNECTION`, or `md:NAME` of MotherDuck. Relative paths start at the
   * working directory.
   */
  readonly catalog: string;
  /** Folder of the data files, which need not exist, or `s3://BUCKET/PREFIX/`. */
  readonly dataPath: string;
  /** How a bucket is reached; the environment says the rest. */
  readonly storage?: LakeStorage;
};

/** How a catalog is attached. */
export type AttachOptions = {
  readonly readOnly: boolean;
  /** Nobody else writes meanwhile; for maintenance. Otherwise writers share the lake as far as its catalog lets them. */
  readonly alone?: boolean;
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

/** Words for a database of Postgres that is not there, and for a database in which nobody has made a lake. */
const ABSENT = /database "[^"]*" does not exist|Existing DuckLake at metadata catalog .* does not exist/;

/** DuckDB's words for a file that is something else, or whose making was interrupted. */
const NO_DATABASE = /not a valid DuckDB database|Could not read enough bytes/i;

/** A lake that can be attached and let go again; between the two no lock is held. */
export type LakeSession = {
  readonly database: DuckDb;
  readonly catalog: Catalog;
  /** Absolute, with a slash at its end. */
  readonly dataPath: string;
  /** What no message may hold. */
  readonly secrets: readonly string[];
};

/** What a session can do besides. */
export type SessionOptions = {
  /** False for those who touch no geometry; takes a third of the time. */
  readonly spatial?: boolean;
  /** A second place of data files, whose bucket is opened too. */
  readonly other?: Pick<LakeLocation, 'dataPath' | 'storage'>;
  /** Further extensions of DuckDB. */
  readonly more?: readonly string[];
};

/** The data path as a session has it: absolute, with a slash at its end. */
export function fullDataPath(dataPath: string): string {
  return isInBucket(dataPath) ? dataPath.replace(/\/*$/, '/') : resolve(dataPath) + sep;
}

/** Open DuckDB with everything that the catalog needs. Nothing is attached and no file is touched yet. */
export async function openSession(
  location: LakeLocation,
  { spatial = true, other, more = [] }: SessionOptions = {},
): Promise<LakeSession> {
  const catalog = absolute(parseCatalog(location.catalog));
  if (catalog.kind === 'motherduck') assertToken(catalog.name);
  const buckets = (other === undefined ? [location] : [location, other])
    .filter((place) => isInBucket(place.dataPath))
    .map((place, i) => storageAccess(`lake_data_${i}`, place.dataPath, place.storage));
  const extensions = ['ducklake'];
  if (spatial) extensions.push('spatial');
  if (buckets.length > 0) extensions.push('httpfs');
  const own = extensionOf(catalog);
  if (own !== null) extensions.push(own);
  const database = await openDuckDb({ extensions: [...extensions, ...more] });
  const secrets = [...catalogSecrets(catalog), ...buckets.flatMap((bucket) => bucket.secrets)];
  const session = { database, catalog, dataPath: fullDataPath(location.dataPath), secrets };
  try {
    for (const { statement } of buckets) await database.run(statement);
    return session;
  } catch (error) {
    await database.close();
    throw withoutSecrets(error, session);
  }
}

/**
 * Run the action with the lake attached as `LAKE`, and detach it whatever happens: then the files are whole and free. An action that
 * only reads is run again from its start where the writer of a SQLite catalog was killed meanwhile.
 */
export function withAttached<T>(session: LakeSession, options: AttachOptions, action: () => Promise<T>): Promise<T> {
  const { catalog } = session;
  const whole = () => attachAndRun(session, options, action);
  if (catalog.kind === 'duckdb') return inFileTurn(catalog.path, whole);
  if (!options.readOnly) return withWriterLock(session, options, whole);
  return catalog.kind === 'sqlite' ? readWhole(session.database, catalog.path, whole) : whole();
}

/** The file of a DuckDB catalog is locked by DuckDB; of the others maintenance and writers must know each other. */
async function withWriterLock<T>(session: LakeSession, options: AttachOptions, action: () => Promise<T>): Promise<T> {
  const { catalog, database } = session;
  const mode = options.alone === true ? 'exclusive' : 'shared';
  const lock: LockOptions = { mode, timeoutMs: options.lockTimeoutMs ?? LOCK_TIMEOUT_MS, signal: options.signal };
  switch (catalog.kind) {
    case 'sqlite':
      return withFileLock(`${catalog.path}.locks`, lock, action);
    case 'postgres':
      return withPostgresLock(database, catalog.connection, lock, action, (error) => attachError(error, session)).catch(
        (error: unknown) => {
          throw withoutSecrets(error, session);
        },
      );
    case 'motherduck':
    case 'duckdb':
      return action();
  }
}

async function attachAndRun<T>(session: LakeSession, options: AttachOptions, action: () => Promise<T>): Promise<T> {
  await attach(session, options);
  try {
    return await action();
  } catch (error) {
    throw withoutSecrets(error, session);
  } finally {
    await session.database.run(`DETACH DATABASE IF EXISTS ${LAKE}`).catch(() => {}); // the action's error matters more
  }
}

/** The error without passwords and keys; its cause is dropped, because that holds them too. */
export function withoutSecrets(error: unknown, { secrets }: Pick<LakeSession, 'secrets'>): unknown {
  if (secrets.length === 0 || !isCubeError(error, 'lake')) return error;
  return new CubeError({ ...error.problem, what: hideSecrets(error.problem.what, secrets) });
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
      if (options.readOnly && isAbsent(session.catalog, what)) throw absentError(session.catalog);
      if (!isHeld && (!BUSY.test(what) || Date.now() >= deadline)) throw attachError(error, session);
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
  const folders = isInBucket(dataPath) ? [] : [dataPath];
  if ('path' in catalog) folders.push(dirname(catalog.path));
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

/** MotherDuck's extension would open a browser to ask for it. */
function assertToken(name: string): void {
  if (variableOf(process.env, 'MOTHERDUCK_TOKEN') !== null) return;
  const what = `there is no token for the catalog md:${name.replace(/[?].*$/, '')}`;
  throw new CubeError({ kind: 'invalid-argument', what, fix: 'set MOTHERDUCK_TOKEN in the environment' });
}

function absolute(catalog: Catalog): Catalog {
  return 'path' in catalog ? { ...catalog, path: resolve(catalog.path) } : catalog;
}

function attachError(error: unknown, session: LakeSession): unknown {
  const { catalog } = session;
  const hidden = withoutSecrets(error, session);
  if (!isCubeError(hidden, 'lake')) return hidden;
  const what = `the lake's catalog ${describeCatalog(catalog)} cannot be opened: ${hidden.problem.what}`;
  if (catalog.kind !== 'duckdb' || !NO_DATABASE.test(what)) return new CubeError({ kind: 'lake', what });
  return new CubeError({
    kind: 'lake',
    what,
    fix: 'name the file of a lake, or delete this one where nothing is in it',
  });
}

/** Who reads a lake does not make it. */
function isAbsent(catalog: Catalog, what: string): boolean {
  return ABSENT.test(what) || ('path' in catalog && !existsSync(catalog.path));
}

function absentError(catalog: Catalog): CubeError {
  return new CubeError({
    kind: 'not-found',
    url: describeCatalog(catalog),
    what: 'expected the catalog of a lake, found none',
    fix: 'name the catalog that cube ingest or cube build has made',
  });
}

function heldError(catalog: Catalog): CubeError {
  return new CubeError({
    kind: 'lake',
    what: `the lake's catalog ${describeCatalog(catalog)} is held by another process`,
    fix: 'a DuckDB catalog serves one process at a time: wait and use --resume, or use a sqlite: or postgres: catalog',
  });
}
