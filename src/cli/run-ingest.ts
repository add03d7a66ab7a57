import { readFile } from 'node:fs/promises';
import { CubeError, formatProblem, isCubeError, problemOf } from '../errors.js';
import { ingest, type DatasetReport, type IngestReport } from '../ingest/ingest.js';
import { checkManifest, manifestJsonSchema, parseManifestText } from '../ingest/parse-manifest.js';
import { counterLine } from './counter-line.js';
import { interruptible } from './interrupt.js';
import { neededLake } from './lake-option.js';
import { printError, printResult, type CommonOptions } from './output.js';
import type { LakeOptions } from './with-lake-options.js';

/** Options of `cube ingest`, as they were typed. */
export type IngestOptions = CommonOptions &
  LakeOptions & {
    readonly only?: string;
    readonly cache?: string;
    readonly offline?: boolean;
    readonly again?: boolean;
    readonly keepGoing?: boolean;
    readonly models?: boolean;
  };

/** What `cube ingest` does. Never throws: the problem is printed and the exit code set. */
export async function runIngest(manifest: string, options: IngestOptions): Promise<void> {
  const progress = counterLine('ingesting', { quiet: options.quiet === true });
  try {
    const lake = await neededLake(options);
    const report = await interruptible('nothing was written; run it again', (signal) =>
      ingest({
        manifest,
        lake,
        again: options.again === true,
        keepGoing: options.keepGoing === true,
        models: options.models !== false,
        fetch: {
          offline: options.offline === true,
          ...(options.cache === undefined ? {} : { cacheDir: options.cache }),
        },
        ...(options.only === undefined ? {} : { only: namesOf(options.only) }),
        onProgress: ({ done, total, doneBytes = 0, totalBytes }) =>
          progress.report(done + (totalBytes == null || totalBytes === 0 ? 0 : (0.5 * doneBytes) / totalBytes), total),
        signal,
      }),
    );
    progress.clear();
    for (const warning of report.warnings) process.stderr.write(`warning: ${warning}\n`);
    for (const { dataset, warnings } of report.datasets)
      for (const warning of warnings) process.stderr.write(`warning: ${dataset}: ${warning}\n`);
    printResult(options, report, () => describe(report));
    const failed = report.datasets.filter(({ status }) => status === 'failed').length;
    const broken = report.models.filter(({ status }) => status === 'error').length;
    if (broken > 0) printError({ json: false }, new CubeError({ kind: 'incomplete', what: 'models', failed: broken }));
    if (failed > 0) printError({ json: false }, new CubeError({ kind: 'incomplete', what: 'data sets', failed }));
  } catch (error) {
    progress.clear();
    printError(options, error);
  }
}

/** What `cube ingest validate` does. */
export async function runValidate(path: string, options: CommonOptions & { readonly schema?: boolean }): Promise<void> {
  try {
    if (options.schema === true) {
      process.stdout.write(`${JSON.stringify(manifestJsonSchema(), null, 2)}\n`);
      return;
    }
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') throw new CubeError({ kind: 'not-found', url: path, what: 'the manifest' });
      throw new CubeError({ kind: 'io', path, code: error.code ?? 'EIO', what: 'the manifest cannot be read' });
    });
    const { manifest, faults } = checkText(text);
    const result = {
      datasets: manifest.datasets.map(({ name, skip, repo }) => ({ name, repo, skip })),
      faults: faults.map(({ problem }) => problem),
      warnings: manifest.warnings,
    };
    printResult(options, result, () =>
      [
        `${manifest.datasets.length} data sets, ${faults.length} faults`,
        ...faults.map(({ problem }) => `fault   ${formatProblem(problem)}`),
        ...manifest.warnings.map((warning) => `warning ${warning}`),
      ].join('\n'),
    );
    if (faults.length > 0) process.exitCode = 2;
  } catch (error) {
    printError(options, error);
  }
}

function checkText(text: string): ReturnType<typeof checkManifest> {
  try {
    return checkManifest(parseManifestText(text));
  } catch (error) {
    if (!isCubeError(error)) throw error;
    return { manifest: { datasets: [], warnings: [] }, faults: [error] };
  }
}

function namesOf(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  return names.filter((name) => name !== '');
}

function describe(report: IngestReport): string {
  const { lake, runId, datasets, sites } = report;
  return [
    `lake     ${lake}`,
    `run      ${runId ?? 'none: nothing has changed'}`,
    ...datasets.map(describeDataset),
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

function describeModels(models: IngestReport['models']): string[] {
  if (models.length === 0) return [];
  const count = (wanted: string) => models.filter(({ status }) => status === wanted).length;
  const failed = models.filter(({ status }) => status === 'error');
  const told = failed.map(({ model, message }) => `         ${model}: ${message ?? 'failed'}`);
  return [`models   ${count('success')} are current, ${count('skipped')} skipped, ${failed.length} failed`, ...told];
}

function describeDataset(one: DatasetReport): string {
  const label = `dataset  ${one.dataset}: ${one.status}`;
  if (one.problem !== null) return `${label}: ${formatProblem(problemOf(new CubeError(one.problem)))}`;
  if (one.status === 'unchanged' || one.status === 'skipped') return label;
  const { records, features, quarantined, excluded } = one;
  return `${label}: ${records} records in, ${features} features out, ${quarantined} quarantined, ${excluded} excluded`;
}
