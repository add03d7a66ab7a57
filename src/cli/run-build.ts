import { availableParallelism } from 'node:os';
import { buildCube, type BuildSummary } from '../build/build-cube.js';
import { planCube, type PlannedCube } from '../build/plan-cube.js';
import { parseSize } from '../build/memory.js';
import { CubeError } from '../errors.js';
import { formatBytes } from '../build/format-bytes.js';
import { interruptible } from './interrupt.js';
import { printError, printResult, type CommonOptions } from './output.js';
import { signOption } from './sign-option.js';
import type { SignOptions } from './with-sign-option.js';
import { progressLine } from '../build/progress-line.js';

/** Options of `cube build`, as they were typed. */
export type BuildOptions = CommonOptions &
  SignOptions & {
    readonly out?: string;
    readonly set: readonly string[];
    readonly workers?: string;
    readonly maxMemory?: string;
    readonly refs?: string;
    readonly refsData?: string;
    readonly refsCheck?: boolean;
    readonly dryRun?: boolean;
    readonly resume?: boolean;
    readonly overwrite?: boolean;
    readonly allowIncomplete?: boolean;
  };

/** What `cube build` does. Never throws: the problem is printed and the exit code set. */
export async function runBuild(spec: string, options: BuildOptions): Promise<void> {
  const progress = progressLine(options.quiet === true);
  try {
    if (options.resume === true && options.overwrite === true) {
      throw new CubeError({ kind: 'invalid-argument', what: '--resume and --overwrite exclude each other' });
    }
    const common = { spec, set: options.set, progress, sources: signOption(options), ...optional(options) };
    const note = 'what is finished is kept, go on with --resume';
    if (options.dryRun === true) {
      const plan = await interruptible('nothing was written', (signal) => planCube({ ...common, signal }));
      progress.done();
      return printResult(options, plan, () => describeDryRun(plan));
    }
    const summary = await interruptible(note, (signal) => buildCube({ ...common, signal }));
    progress.done();
    printResult(options, summary, () => describeSummary(summary));
    if (summary.status === 'incomplete') printIncomplete(summary);
  } catch (error) {
    progress.done();
    printError(options, error);
  }
}

/** The result is on stdout already, so stderr and the exit code are all that is left to say it with. */
function printIncomplete({ failures }: BuildSummary): void {
  printError({ json: false }, new CubeError({ kind: 'incomplete', what: 'reads', failed: failures }));
}

function optional(options: BuildOptions) {
  const { out, workers, maxMemory, refs, refsData, resume, overwrite, allowIncomplete } = options;
  return {
    ...(refs === undefined ? {} : { refs: refsData === undefined ? refs : { catalog: refs, dataPath: refsData } }),
    ...(out === undefined ? {} : { out }),
    workers: workers === undefined ? availableParallelism() : wholeNumber(workers, '--workers'),
    ...(maxMemory === undefined ? {} : { maxMemory: parseSize(maxMemory) }),
    refsCheck: options.refsCheck === true,
    resume: resume === true,
    overwrite: overwrite === true,
    allowIncomplete: allowIncomplete === true,
  };
}

function wholeNumber(text: string, option: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new CubeError({ kind: 'invalid-argument', what: `${option}: "${text}" is not a whole number` });
}

function describeSummary(summary: BuildSummary): string {
  const { cube, snapshot, lake, counts, storage, seconds } = summary;
  const lines = [
    `cube    ${cube}${snapshot === null ? '' : ` (snapshot ${snapshot})`}`,
    `        ${counts.times} time steps, ${counts.height}×${counts.width} pixels, ${counts.bands} bands, ${formatBytes(counts.bytes)} in ${counts.objects} objects`,
    `tasks   ${counts.tasks} (${counts.resumed} kept from before), ${formatBytes(counts.bytesRead)} read, ${counts.tilesDecoded} tiles decoded`,
    `labels  ${counts.labels} on the grid, ${counts.labelStats} statistics, ${counts.quarantined} quarantined`,
  ];
  if (storage !== null) lines.splice(2, 0, describeStorage(storage));
  if (lake !== null) lines.push(`lake    ${lake.catalog} (snapshot ${lake.snapshotId}, run ${summary.runId})`);
  if (summary.failures > 0)
    lines.push(`FAILED  ${summary.failures} reads; their pixels have reason 4, the rows are in "failures"`);
  lines.push(`time    ${seconds.toFixed(1)} s`);
  return lines.join('\n');
}

function describeStorage({ virtual, native, reasons }: NonNullable<BuildSummary['storage']>): string {
  const because = Object.entries(reasons).filter(([reason]) => reason !== 'aligned');
  const counts = because.map(([reason, count]) => `${reason} ${count}`).join(', ');
  return `chunks  ${virtual} virtual, ${native} native${counts === '' ? '' : ` (${counts})`}`;
}

function describeDryRun(plan: PlannedCube): string {
  const { grid, estimate } = plan;
  return [
    `plan    ${plan.name}: ${plan.times.length} time steps from ${plan.items} items (${plan.dropped} not used), ${plan.bands.length} bands`,
    `grid    ${grid.crs}, ${grid.height}×${grid.width} pixels of ${grid.resolution.join(' × ')}, chunks of ${grid.chunk}`,
    `work    ${estimate.pixelTasks} chunks with pixels, ${estimate.labelTasks} with labels`,
    `reads   ${estimate.distinctTiles} tiles, ${formatBytes(estimate.bytes)} known to be read`,
    `labels  ${estimate.labels} on the grid, ${plan.labelsOutside} outside`,
    `hash    ${plan.hash}`,
  ].join('\n');
}
