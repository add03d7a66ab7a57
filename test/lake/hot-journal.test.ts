import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openDuckDb, sqlString } from '../../src/duckdb/connection.js';
import { openLake } from '../../src/lake/lake.js';
import { checkLake } from '../../src/lake/maintain/check.js';
import { queryLake } from '../../src/lake/query.js';
import { sampleRun } from './sample-run.js';
import { temporaryFolder } from './temporary.js';

const root = temporaryFolder();

/**
 * The files that a writer leaves who is killed in the middle of a transaction: SQLite has written pages to the database and
 * the older ones to its journal. A transaction larger than SQLite's cache of 2 MB gets there before it ends.
 */
async function copyAmidTransaction(from: string, to: string): Promise<void> {
  const database = await openDuckDb({ extensions: ['sqlite_scanner'] });
  await database.run(`ATTACH ${sqlString(from)} AS killed (TYPE sqlite)`);
  await database.run('BEGIN');
  await database.run(`CREATE TABLE killed.half AS SELECT i, repeat('x', 1000) AS filling FROM range(20000) t(i)`);
  copyFileSync(from, to);
  copyFileSync(`${from}-journal`, `${to}-journal`);
  await database.run('ROLLBACK');
  await database.close();
}

it('a reader opens a SQLite catalog whose writer was killed amid a transaction', async () => {
  const dataPath = join(root, 'data');
  const lake = await openLake({ catalog: `sqlite:${join(root, 'whole.sqlite')}`, dataPath });
  await lake.commit(sampleRun('before'));
  await lake.close();
  mkdirSync(join(root, 'killed'));
  const path = join(root, 'killed/lake.sqlite');
  await copyAmidTransaction(join(root, 'whole.sqlite'), path);
  expect(readFileSync(`${path}-journal`).subarray(0, 4).toString('hex')).toBe('d9d505f9'); // the magic number of a journal that counts

  const killed = { catalog: `sqlite:${path}`, dataPath };
  const [rows, check] = await Promise.all([queryLake(killed, 'SELECT run_id FROM runs'), checkLake(killed)]);
  expect(rows.rows).toEqual([['before']]);
  expect(check.faults).toEqual([]);
  expect(existsSync(`${path}-journal`)).toBe(false);
});
