import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CubeError } from '../../src/errors.js';
import { sqlString } from '../../src/duckdb/connection.js';
import type { DuckDb } from '../../src/duckdb/connection.js';
import { LAKE, openSession } from '../../src/lake/attach.js';
import { commitRun } from '../../src/lake/commit.js';
import { queryLake } from '../../src/lake/query.js';
import { prepareSchema } from '../../src/lake/schema.js';
import { insertStaged } from '../../src/lake/stage.js';
import { filledTables } from '../../src/lake/tables.js';
import { runTransaction } from '../../src/lake/transaction.js';
import { failingCommits, type CommitFailure } from './failing-commits.js';
import { sampleRun } from './sample-run.js';
import { temporaryFolder } from './temporary.js';

const root = temporaryFolder();

async function commitWith(name: string, failure: CommitFailure) {
  const location = { catalog: join(root, `${name}.ducklake`), dataPath: join(root, name) };
  const session = await openSession(location);
  try {
    const database = failingCommits(session.database, failure);
    const result = await commitRun({ ...session, database }, sampleRun('r'), {}).catch((error: unknown) => error);
    const { rows } = await queryLake(location, "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'cube'");
    const built = rows[0]?.[0] !== 0n;
    const runs = built ? (await queryLake(location, 'SELECT count(*) FROM runs')).rows[0]?.[0] : 0n;
    return { result, runs };
  } finally {
    await session.database.close();
  }
}

it('lands once when the answer to COMMIT was lost', async () => {
  const lost = { times: 1, what: 'DuckDB: server closed the connection unexpectedly', landed: true };
  expect(await commitWith('lost', lost)).toEqual({ result: { snapshotId: 1n, alreadyCommitted: false }, runs: 1n });
});

it('tries again when another writer was first', async () => {
  const conflict = {
    times: 2,
    what: 'DuckDB: TransactionContext Error: conflict with a concurrent writer',
    landed: false,
  };
  expect(await commitWith('conflict', conflict)).toEqual({
    result: { snapshotId: 1n, alreadyCommitted: false },
    runs: 1n,
  });
});

it('does not try again what cannot pass', async () => {
  const broken = { times: 1, what: 'DuckDB: disk full', landed: false };
  expect(await commitWith('broken', broken)).toMatchObject({
    result: { problem: { kind: 'lake', what: 'DuckDB: disk full' } },
    runs: 0n,
  });
});

it('takes a second commit back when its first try to do so met another writer', async () => {
  const location = { catalog: join(root, 'second.ducklake'), dataPath: join(root, 'second') };
  const records = sampleRun('r');
  const session = await openSession(location);
  const real = session.database;
  const tables = filledTables(records);
  const seen: string[] = [];
  const rivalFirst = async () => {
    await runTransaction(real, { message: 'rival', info: { run_id: 'r' }, signal: undefined }, async () => {
      await prepareSchema(real, LAKE, tables);
      for (const table of tables) await real.run(insertStaged(table, LAKE, sqlString('r')));
    });
  };
  const database: DuckDb = {
    connection: real.connection,
    connect: () => real.connect(),
    all: (sql, parameters) => real.all(sql, parameters),
    close: () => real.close(),
    async run(sql, parameters) {
      seen.push(sql);
      const times = seen.filter((one) => one === sql).length;
      if (sql === 'BEGIN TRANSACTION' && times === 1) await rivalFirst();
      // The second COMMIT is that of the rows which are taken back.
      if (sql === 'COMMIT' && times === 2) throw new CubeError({ kind: 'lake', what: 'DuckDB: a conflict' });
      return real.run(sql, parameters);
    },
  };
  try {
    expect(await commitRun({ ...session, database }, records, {})).toEqual({ snapshotId: 1n, alreadyCommitted: false });
    expect(seen.filter((sql) => sql === 'COMMIT')).toHaveLength(3);
    const counts = 'SELECT (SELECT count(*) FROM runs), (SELECT count(*) FROM label_stats)';
    expect((await queryLake(location, counts)).rows).toEqual([[1n, 10n]]);
  } finally {
    await real.close();
  }
});
