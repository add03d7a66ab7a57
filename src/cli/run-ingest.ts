import { CubeError, formatProblem, problemOf } from '../errors.js';
import type { DatasetReport, IngestProgress, IngestReport } from '../ingest/ingest-report.js';
import { ingest } from '../ingest/ingest.js';
import { whereFaults } from '../ingest/check-where.js';
import { checkManifest, manifestJsonSchema } from '../ingest/parse-manifest.js';
import { formatRules } from '../ingest/dedup-rules.js';
import { counterLine } from './counter-line.js';
import { describeModels, printFailedModels } from './describe-models.js';
import { dedupRulesOf, type DedupOptions } from './dedup-options.js';
import { interruptible } from './interrupt.js';
import { neededLake } from './lake-option.js';
import { printError, printResult, type CommonOptions } from './output.js';
import { listOption } from './parse-options.js';
import { validateManifest, type ValidateOptions } from './validate-manifest.js';
import type { LakeOptions } from './with-lake-options.js';

/** Options of `cube ingest`, as they were typed. */
export type IngestOptions = CommonOptions &
  LakeOptions &
  DedupOptions & {
    readonly only?: string;
    readonly cache?: string;
    readonly offline?: boolean;
    readonly again?: boolean;
    readonly keepGoing?: boolean;
    readonly models?: boolean;
  };

/** What has become of the work when it is stopped, by what was under way. */
const INTERRUPTED: Readonly<Record<IngestProgress['phase'], string>> = {
  fetch: 'nothing was written; run it again',
  read: 'nothing was written; run it again',
  commit: 'the commit is in the lake whole, or not at all; run it again',
  models: 'the data sets are in the lake, models that have not run are as they were; run it again',
};

/** What `cube ingest` does. Never throws: the problem is printed and the exit code set. */
export async function runIngest(manifest: string, options: IngestOptions): Promise<void> {
  const progress = counterLine('ingesting', { quiet: options.quiet === true });
  let step: IngestProgress['phase'] = 'fetch';
  let furthest = 0; // data sets are fetched several at a time, and a line must not go back
  try {
    const rules = dedupRulesOf(options);
    const lake = await neededLake(options);
    const report = await interruptible(
      () => INTERRUPTED[step],
      (signal) =>
        ingest({
          manifest,
          lake,
          again: options.again === true,
          keepGoing: options.keepGoing === true,
          models: options.models !== false,
          rules,
          fetch: {
            offline: options.offline === true,
            ...(options.cache === undefined ? {} : { cacheDir: options.cache }),
          },
          ...(options.only === undefined ? {} : { only: listOption(options.only) }),
          onProgress: ({ phase, done, total, doneBytes = 0, totalBytes }) => {
            step = phase;
            if (phase === 'models') return progress.report(done, total);
            const fetched = totalBytes == null || totalBytes === 0 ? 0 : (0.5 * doneBytes) / totalBytes;
            furthest = Math.max(furthest, done + fetched);
            progress.report(furthest, total);
          },
          signal,
        }),
    );
    progress.clear();
    for (const warning of report.warnings) process.stderr.write(`warning: ${warning}\n`);
    for (const { dataset, warnings } of report.datasets)
      for (const warning of warnings) process.stderr.write(`warning: ${dataset}: ${warning}\n`);
    printResult(options, report, () => describe(report));
    const failed = report.datasets.filter(({ status }) => status === 'failed').length;
    printFailedModels(report.models);
    if (failed > 0) printError({ json: false }, new CubeError({ kind: 'incomplete', what: 'data sets', failed }));
  } catch (error) {
    progress.clear();
    printError(options, error);
  }
}

/** What `cube ingest validate` does. Never throws. */
export function runValidate(path: string, options: ValidateOptions): Promise<void> {
  return validateManifest(
    {
      jsonSchema: manifestJsonSchema,
      check: async (data) => {
        const { manifest, faults } = checkManifest(data);
        const listed = manifest.datasets.map(({ name, skip, repo }) => ({ name, repo, skip }));
        return { listed, faults: [...faults, ...(await whereFaults(manifest))], warnings: manifest.warnings };
      },
      key: 'datasets',
      words: 'data sets',
    },
    path,
    options,
  );
}

function describe(report: IngestReport): string {
  const { lake, runId, datasets, others, sites, rules } = report;
  const isRemade = runId !== null && !datasets.some(({ status }) => status === 'added' || status === 'replaced');
  return [
    `lake     ${lake}`,
    `run      ${runId ?? 'none: nothing has changed'}`,
    ...datasets.map(describeDataset),
    ...(others.length === 0 ? [] : [`stay     ${others.join(', ')}: in the lake, not in this manifest`]),
    `rules    ${formatRules(rules)}${isRemade ? '; they have changed: sites are made again' : ''}`,
    ...(sites === null
      ? []
      : [
          `sites    ${sites.sites} of ${sites.features} features, ${sites.merged} merged`,
          `pairs    ${
            Object.entries(sites.pairs)
              .sort(([a], [b]) => (a < b ? -1 : 1))
              .map(([name, count]) => `${count} ${name}`)
              .join(', ') || 'none'
          }${sites.splitChains > 0 ? `; ${sites.splitChains} chains split` : ''}`,
        ]),
    ...describeModels(report.models),
    `time     ${report.seconds.toFixed(1)} s`,
  ].join('\n');
}

function describeDataset(one: DatasetReport): string {
  const label = `dataset  ${one.dataset}: ${one.status}`;
  if (one.problem !== null) return `${label}: ${formatProblem(problemOf(new CubeError(one.problem)))}`;
  if (one.status === 'unchanged' || one.status === 'skipped') return label;
  const { records, features, quarantined, excluded } = one;
  return `${label}: ${records} records in, ${features} features out, ${quarantined} quarantined, ${excluded} excluded`;
}
