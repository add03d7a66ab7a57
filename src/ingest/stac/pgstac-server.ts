import { openDuckDb, sqlString, type DuckDb } from '../../duckdb/connection.js';
import { CubeError, isCubeError } from '../../errors.js';
import { onAbort, throwIfAborted } from '../../io/abort.js';
import { catalogSecrets, hideSecrets, parseCatalog } from '../../lake/catalog.js';
import type { Json } from '../../stac/item.js';

/** A database of Postgres with pgstac in it: a libpq connection string or URI. */
export type PgstacDatabase = { readonly database: string; readonly signal?: AbortSignal };

/** The name under which DuckDB has the database. */
export const SERVER = 'server';

/** DuckDB with the database attached as `SERVER`; messages hold no password. Problem: `missing-component` where it has no pgstac. */
export async function withPgstac<T>(
  { database: connection, signal }: PgstacDatabase,
  action: (database: DuckDb) => Promise<T>,
): Promise<T> {
  const catalog = parseCatalog(/^postgres(ql)?:/.test(connection) ? connection : `postgres:${connection}`);
  if (catalog.kind !== 'postgres')
    throw new CubeError({ kind: 'invalid-argument', what: 'the database is no Postgres' });
  const secrets = catalogSecrets(catalog);
  const database = await openDuckDb({ extensions: ['postgres_scanner'] });
  const off = onAbort(signal, () => database.connection.interrupt());
  try {
    await database.run(`ATTACH ${sqlString(catalog.connection)} AS ${SERVER} (TYPE postgres)`);
    await assertPgstac(database);
    return await action(database);
  } catch (error) {
    throwIfAborted(signal);
    if (!isCubeError(error, 'lake')) throw error;
    throw new CubeError({ ...error.problem, what: hideSecrets(error.problem.what, secrets) });
  } finally {
    off();
    await database.close();
  }
}

/** One transaction of one connection, with the search path that pgstac's functions expect. */
export async function inTransaction<T>(
  database: DuckDb,
  signal: AbortSignal | undefined,
  action: () => Promise<T>,
): Promise<T> {
  await database.run('BEGIN TRANSACTION');
  try {
    await runOnServer(database, 'SET LOCAL search_path TO pgstac, public');
    const result = await action();
    throwIfAborted(signal);
    await database.run('COMMIT');
    return result;
  } catch (error) {
    await database.run('ROLLBACK').catch(() => {}); // a failed COMMIT has ended the transaction already
    throw error;
  }
}

/** The rows of a query that Postgres runs itself. */
export function askServer(database: DuckDb, sql: string): Promise<Record<string, unknown>[]> {
  return database.all(`SELECT * FROM postgres_query('${SERVER}', ${sqlString(sql)})`);
}

/** A statement that Postgres runs itself. */
export async function runOnServer(database: DuckDb, sql: string): Promise<void> {
  await database.run(`CALL postgres_execute('${SERVER}', ${sqlString(sql)})`);
}

/** JSON as an expression of Postgres; hexadecimal, so that nothing that somebody typed stands in the statement. */
export function serverJson(value: Json): string {
  return `convert_from(decode('${Buffer.from(JSON.stringify(value)).toString('hex')}', 'hex'), 'UTF8')::jsonb`;
}

async function assertPgstac(database: DuckDb): Promise<void> {
  const [row] = await askServer(database, "SELECT count(*) AS n FROM pg_namespace WHERE nspname = 'pgstac'");
  if (Number(row?.['n']) > 0) return;
  throw new CubeError({
    kind: 'missing-component',
    component: 'pgstac',
    what: 'the database has no schema pgstac',
    fix: 'install PostGIS on the server and run `pypgstac migrate` (PyPI: pypgstac) on the database',
  });
}
