import { COVERAGE_RULES, STATISTICS, type Statistic } from '../build/statistic.js';
import { tableKind, toCsv, writeTable, type TableRow } from '../build/write-table.js';
import { labelPath, zonalRows, type ZonalRow } from '../build/zonal-rows.js';
import { CubeError } from '../errors.js';
import type { LabelSet } from '../vector/label.js';
import { readLabels } from '../vector/read-labels.js';
import { counterLine } from './counter-line.js';
import { interruptible } from './interrupt.js';
import { printError, printResult, type CommonOptions } from './output.js';
import { signOption } from './sign-option.js';
import type { SignOptions } from './with-sign-option.js';
import { parseVersion, type VersionOptions } from './version-options.js';

/** Options of `cube stats`, as they were typed. */
export type StatsOptions = CommonOptions &
  VersionOptions &
  SignOptions & {
    readonly rule: string;
    readonly stats: string;
    readonly where?: string;
    readonly layer?: string;
    readonly labelCrs?: string;
    readonly x?: string;
    readonly y?: string;
    readonly variable?: string;
    readonly output?: string;
  };

/** What `cube stats` does. Never throws: the problem is printed and the exit code set. */
export async function runStats(labels: string, rasters: readonly string[], options: StatsOptions): Promise<void> {
  const progress = counterLine('labels', { quiet: options.quiet === true });
  try {
    const rule = parseRule(options.rule);
    const statistics = parseStatistics(options.stats);
    const version = parseVersion(options);
    if (options.output !== undefined) tableKind(options.output);
    await interruptible('nothing is left behind', async (signal) => {
      const set = await readSet(labels, options, signal);
      const variable = options.variable === undefined ? {} : { variable: options.variable };
      const versioned = version === undefined ? {} : { version };
      const sources = signOption(options);
      const common = { sources, labels: set.labels, rasters, rule, statistics, ...variable, ...versioned };
      const rows = await zonalRows({ ...common, signal, onProgress: progress.report });
      progress.clear();
      await printRows(
        rows.map((row) => pick(row, statistics)),
        set,
        options,
      );
    });
  } catch (error) {
    progress.clear();
    printError(options, error);
  }
}

/** What was repaired or left out is said on stderr. */
async function readSet(labels: string, options: StatsOptions, signal: AbortSignal): Promise<LabelSet> {
  const set = await readLabels({ path: labelPath(labels), h3: null, signal, ...labelOptions(options) });
  for (const warning of set.warnings) process.stderr.write(`warning: ${warning}\n`);
  for (const { record, reason } of set.quarantine) process.stderr.write(`left out: record ${record}: ${reason}\n`);
  if (set.labels.length > 0) return set;
  throw new CubeError({ kind: 'no-data', what: `${labels} has no label that can be used` });
}

function labelOptions({ where, layer, labelCrs, x, y }: StatsOptions) {
  if ((x === undefined) !== (y === undefined))
    throw new CubeError({ kind: 'invalid-argument', what: '--x and --y go together' });
  return {
    ...(where === undefined ? {} : { where }),
    ...(layer === undefined ? {} : { layer }),
    ...(labelCrs === undefined ? {} : { crs: labelCrs }),
    ...(x === undefined || y === undefined ? {} : { pointColumns: { x, y } }),
  };
}

async function printRows(rows: readonly TableRow[], set: LabelSet, options: StatsOptions): Promise<void> {
  const { output } = options;
  if (output !== undefined) {
    await writeTable(output, rows, set.labels);
    const said = { output, rows: rows.length, quarantined: set.quarantine.length };
    printResult(options, said, () => `${output}: ${rows.length} rows`);
  } else if (options.json === true) printResult(options, rows, () => '');
  else process.stdout.write(toCsv(rows));
}

function parseRule(text: string): (typeof COVERAGE_RULES)[number] {
  const rule = COVERAGE_RULES.find((one) => one === text);
  if (rule !== undefined) return rule;
  const what = `--rule "${text}" is unknown`;
  throw new CubeError({ kind: 'invalid-argument', what, fix: `use ${COVERAGE_RULES.join(', ')}` });
}

function parseStatistics(text: string): Statistic[] {
  return text.split(',').map((name) => {
    const statistic = STATISTICS.find((one) => one === name.trim());
    if (statistic !== undefined) return statistic;
    throw new CubeError({
      kind: 'invalid-argument',
      what: `--stats: "${name}" is unknown`,
      fix: `use ${STATISTICS.join(', ')}`,
    });
  });
}

function pick(row: ZonalRow, statistics: readonly Statistic[]): TableRow {
  const { labelId, featureUid, raster, band } = row;
  const values = statistics.map((name) => [name, row[name]] as const);
  return { label_id: labelId, feature_uid: featureUid, raster, band, ...Object.fromEntries(values) };
}
