import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDuckDb } from '../../src/duckdb/connection.js';
import { openSession, withAttached } from '../../src/lake/attach.js';
import { openLake } from '../../src/lake/lake.js';
import { queryLake } from '../../src/lake/query.js';
import { catalogCases } from './catalogs.js';
import { sampleRun } from './sample-run.js';
import { temporaryFolder } from './temporary.js';

const root = temporaryFolder();

async function commitTo(location: { catalog: string; dataPath: string }, runId: string) {
  const lake = await openLake(location);
  const result = await lake.commit(sampleRun(runId));
  await lake.close();
  return result;
}

async function alter(location: { catalog: string; dataPath: string }, ...statements: string[]) {
  const session = await openSession(location);
  await withAttached(session, { readOnly: false }, async () => {
    for (const statement of statements) await session.database.run(statement);
  });
  await session.database.close();
}

it('can be moved, catalog and data together', async () => {
  await commitTo({ catalog: join(root, 'old/a.ducklake'), dataPath: join(root, 'old/data') }, 'r');
  renameSync(join(root, 'old'), join(root, 'new'));
  const moved = { catalog: join(root, 'new/a.ducklake'), dataPath: join(root, 'new/data') };
  expect((await queryLake(moved, 'SELECT sum(coverage) FROM label_stats')).rows).toEqual([[25]]);
  expect((await commitTo(moved, 'r')).alreadyCommitted).toBe(true);
});

it('says so when the data folder is not the one of the catalog', async () => {
  await commitTo({ catalog: join(root, 'b.ducklake'), dataPath: join(root, 'b') }, 'r');
  await expect(
    openLake({ catalog: join(root, 'b.ducklake'), dataPath: join(root, 'elsewhere') }),
  ).rejects.toMatchObject({
    problem: { kind: 'lake', what: expect.stringContaining(join(root, 'elsewhere')), fix: expect.any(String) },
  });
});

it('refuses a file that is no catalog, and a missing one for reading', async () => {
  writeFileSync(join(root, 'junk'), 'this is not a database at all');
  for (const prefix of ['', 'sqlite:']) {
    await expect(
      openLake({ catalog: `${prefix}${join(root, 'junk')}`, dataPath: join(root, 'c') }),
    ).rejects.toMatchObject({
      problem: { kind: 'lake', what: expect.stringContaining('junk') },
    });
    await expect(
      queryLake({ catalog: `${prefix}${join(root, 'absent')}`, dataPath: join(root, 'c') }, 'SELECT 1'),
    ).rejects.toMatchObject({ problem: { kind: 'not-found', url: expect.stringContaining('absent') } });
  }
  await expect(openLake({ catalog: join(root, 'junk'), dataPath: join(root, 'c') })).rejects.toMatchObject({
    problem: { fix: expect.stringMatching(/delete/) },
  });
  writeFileSync(join(root, 'file'), '');
  await expect(openLake({ catalog: join(root, 'file', 'x'), dataPath: join(root, 'd') })).rejects.toMatchObject({
    problem: { kind: 'io' },
  });
  await expect(openLake({ catalog: 'sqlite:', dataPath: root })).rejects.toMatchObject({
    problem: { kind: 'invalid-argument' },
  });
});

describe.each(catalogCases())('a catalog in $name', ({ name, place }) => {
  it('without a lake in it is not found by those who read, again and again', async () => {
    const folder = join(root, name);
    mkdirSync(folder);
    const location = { catalog: place(folder), dataPath: join(folder, 'data') };
    for (let i = 0; i < 2; i++) {
      await expect(queryLake(location, 'SELECT 1')).rejects.toMatchObject({
        problem: { kind: 'not-found', fix: expect.any(String) },
      });
    }
    if (name !== 'Postgres') return;
    const nowhere = { ...location, catalog: `${location.catalog}_nowhere` };
    await expect(queryLake(nowhere, 'SELECT 1')).rejects.toMatchObject({ problem: { kind: 'not-found' } });
  });
});

it('lives beside other tables, in the lake and in the catalog file', async () => {
  const location = { catalog: join(root, 'e.ducklake'), dataPath: join(root, 'e') };
  const plain = await openDuckDb({ path: location.catalog });
  await plain.run('CREATE TABLE mine AS SELECT 42 AS a');
  await plain.close();
  await alter(location, 'CREATE TABLE lake.main.runs AS SELECT 1 AS other');
  await commitTo(location, 'r');
  expect((await queryLake(location, 'SELECT run_id FROM runs')).rows).toEqual([['r']]);
  expect((await queryLake(location, 'SELECT * FROM lake.main.runs')).rows).toEqual([[1]]);
  const again = await openDuckDb({ path: location.catalog, readOnly: true });
  expect(await again.all('SELECT * FROM mine')).toEqual([{ a: 42 }]);
  await again.close();
});

it('gives an older lake the columns that it lacks, and keeps those that it does not know', async () => {
  const location = { catalog: join(root, 'f.ducklake'), dataPath: join(root, 'f') };
  await commitTo(location, 'first');
  await alter(
    location,
    'ALTER TABLE lake.cube.label_stats DROP COLUMN median',
    'ALTER TABLE lake.cube.labels ADD COLUMN later VARCHAR',
    'DROP TABLE lake.cube.quarantine',
  );
  await commitTo(location, 'second');
  const { rows } = await queryLake(
    location,
    `SELECT run_id, count(*), count(median), (SELECT count(*) FROM quarantine) FROM label_stats GROUP BY ALL ORDER BY ALL`,
  );
  expect(rows).toEqual([
    ['first', 10n, 0n, 1n],
    ['second', 10n, 5n, 1n],
  ]);
  expect((await queryLake(location, 'SELECT count(*), count(later) FROM labels')).rows).toEqual([[10n, 0n]]);
});

it('names a column of another type instead of converting it', async () => {
  const location = { catalog: join(root, 'g.ducklake'), dataPath: join(root, 'g') };
  await alter(location, 'CREATE SCHEMA lake.cube', 'CREATE TABLE lake.cube.labels (run_id VARCHAR, h3_r15 VARCHAR)');
  await expect(commitTo(location, 'r')).rejects.toMatchObject({
    problem: { kind: 'lake', what: 'column cube.labels.h3_r15 is VARCHAR, expected UBIGINT' },
  });
});

it('finds the run when its snapshot has expired', async () => {
  const location = { catalog: join(root, 'h.ducklake'), dataPath: join(root, 'h') };
  const { snapshotId } = await commitTo(location, 'first');
  await commitTo(location, 'second');
  await alter(location, `CALL ducklake_expire_snapshots('lake', versions => [${snapshotId}])`);
  expect(await commitTo(location, 'first')).toEqual({ snapshotId, alreadyCommitted: true });
});

it('notices rows of a run that are not its own', async () => {
  const location = { catalog: join(root, 'i.ducklake'), dataPath: join(root, 'i') };
  await commitTo(location, 'r');
  await alter(location, 'DELETE FROM lake.cube.label_stats WHERE label_id = 2');
  await expect(commitTo(location, 'r')).rejects.toMatchObject({
    problem: { kind: 'lake', what: expect.stringContaining('label_stats has 8 rows, expected 10') },
  });
});
