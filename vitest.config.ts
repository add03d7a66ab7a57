import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // DuckDB's idle threads spin: with one, tests of lakes take a third less processor time. Those whose rows could depend on it unset this.
    env: { HELIOCUBE_DUCKDB_THREADS: process.env['HELIOCUBE_DUCKDB_THREADS'] ?? '1' },
    testTimeout: 900_000,
    hookTimeout: 900_000,
  },
});
