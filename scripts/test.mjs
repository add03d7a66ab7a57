// Runs every test and ends with one line: N passed, N failed, N skipped.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Icechunk needs a newer Python than the others do. */
const ICECHUNK_PYTHON = ['test/python-icechunk-requirements.txt', 'python-icechunk'];
/** dbt wants versions of packages that the others do not. */
const DBT_PYTHON = ['test/python-dbt-requirements.txt', 'python-dbt'];
/** pypgstac brings pgstac's SQL. */
const PGSTAC_PYTHON = ['test/python-pgstac-requirements.txt', 'python-pgstac'];
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const pythons = [
  [],
  DBT_PYTHON,
  ...(hasPostgis() ? [PGSTAC_PYTHON] : []),
  ...(existsSync(join(root, 'native/icechunk.node')) ? [ICECHUNK_PYTHON] : []),
];
// All at once: pip waits for the network, or unpacks in one thread.
const makers = pythons.map((python) => {
  const parameters = [join(root, 'scripts/python-env.mjs'), ...python];
  return once(spawn(process.execPath, parameters, { cwd: root, stdio: ['ignore', 2, 2] }), 'close');
});
await Promise.all(makers);

const folder = mkdtempSync(join(tmpdir(), 'heliocube-test-'));
const report = join(folder, 'report.json');
const run = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=dot',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, NO_COLOR: '1' } },
);
let line = '0 passed, 1 failed';
try {
  const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites, testResults } = JSON.parse(
    readFileSync(report, 'utf8'),
  );
  printSlowest(testResults);
  const failed = numFailedTests === 0 && run.status !== 0 ? Math.max(1, numFailedTestSuites) : numFailedTests;
  line = `${numPassedTests} passed, ${failed} failed, ${numPendingTests} skipped`;
} catch (error) {
  console.error(`no test report: ${error.message}`);
}
rmSync(folder, { recursive: true, force: true });
console.log(line);
process.exit(run.status ?? 1);

/** Whether a Postgres of Debian's has PostGIS, or the one on the path. */
function hasPostgis() {
  const debian = '/usr/lib/postgresql';
  const folders = existsSync(debian)
    ? readdirSync(debian).map((version) => join(debian, version, 'bin', 'pg_config'))
    : [];
  return [...folders, 'pg_config'].some((file) => {
    const { stdout } = spawnSync(file, ['--sharedir'], { encoding: 'utf8' });
    return typeof stdout === 'string' && existsSync(join(stdout.trim(), 'extension', 'postgis.control'));
  });
}

/** The files that took longest, so that a slow gate shows where its time goes. */
function printSlowest(files) {
  const seconds = ({ startTime, endTime }) => (endTime - startTime) / 1000;
  const slowest = files.toSorted((a, b) => seconds(b) - seconds(a)).slice(0, 12);
  console.log('the slowest files:');
  for (const file of slowest) console.log(`${seconds(file).toFixed(0).padStart(6)} s  ${relative(root, file.name)}`);
}
