import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openDuckDb, sqlString } from '../../src/duckdb/connection.js';
import { openSession, withAttached } from '../../src/lake/attach.js';
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

it.each([false, true])(
  'a reader that is attached when a SQLite writer is killed reads again (transaction: %s)',
  async (isOne) => {
    const folder = join(root, `attached-${isOne}`);
    mkdirSync(folder);
    const dataPath = join(folder, 'data');
    const whole = join(folder, 'whole.sqlite');
    const lake = await openLake({ catalog: `sqlite:${whole}`, dataPath });
    await lake.commit(sampleRun('before'));
    await lake.close();
    const path = join(folder, 'lake.sqlite');
    copyFileSync(whole, path);

    const session = await openSession({ catalog: `sqlite:${path}`, dataPath });
    const { database } = session;
    let times = 0;
    const rows = await withAttached(session, { readOnly: true }, async () => {
      if (isOne) await database.run('BEGIN TRANSACTION');
      try {
        if (!isOne) await database.all('SELECT run_id FROM lake.cube.runs');
        if (times++ === 0) await copyAmidTransaction(whole, path);
        return await database.all('SELECT run_id FROM lake.cube.runs');
      } finally {
        if (isOne) await database.run('ROLLBACK');
      }
    });
    await database.close();
    expect(rows).toEqual([{ run_id: 'before' }]);
    expect(times).toBe(2);
    expect(existsSync(`${path}-journal`)).toBe(false);
  },
);
