import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { openDuckDb, sqlString } from '../../src/duckdb/connection.js';
import { postgresServer } from './postgres-server.js';

export type CatalogCase = { readonly name: string; readonly place: (folder: string) => string };

/**
 * The kinds of catalog to test. Postgres is one of them where it is installed, as a server of the test file's own, or where
 * HELIOCUBE_TEST_POSTGRES holds a `key=value` connection string of a user who may create databases; the test file gets a
 * database of its own, dropped at the end.
 */
export function catalogCases(): CatalogCase[] {
  const files: CatalogCase[] = [
    { name: 'DuckDB', place: (folder) => join(folder, 'lake.ducklake') },
    { name: 'SQLite', place: (folder) => `sqlite:${join(folder, 'lake.sqlite')}` },
  ];
  const postgres = process.env['HELIOCUBE_TEST_POSTGRES'] ?? postgresServer();
  if (postgres === null) return files;
  const database = `heliocube_test_${process.pid}_${Date.now()}`;
  beforeAll(() => onServer(postgres, `CREATE DATABASE ${database}`));
  afterAll(() => onServer(postgres, `DROP DATABASE ${database} WITH (FORCE)`));
  return [...files, { name: 'Postgres', place: () => `postgres:${postgres} dbname=${database}` }]; // the last dbname wins
}

/** Run a statement on a server, outside of a transaction. */
export async function onServer(connection: string, statement: string): Promise<void> {
  const database = await openDuckDb({ extensions: ['postgres_scanner'] });
  await database.run(`ATTACH ${sqlString(connection)} AS server (TYPE postgres)`);
  await database.run(`CALL postgres_execute('server', ${sqlString(statement)}, use_transaction => false)`);
  await database.close();
}
