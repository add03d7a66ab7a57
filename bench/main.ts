import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import type { Case } from './cases/case.js';
import { listCases } from './cases/list-cases.js';
import { makeData } from './data/make-data.js';
import { SIZES } from './data/sizes.js';
import { LatencyServer } from './latency.js';
import { thisMachine } from './machine.js';
import { formatPage, formatTable, type Report } from './report.js';
import { routeCommands } from './route-commands.js';
import { runCase, type Absent } from './run-case.js';
import type { Row } from './row.js';

type Options = {
  readonly smoke?: boolean;
  readonly json?: boolean;
  readonly list?: boolean;
  readonly case: readonly string[];
  readonly rounds?: string;
  readonly page?: string;
};

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** 0: only the round that warms up. */
const ROUNDS = { full: 7, smoke: 0 } as const;

const program = new Command('bench')
  .description('measure heliocube and other programs on the same work, and write docs/performance.md')
  .option('--smoke', 'tiny data, one round, with the peers that are there: fails where results disagree')
  .option('--json', 'print the rows as JSON')
  .option('--list', 'print the cases and what they are')
  .option(
    '--case <name>',
    'only this case (P13) or sub-case (P13.zstd); may be repeated',
    (value: string, all: string[]) => [...all, value],
    [] as string[],
  )
  .option('--rounds <n>', 'rounds of every case')
  .option('--page <file>', 'write the page of the chosen cases here, not to docs/performance.md');
const options = program.parse().opts<Options>();
const say = (line: string) => process.stderr.write(`bench: ${line}\n`);

try {
  await main(options);
} catch (error) {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
}

async function main(options: Options): Promise<void> {
  const size = SIZES[options.smoke === true ? 'smoke' : 'full'];
  const folder = join(root, '.heliocube', 'bench-data', size.name);
  const setting = { folder, size, threads: availableParallelism() };
  if (options.list === true) {
    for (const { name, what } of listCases({ ...setting, server: '' })) process.stdout.write(`${name}: ${what}\n`);
    return;
  }
  await makeData(folder, size, say);
  const server = await LatencyServer.start(join(root, 'bench'), folder);
  try {
    await report(options, chooseCases(listCases({ ...setting, server: server.url }), options.case));
  } finally {
    server.close();
  }
}

async function report(
  { smoke = false, json = false, case: only, rounds: wanted, page }: Options,
  cases: readonly Case[],
) {
  const machine = thisMachine();
  const rounds = wanted === undefined ? ROUNDS[smoke ? 'smoke' : 'full'] : Math.max(0, Math.floor(Number(wanted)) || 0);
  const [rows, absent, versions]: [Row[], Absent[], string[]] = [[], [], []];
  const scratch = join(root, '.heliocube', `bench-work-${process.pid}`);
  const commandOf = routeCommands(root);
  // Not the first numbers, so that no name of a round is a part of another's.
  let round = 100;
  for (const test of cases) {
    const start = performance.now();
    const result = await runCase(test, { rounds, scratch, commandOf, nextRound: () => round++, say });
    rows.push(...result.rows);
    absent.push(...result.absent);
    versions.push(...result.versions);
    say(`${test.name}: ${((performance.now() - start) / 1000).toFixed(1)} s; ${result.rows.map(inShort).join(', ')}`);
  }
  const command = ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' ');
  const all: Report = { command, machine, rounds, cases, rows, absent, versions };
  process.stdout.write(`${json ? JSON.stringify({ rows, absent }, null, 1) : formatTable(all)}\n`);
  const written = page ?? (!smoke && only.length === 0 ? join(root, 'docs', 'performance.md') : null);
  if (written !== null) await writeFile(written, formatPage(all));
  const wrong = rows.filter(({ equal }) => !equal);
  for (const row of wrong) say(`${row.case}: the result does not agree: ${row.agree.rule}, ours ${row.agree.ours}`);
  if (wrong.length > 0) process.exitCode = 1;
}

function inShort({ case: name, peer, ratio }: Row): string {
  return `${name} ${ratio.toFixed(2)} × ${peer}`;
}

/** "P13" is every case whose name begins so; rows of a case cannot be taken apart. */
function chooseCases(all: readonly Case[], only: readonly string[]): Case[] {
  const meets = (test: Case, name: string) =>
    test.name === name || test.name.startsWith(`${name}.`) || test.rows.some((row) => row.name === name);
  const unknown = only.find((name) => !all.some((test) => meets(test, name)));
  if (unknown !== undefined)
    throw new Error(`no case "${unknown}"; there are ${all.map(({ name }) => name).join(', ')}`);
  return all.filter((test) => only.length === 0 || only.some((name) => meets(test, name)));
}
