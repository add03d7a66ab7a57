import { afterAll, beforeAll } from 'vitest';

const VARIABLE = 'HELIOCUBE_DUCKDB_THREADS';

/**
 * DuckDB with one thread a processor, as people have it, in the test file that calls this at its top level: for tests of rows that
 * could depend on the order in which threads end, and of processes at once. The others have one thread (vitest.config.ts).
 */
export function useAllThreads(): void {
  const before = process.env[VARIABLE] ?? '';
  beforeAll(() => {
    process.env[VARIABLE] = '';
  });
  afterAll(() => {
    process.env[VARIABLE] = before;
  });
}
