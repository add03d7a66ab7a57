import { afterEach, expect, it, vi } from 'vitest';
import { withSharedDuckDb } from '../../src/duckdb/shared-database.js';

const tablesOf = () =>
  withSharedDuckDb((database) => database.all('SELECT table_name FROM duckdb_tables() ORDER BY ALL'));

afterEach(() => vi.useRealTimers());

it('is one database for all who ask at a time and soon after, with temporary tables of their own', async () => {
  await Promise.all(
    [1, 2, 3].map((number) =>
      withSharedDuckDb(async (database) => {
        await database.run(
          `CREATE TEMP TABLE mine AS SELECT ${number} AS number; CREATE TABLE all_${number} (x INTEGER)`,
        );
        expect(await database.all('SELECT number FROM mine')).toEqual([{ number }]);
      }),
    ),
  );
  expect((await tablesOf()).map((row) => row['table_name'])).toEqual(['all_1', 'all_2', 'all_3']);
});

it('is there after an action that failed, and another one once it was left alone', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  await expect(withSharedDuckDb((database) => database.run('SELECT nothing'))).rejects.toMatchObject({
    problem: { kind: 'lake' },
  });
  expect(await tablesOf()).toHaveLength(3);
  vi.advanceTimersByTime(999);
  expect(await tablesOf()).toHaveLength(3);
  vi.advanceTimersByTime(1000);
  expect(await tablesOf()).toEqual([]);
});
