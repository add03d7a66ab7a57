import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { listCases, SIZES, type Case } from './cases.js';
import { makeData } from './data.js';
import { thisMachine } from './machine.js';
import { formatPage, formatTable, type Report } from './report.js';
import { runCase, type Row } from './run-case.js';
import type { RouteCommand } from './route-process.js';

type Options = {
  readonly smoke?: boolean;
  readonly json?: boolean;
  readonly only: readonly string[];
  readonly rounds?: string;
};

const root = fileURLToPath(new URL('../../../', import.meta.url));
const NODE_ROUTES = new Set(['heliocube', 'geotiff.js', 'geotiff.js-pool', 'gdal-async']);
const ROUNDS = { full: 7, smoke: 1 } as const;

const program = new Command('bench')
  .description('measure heliocube and other programs on the same work, and write docs/performance.md')
  .option('--smoke', 'tiny data, one round, no Python: checks that the benchmarks work')
  .option('--json', 'print the rows as JSON')
  .option(
    '--only <case>',
    'only this case; may be repeated',
    (value: string, all: string[]) => [...all, value],
    [] as string[],
  )
  .option('--rounds <n>', 'rounds of every case');
const options = program.parse().opts<Options>();
const say = (line: string) => process.stderr.write(`bench: ${line}\n`);

try {
  await main(options);
} catch (error) {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
}

async function main({ smoke = false, json = false, only, rounds: wanted }: Options): Promise<void> {
  const machine = thisMachine();
  const size = SIZES[smoke ? 'smoke' : 'full'];
  const rounds = wanted === undefined ? ROUNDS[size.name] : Math.max(1, Math.floor(Number(wanted)) || 1);
  const data = join(root, '.heliocube', 'bench-data', size.name);
  await makeData(data, size, say);
  const cases = chooseCases(listCases(data, size, availableParallelism()), only);
  const [rows, versions]: [Row[], string[]] = [[], []];
  for (const test of cases) {
    say(`${test.name} …`);
    const result = await runCase(test, {
      rounds,
      scratch: join(root, '.heliocube', `bench-work-${process.pid}`),
      commandOf: commandOf(smoke),
      say,
    });
    rows.push(...result.rows);
    versions.push(...result.versions);
  }
  const command = ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' ');
  const report: Report = { command, machine, rounds, cases, rows, versions };
  process.stdout.write(`${json ? JSON.stringify({ rows }) : formatTable(report)}\n`);
  if (!smoke && only.length === 0) await writeFile(join(root, 'docs', 'performance.md'), formatPage(report));
}

function chooseCases(all: readonly Case[], only: readonly string[]): Case[] {
  const unknown = only.find((name) => !all.some((test) => test.name === name));
  if (unknown !== undefined)
    throw new Error(`no case "${unknown}"; there are ${all.map(({ name }) => name).join(', ')}`);
  return all.filter(({ name }) => only.length === 0 || only.includes(name));
}

/** Node routes are the compiled `run-route.js`, all others `peers.py`; a text says why there is none. */
function commandOf(smoke: boolean): (route: string) => RouteCommand | string {
  const python = smoke ? null : benchPython();
  return (name) => {
    if (NODE_ROUTES.has(name)) {
      const file = fileURLToPath(new URL('run-route.js', import.meta.url));
      return { name, file: process.execPath, parameters: ['--expose-gc', file, name] };
    }
    if (python === null)
      return smoke ? '--smoke uses no Python' : 'no Python with bench/python-requirements.txt (see the messages above)';
    return { name, file: python, parameters: [join(root, 'bench', 'peers.py'), name] };
  };
}

function benchPython(): string | null {
  const named = process.env['HELIOCUBE_BENCH_PYTHON'];
  const path = named === undefined || named === '' ? join(root, '.heliocube', 'python-bench', 'bin', 'python') : named;
  return existsSync(path) ? path : null;
}
