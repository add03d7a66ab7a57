import { defineConfig } from 'vitest/config';

/** Folders whose tests change nothing of their process: they share one a worker, and load modules and DuckDB's extensions once. */
const TOGETHER = ['codec', 'cube', 'flows', 'grid', 'io', 'native', 'raster', 'sites', 'stac', 'vector'];
/** Not these of them: they turn an addon off in their own process. */
const OFF = 'test/raster/gdal';

const shared = `test/{${TOGETHER.join(',')}}/**/*.test.ts`;

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    // DuckDB's idle threads spin: with one, tests of lakes take a third less processor time. Those whose rows could depend on it unset this.
    env: { HELIOCUBE_DUCKDB_THREADS: process.env['HELIOCUBE_DUCKDB_THREADS'] ?? '1' },
    testTimeout: 900_000,
    hookTimeout: 900_000,
    // In the order of their names: the long ones first, and the many short ones fill what is left.
    projects: [
      {
        extends: true,
        test: { name: 'apart', include: [`test/!(${TOGETHER.join('|')})/**/*.test.ts`, `${OFF}/**/*.test.ts`] },
      },
      { extends: true, test: { name: 'together', isolate: false, include: [shared], exclude: [`${OFF}/**`] } },
    ],
  },
});
