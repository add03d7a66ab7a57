import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { buildCube, type BuildSummary } from '../build/build-cube.js';
import { planCube, type PlannedCube } from '../build/plan-cube.js';
import { parseSize } from '../build/memory.js';
import { CubeError } from '../errors.js';
import { formatBytes } from '../build/format-bytes.js';
import { printError, printResult, type CommonOptions } from './output.js';
import { progressLine } from '../build/progress-line.js';

type Options = CommonOptions & {
  readonly out?: string;
  readonly set: readonly string[];
  readonly workers?: string;
  readonly maxMemory?: string;
  readonly dryRun?: boolean;
  readonly resume?: boolean;
  readonly overwrite?: boolean;
  readonly allowIncomplete?: boolean;
};

const EXAMPLES = `
Examples:
  cube build austria.yaml --out out/austria
  cube build austria.yaml --dry-run
  cube build austria.yaml --out out/austria --set grid.resolution=20 --set 'bands=[red, nir]'
  cube build austria.yaml --out out/austria --resume

Exit codes: 0 done, 2 wrong usage or specification, 3 input missing, 4 unsupported, 5 bad data, 6 network,
7 built but incomplete, 8 output, 130 stopped (go on with --resume)`;

/** `cube build`: a specification to a cube and lake tables. */
export function buildCommand(): Command {
  return new Command('build')
    .description('build a cube and its lake tables from a specification')
    .argument('<spec>', 'YAML or JSON file')
    .option('--out <dir>', 'put the cube at DIR/cube.zarr and the lake at DIR/lake.ducklake')
    .option('--set <key=value>', 'change a key of the specification; may be repeated', collect, [])
    .option('--workers <n>', 'worker threads; 0 runs in this thread (default: one a core)')
    .option('--max-memory <size>', 'memory for tiles and planes, such as 512MB (default: a quarter of the machine)')
    .option('--dry-run', 'plan and print what would be read, and stop')
    .option('--resume', 'go on with a build that was interrupted')
    .option('--overwrite', 'replace what is there')
    .option('--allow-incomplete', 'go on past reads that fail for good (reason 4, exit code 7)')
    .option('--json', 'print the result as JSON')
    .option('--quiet', 'no progress')
    .addHelpText('after', EXAMPLES)
    .action(runBuild);
}

function collect(value: string, all: readonly string[]): string[] {
  return [...all, value];
}

async function runBuild(spec: string, options: Options): Promise<void> {
  const progress = progressLine(options.quiet === true);
  const stop = new AbortController();
  const interrupt = () => {
    process.stderr.write('\ncube: stopping; what is finished is kept, go on with --resume\n');
    stop.abort();
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    if (options.resume === true && options.overwrite === true) {
      throw new CubeError({ kind: 'invalid-argument', what: '--resume and --overwrite exclude each other' });
    }
    const input = { spec, set: options.set, progress, signal: stop.signal, ...optional(options) };
    if (options.dryRun === true) {
      const plan = await planCube(input);
      progress.done();
      return printResult(options, plan, () => describeDryRun(plan));
    }
    const summary = await buildCube(input);
    progress.done();
    printResult(options, summary, () => describeSummary(summary));
    if (summary.status === 'incomplete') {
      printError(
        { ...options, json: false },
        new CubeError({ kind: 'incomplete', what: 'reads', failed: summary.failures }),
      );
    }
  } catch (error) {
    progress.done();
    printError(options, error);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

function optional({ out, workers, maxMemory, resume, overwrite, allowIncomplete }: Options) {
  return {
    ...(out === undefined ? {} : { out }),
    workers: workers === undefined ? availableParallelism() : wholeNumber(workers, '--workers'),
    ...(maxMemory === undefined ? {} : { maxMemory: parseSize(maxMemory) }),
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
  const { cube, lake, counts, seconds } = summary;
  const lines = [
    `cube    ${cube}`,
    `        ${counts.times} time steps, ${counts.height}×${counts.width} pixels, ${counts.bands} bands, ${formatBytes(counts.bytes)} in ${counts.objects} objects`,
    `tasks   ${counts.tasks} (${counts.resumed} kept from before), ${formatBytes(counts.bytesRead)} read, ${counts.tilesDecoded} tiles decoded`,
    `labels  ${counts.labels} on the grid, ${counts.labelStats} statistics, ${counts.quarantined} quarantined`,
  ];
  if (lake !== null) lines.push(`lake    ${lake.catalog} (snapshot ${lake.snapshotId}, run ${summary.runId})`);
  if (summary.failures > 0)
    lines.push(`FAILED  ${summary.failures} reads; their pixels have reason 4, the rows are in "failures"`);
  lines.push(`time    ${seconds.toFixed(1)} s`);
  return lines.join('\n');
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
