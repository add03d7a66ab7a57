import { afterEach, expect, it, vi } from 'vitest';
import { openDuckDb } from '../../src/duckdb/connection.js';
import { defaultThreads } from '../../src/duckdb/default-threads.js';

const VARIABLE = 'HELIOCUBE_DUCKDB_THREADS';

afterEach(() => vi.unstubAllEnvs());

async function threadsOf(options: { readonly threads?: number }): Promise<unknown> {
  const database = await openDuckDb(options);
  const [row] = await database.all("SELECT current_setting('threads') AS threads");
  await database.close();
  return row?.['threads'];
}

it('a database has as many threads as its opener says, else the environment, else one a processor', async () => {
  vi.stubEnv(VARIABLE, '3');
  expect(await threadsOf({})).toBe(3n);
  expect(await threadsOf({ threads: 2 })).toBe(2n);
  expect(defaultThreads({ [VARIABLE]: '12' })).toBe(12);
  expect(defaultThreads({ [VARIABLE]: '' })).toBeNull();
  expect(defaultThreads({})).toBeNull();
});

it.each(['0', '-1', '1.5', 'two', ' 2', '10000'])('%j threads are refused', async (text) => {
  vi.stubEnv(VARIABLE, text);
  await expect(openDuckDb()).rejects.toMatchObject({
    problem: { kind: 'invalid-argument', what: expect.stringContaining(VARIABLE), fix: expect.any(String) },
  });
});
