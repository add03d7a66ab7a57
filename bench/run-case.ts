import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { seededRandom } from '../src/sample/random.js';
import type { Case, RowPlan, Run } from './cases/case.js';
import { compareFiles } from './compare.js';
import type { Measured } from './protocol.js';
import { RouteProcess, type RouteCommand } from './route-process.js';
import { makeRow, type Row, type RunResult } from './row.js';

export type CaseOptions = {
  /** 0: the round that warms up counts. */
  readonly rounds: number;
  /** Folder for results and stores; emptied when the case is done. */
  readonly scratch: string;
  /** How a route is started, or why it cannot be. */
  readonly commandOf: (route: string) => RouteCommand | string;
  /** Number of the next request, counted over all cases. */
  readonly nextRound: () => number;
  readonly say: (line: string) => void;
};

/** A row that could not be measured, and why. */
export type Absent = { readonly case: string; readonly peer: string; readonly reason: string };

export type CaseResult = {
  readonly rows: readonly Row[];
  readonly absent: readonly Absent[];
  readonly versions: readonly string[];
};

type Live = {
  readonly run: Run;
  readonly process: RouteProcess;
  readonly first: Measured;
  readonly rounds: Measured[];
};
type Started = {
  readonly live: readonly Live[];
  readonly references: readonly string[];
  readonly why: ReadonlyMap<string, string>;
};

/**
 * Measure a case: every run does its job once to warm up, and those results are compared; then all take turns, in
 * another seeded order each round. Throws where we fail, or where any result changes from round to round.
 */
export async function runCase(test: Case, options: CaseOptions): Promise<CaseResult> {
  await mkdir(options.scratch, { recursive: true });
  const processes: RouteProcess[] = [];
  try {
    const started = await warmUp(test, options, processes);
    await takeTurns(test, started.live, options);
    const results = new Map<string, RunResult>();
    for (const { run, first, rounds } of started.live)
      results.set(run.id, {
        run,
        first,
        rounds: rounds.length > 0 ? rounds : [first],
        near: await nearness(test, run, started, options),
      });
    return { ...tabulate(test, results, started), versions: processes.map(({ versions }) => versions) };
  } finally {
    await Promise.all(processes.map((process) => process.close()));
    await rm(options.scratch, { recursive: true, force: true });
  }
}

/** Start all runs one after the other and ask each once; those that cannot are left out, with the reason. */
async function warmUp(test: Case, options: CaseOptions, processes: RouteProcess[]): Promise<Started> {
  const live: Live[] = [];
  const references: string[] = [];
  const why = new Map<string, string>();
  for (const run of test.runs) {
    const command = options.commandOf(run.route);
    const process = typeof command === 'string' ? command : await RouteProcess.start(command);
    const answer =
      typeof process === 'string' ? { error: process } : await ask(run, process, options, dumpOf(test, run, options));
    if (typeof process !== 'string') processes.push(process);
    if ('error' in answer) {
      if (isOurs(run) || (isOptional(run) && typeof process !== 'string'))
        throw new Error(`${test.name}: ${run.id}: ${answer.error}`);
      options.say(`${test.name}: without ${run.id}: ${answer.error}`);
      why.set(run.id, lastLine(answer.error));
    } else {
      if (run.reference === true || run.id === referenceOf(test)) references.push(run.id);
      if (run.reference !== true) live.push({ run, process: process as RouteProcess, first: answer, rounds: [] });
    }
  }
  return { live, references, why };
}

function ask(run: Run, process: RouteProcess, { scratch, nextRound }: CaseOptions, dump: string | null) {
  return process.ask({ job: run.job, round: nextRound(), scratch: join(scratch, fileName(run)), dump });
}

async function takeTurns(test: Case, live: readonly Live[], options: CaseOptions): Promise<void> {
  const random = seededRandom(options.rounds);
  for (let i = 0; i < options.rounds; i++) {
    for (const { run, process, first, rounds } of shuffled(live, random)) {
      if (i >= (run.rounds ?? Infinity)) continue;
      const answer = await ask(run, process, options, null);
      if ('error' in answer) throw new Error(`${test.name}: ${run.id} failed after it had worked: ${answer.error}`);
      if (answer.crc !== first.crc) throw new Error(`${test.name}: ${run.id} gave another result in round ${i + 1}`);
      rounds.push(answer);
    }
  }
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const list = [...items];
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [list[i], list[j]] = [list[j]!, list[i]!];
  }
  return list;
}

/** Null where the rule is the same bytes, or where the run did another amount of work than the reference. */
async function nearness(test: Case, run: Run, { references }: Started, options: CaseOptions): Promise<number | null> {
  const { agreement } = test;
  if (agreement.kind === 'bytes' || run.times !== undefined || !references.includes(agreement.reference)) return null;
  const reference = test.runs.find(({ id }) => id === agreement.reference)!;
  return compareFiles(dumpOf(test, run, options)!, dumpOf(test, reference, options)!, agreement);
}

function tabulate(
  test: Case,
  results: ReadonlyMap<string, RunResult>,
  { references, why }: Started,
): { readonly rows: Row[]; readonly absent: Absent[] } {
  const reference = referenceOf(test);
  const rows: Row[] = [];
  const absent: Absent[] = [];
  for (const plan of test.rows) {
    const [ours, peer] = [results.get(plan.ours), results.get(plan.peer)];
    const blind = reference !== null && !references.includes(reference);
    if (ours !== undefined && peer !== undefined && !blind) rows.push(makeRow(plan, test.agreement, ours, peer));
    else absent.push(absenceOf(plan, why, reference));
  }
  return { rows, absent };
}

/** Named is whichever of the two is missing; ours where both are, whose data the peer may have needed. */
function absenceOf({ name, ours, peer }: RowPlan, why: Started['why'], reference: string | null): Absent {
  if (why.has(ours)) return { case: name, peer: ours, reason: why.get(ours)! };
  return { case: name, peer, reason: why.get(peer) ?? why.get(reference ?? '') ?? 'not run' };
}

function referenceOf({ agreement }: Case): string | null {
  return agreement.kind === 'bytes' ? null : agreement.reference;
}

function isOurs({ route }: Run): boolean {
  return route === 'heliocube' || route === 'cube';
}

/** Ours where its binding is built; once it runs, it must not fail. */
function isOptional({ route }: Run): boolean {
  return route === 'heliocube-icechunk';
}

/** File for the first result, where values are compared. */
function dumpOf({ agreement }: Case, run: Run, { scratch }: CaseOptions): string | null {
  return agreement.kind === 'bytes' ? null : join(scratch, `${fileName(run)}.bin`);
}

function fileName({ id }: Run): string {
  return id.replaceAll(' ', '-');
}

/** Of a trace, what says most: the last line with words. */
function lastLine(text: string): string {
  return (
    text
      .split('\n')
      .findLast((line) => /\w{3}/.test(line))
      ?.trim() ?? text
  );
}
