import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { openDuckDb, sqlString } from '../../src/duckdb/connection.js';
import { postgresServer } from './postgres-server.js';

export type CatalogCase = {
  readonly name: string;
  /** In the folder, or the one database of the test file. */
  readonly place: (folder: string) => string;
  /** In the folder, which has none, or a further database. */
  readonly placeNew: (folder: string) => Promise<string>;
};

/**
 * The kinds of catalog to test. Postgres is one of them where it is installed, as a server of the test file's own, or where
 * HELIOCUBE_TEST_POSTGRES holds a `key=value` connection string of a user who may create databases; the test file gets a
 * database of its own, dropped at the end.
 */
export function catalogCases(): CatalogCase[] {
  const files = [
    { name: 'DuckDB', place: (folder: string) => join(folder, 'lake.ducklake') },
    { name: 'SQLite', place: (folder: string) => `sqlite:${join(folder, 'lake.sqlite')}` },
  ].map((one): CatalogCase => ({ ...one, placeNew: async (folder) => one.place(folder) }));
  const postgres = process.env['HELIOCUBE_TEST_POSTGRES'] ?? postgresServer();
  if (postgres === null) return files;
  const database = `heliocube_test_${process.pid}_${Date.now()}`;
  const made: string[] = [];
  const make = async (name: string) => {
    await onServer(postgres, `CREATE DATABASE ${name}`);
    made.push(name);
    return `postgres:${postgres} dbname=${name}`; // the last dbname wins
  };
  beforeAll(() => make(database));
  afterAll(async () => {
    for (const name of made) await onServer(postgres, `DROP DATABASE ${name} WITH (FORCE)`);
  });
  const place = () => `postgres:${postgres} dbname=${database}`;
  return [...files, { name: 'Postgres', place, placeNew: () => make(`${database}_${made.length}`) }];
}

/** Run a statement on a server, outside of a transaction. */
export async function onServer(connection: string, statement: string): Promise<void> {
  const database = await openDuckDb({ extensions: ['postgres_scanner'] });
  await database.run(`ATTACH ${sqlString(connection)} AS server (TYPE postgres)`);
  await database.run(`CALL postgres_execute('server', ${sqlString(statement)}, use_transaction => false)`);
  await database.close();
}
