import { blobValue, DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import { CubeError, isCubeError } from '../errors.js';
import { defaultThreads } from './default-threads.js';
import { ensureExtensions, extensionDirectory, extensionPath, fetchCommand } from './extensions.js';
import { toJavaScript } from './values.js';
import { verifyExtensions } from './verified-extensions.js';

/** What may stand for a `?` or `$n`. Whole numbers above 2^53 go as bigint; bytes become a BLOB, numbers a DOUBLE. */
export type SqlParameter = null | boolean | number | bigint | string | Uint8Array;

/** What a database is opened with. */
export type DuckDbOptions = {
  /** A database file; without it the database lives in memory. */
  readonly path?: string;
  /** Extensions to fetch where missing, then to load, such as `spatial` and `ducklake`. */
  readonly extensions?: readonly string[];
  readonly readOnly?: boolean;
  /** `defaultThreads` where it is left out. */
  readonly threads?: number;
  /** DuckDB's own notation, such as `2GB`. */
  readonly memoryLimit?: string;
};

/** One database with one connection. Statements of one `DuckDb` run one after the other: await each. */
export interface DuckDb {
  /** Run SQL for its effect. Without parameters it may hold several statements. Failure: `lake`, with DuckDB's words. */
  run(sql: string, parameters?: readonly SqlParameter[]): Promise<void>;
  /** Every row of a query, values as `toJavaScript` says (BIGINT is a bigint). Failure: `lake`, with DuckDB's words. */
  all(sql: string, parameters?: readonly SqlParameter[]): Promise<Record<string, unknown>[]>;
  /** The client library's connection, for appenders and data chunks. */
  readonly connection: DuckDBConnection;
  /** A second connection to the same database, for a transaction that stays open beside this one. Close it before this one. */
  connect(): Promise<DuckDb>;
  /** Release the file and its lock. A second call does nothing. */
  close(): Promise<void>;
}

/**
 * Open DuckDB with the extensions asked for. Nothing is installed or loaded behind the caller's back (autoinstall and
 * autoload are off) and unsigned extensions are refused: the signature of a file is checked where it is new to this thread.
 * With `spatial`, coordinates are always (lon, lat) or (x, y).
 */
export async function openDuckDb(options: DuckDbOptions = {}): Promise<DuckDb> {
  const extensions = options.extensions ?? [];
  await ensureExtensions(extensions);
  await verifyExtensions(extensions, loadSigned);
  const instance = await createInstance(options, extensions.length === 0);
  try {
    const database = new OneConnection(instance, await instance.connect(), true);
    for (const name of extensions) await loadExtension(database, name);
    // From here on nothing unsigned can be loaded, and DuckDB refuses to allow it again.
    if (extensions.length > 0) await database.run('SET allow_unsigned_extensions = false');
    if (extensions.includes('spatial')) await database.run('SET geometry_always_xy = true');
    return database;
  } catch (error) {
    instance.closeSync();
    throw error;
  }
}

/** Text as an SQL string literal, quotes included. */
export function sqlString(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as an SQL identifier, quotes included. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Run the action; what DuckDB throws becomes a `lake` problem with its words, problems of ours stay. */
export async function sqlErrors<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof Error) || isCubeError(error)) throw error;
    throw new CubeError({ kind: 'lake', what: `DuckDB: ${error.message}` }, { cause: error });
  }
}

class OneConnection implements DuckDb {
  readonly connection: DuckDBConnection;
  readonly #instance: DuckDBInstance;
  readonly #owns: boolean;
  #open = true;

  constructor(instance: DuckDBInstance, connection: DuckDBConnection, owns: boolean) {
    this.#instance = instance;
    this.connection = connection;
    this.#owns = owns;
  }

  async connect(): Promise<DuckDb> {
    return new OneConnection(this.#instance, await sqlErrors(() => this.#instance.connect()), false);
  }

  async run(sql: string, parameters?: readonly SqlParameter[]): Promise<void> {
    await sqlErrors(() => this.connection.run(sql, bound(parameters)));
  }

  async all(sql: string, parameters?: readonly SqlParameter[]): Promise<Record<string, unknown>[]> {
    return sqlErrors(async () => {
      const result = await this.connection.run(sql, bound(parameters));
      return result.convertRowObjects(toJavaScript);
    });
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    this.connection.disconnectSync();
    if (this.#owns) this.#instance.closeSync();
  }
}

/** Load extensions in a database of their own, in which DuckDB checks their signatures. */
async function loadSigned(names: readonly string[]): Promise<void> {
  const instance = await createInstance({}, true);
  try {
    const database = new OneConnection(instance, await instance.connect(), true);
    for (const name of names) await loadExtension(database, name);
  } finally {
    instance.closeSync();
  }
}

// A file that is damaged, unsigned or built for another DuckDB.
async function loadExtension(database: DuckDb, name: string): Promise<void> {
  try {
    await database.run(`LOAD ${name}`);
  } catch (error) {
    if (!isCubeError(error, 'lake')) throw error;
    throw new CubeError(
      {
        kind: 'missing-component',
        component: `DuckDB extension ${name}`,
        what: `${extensionPath(name)} does not load: ${error.problem.what}`,
        fix: `delete that file and run \`${fetchCommand(name)}\``,
      },
      { cause: error },
    );
  }
}

async function createInstance(
  { path, readOnly, threads, memoryLimit }: DuckDbOptions,
  isSignedOnly: boolean,
): Promise<DuckDBInstance> {
  const settings: Record<string, string> = {
    extension_directory: extensionDirectory(),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_unsigned_extensions: String(!isSignedOnly),
  };
  if (readOnly === true) settings['access_mode'] = 'READ_ONLY';
  const count = threads ?? defaultThreads(process.env);
  if (count !== null) settings['threads'] = String(count);
  if (memoryLimit !== undefined) settings['memory_limit'] = memoryLimit;
  return sqlErrors(() => DuckDBInstance.create(path ?? ':memory:', settings));
}

function bound(parameters: readonly SqlParameter[] | undefined) {
  return parameters?.map((value) => (value instanceof Uint8Array ? blobValue(value) : value));
}
