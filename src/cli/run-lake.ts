import { formatBytes } from '../build/format-bytes.js';
import { CubeError } from '../errors.js';
import { maintainLake, type MaintainOptions, type MaintenanceReport } from '../lake/maintain/maintain.js';
import type { JudgedSnapshot, Retention } from '../lake/maintain/retention.js';
import { listSnapshots } from '../lake/maintain/snapshots.js';
import type { MaintenanceStep, StepWork } from '../lake/maintain/steps.js';
import { interruptible } from './interrupt.js';
import { neededLake } from './lake-option.js';
import { printError, printResult, type CommonOptions } from './output.js';
import type { LakeOptions } from './with-lake-options.js';

type RetentionOptions = { readonly keepDays?: string; readonly keepLast?: string };

/** Options of `cube lake maintain` and its parts, as they were typed. */
export type MaintenanceOptions = CommonOptions &
  LakeOptions &
  RetentionOptions & {
    readonly apply?: boolean;
    readonly orphans?: boolean;
    readonly minAge?: string;
    readonly backupDir?: string;
  };

/** The steps of each command; `orphans` is asked for. */
const STEPS_OF: Readonly<Record<string, readonly MaintenanceStep[]>> = {
  maintain: ['flush', 'expire', 'merge', 'rewrite', 'cleanup'],
  expire: ['expire'],
  merge: ['flush', 'merge', 'rewrite'],
  cleanup: ['cleanup'],
};

/** What `cube lake snapshots` does. Never throws: the problem is printed and the exit code set. */
export async function runSnapshots(options: CommonOptions & LakeOptions & RetentionOptions): Promise<void> {
  try {
    const snapshots = await listSnapshots({ ...(await neededLake(options)), ...retentionOf(options) });
    printResult(options, snapshots, () => snapshots.map(describeSnapshot).join('\n'));
  } catch (error) {
    printError(options, error);
  }
}

/** What `cube lake maintain`, `expire`, `merge` and `cleanup` do. Never throws. */
export async function runMaintenance(name: string, options: MaintenanceOptions): Promise<void> {
  try {
    const input: MaintainOptions = {
      ...(await neededLake(options)),
      ...retentionOf(options),
      steps: [...(STEPS_OF[name] ?? []), ...(options.orphans === true ? (['orphans'] as const) : [])],
      apply: options.apply === true,
      ...(options.minAge === undefined ? {} : { minAgeDays: numberOf(options.minAge, '--min-age') }),
      ...(options.backupDir === undefined ? {} : { backupFolder: options.backupDir }),
      onPhase: phaseLine(options),
    };
    const report = await interruptible('the step under way is taken back, what is done stays', (signal) =>
      maintainLake({ ...input, signal }),
    );
    printResult(options, report, () => describeReport(report));
  } catch (error) {
    printError(options, error);
  }
}

/** Progress on stderr, a line a phase. */
export function phaseLine({ quiet }: CommonOptions): (phase: string) => void {
  return quiet === true ? () => {} : (phase) => void process.stderr.write(`${phase} …\n`);
}

function retentionOf({ keepDays, keepLast }: RetentionOptions): { readonly retention: Partial<Retention> } {
  return {
    retention: {
      ...(keepDays === undefined ? {} : { keepDays: numberOf(keepDays, '--keep-days') }),
      ...(keepLast === undefined ? {} : { keepLast: numberOf(keepLast, '--keep-last') }),
    },
  };
}

function numberOf(text: string, option: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new CubeError({ kind: 'invalid-argument', what: `${option} "${text}" is not a whole number` });
}

function describeSnapshot({ id, timeMs, message, runId, keptFor }: JudgedSnapshot): string {
  const run = runId === null ? '' : ` (run ${runId})`;
  const kept = keptFor === null ? 'may expire' : `kept: ${keptFor}`;
  return `${String(id).padStart(6)} ${new Date(timeMs).toISOString()}  ${kept.padEnd(14)}  ${message ?? ''}${run}`.trimEnd();
}

function describeReport({ lake, applied, steps, kept, backup, compared }: MaintenanceReport): string {
  return [
    `lake     ${lake}`,
    ...(backup === null ? [] : [`backup   ${backup.folder}`]),
    ...steps.flatMap((work) => describeWork(work, applied)),
    `kept     ${kept.length} snapshots`,
    ...(compared === null ? [] : [`compared ${compared.tables} tables, ${compared.rows} rows: equal before and after`]),
    ...(applied ? [] : ['nothing was changed; pass --apply to do it']),
  ].join('\n');
}

/** Names that are told of each step. */
const MOST_TOLD = 10;

function describeWork(work: StepWork, applied: boolean): string[] {
  const { step, files, snapshots } = work;
  const names =
    step === 'merge' || step === 'expire' ? [] : files.slice(0, MOST_TOLD).map((name) => `           ${name}`);
  const more =
    names.length > 0 && files.length > MOST_TOLD ? [`           … and ${files.length - MOST_TOLD} more`] : [];
  const ids = snapshots.length === 0 ? [] : [`           ${rangesOf(snapshots)}`];
  return [`${step.padEnd(8)} ${applied ? '' : 'would '}${whatOf(work, applied)}`, ...ids, ...names, ...more];
}

function whatOf({ step, snapshots, rows, files, bytes }: StepWork, applied: boolean): string {
  const size = `, ${formatBytes(bytes)}`;
  const verb = (now: string, past: string) => (applied ? past : now);
  switch (step) {
    case 'flush':
      return `${verb('move', 'moved')} ${rows} rows from the catalog to files`;
    case 'expire':
      return `${verb('expire', 'expired')} ${snapshots.length} snapshots, which alone need ${files.length} files${size}`;
    case 'merge':
      return `${verb('merge', 'merged')} ${files.length} small files${size}`;
    case 'rewrite':
      return `${verb('rewrite', 'rewrote')} ${files.length} files with many deleted rows${size}`;
    case 'cleanup':
      return `${verb('delete', 'deleted')} ${files.length} files that no snapshot needs${size}`;
    case 'orphans':
      return `${verb('delete', 'deleted')} ${files.length} files that the catalog does not know${size}`;
  }
}

/** "1-7, 9": ids in ascending order. */
function rangesOf(ids: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const id of [...ids].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === id - 1) last[1] = id;
    else ranges.push([id, id]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
}
