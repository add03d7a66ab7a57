import { resolve } from 'node:path';
import { CubeError } from '../errors.js';
import { writeFileAtomic } from '../io/write-file.js';
import { modelDocs } from '../models/docs-page.js';
import { formatLineage, LINEAGE_FORMATS, modelLineage } from '../models/lineage.js';
import { parseVars } from '../models/parse-vars.js';
import type { ProjectInput } from '../models/read-project.js';
import { runModels, type ModelRun } from '../models/run-models.js';
import { testModels, type ModelTestResult } from '../models/test-models.js';
import { interruptible } from './interrupt.js';
import { neededLake } from './lake-option.js';
import { printError, printResult, type CommonOptions } from './output.js';
import type { LakeOptions } from './with-lake-options.js';

/** Options of every command of `cube models`, as they were typed. */
export type ModelsOptions = CommonOptions & { readonly project?: string; readonly vars?: string };

/** Of those that choose models. */
export type SelectingOptions = ModelsOptions & { readonly select?: string[]; readonly exclude?: string[] };

/** What `cube models run` does. Never throws: the problem is printed and the exit code set. */
export async function runRun(
  options: SelectingOptions & LakeOptions & { readonly fullRefresh?: boolean },
): Promise<void> {
  try {
    const lake = await neededLake(options);
    const report = await interruptible('the model under way is left out', (signal) =>
      runModels({
        ...chosen(options),
        lake,
        fullRefresh: options.fullRefresh === true,
        signal,
        onModel: (run) => tell(options, describeRun(run)),
      }),
    );
    const failed = report.models.filter(({ status }) => status === 'error').length;
    printResult(options, report, () => `${countOf(report.models, 'models')} (run ${report.runId})`);
    complainOf('models', failed);
  } catch (error) {
    printError(options, error);
  }
}

/** What `cube models test` does. Never throws. */
export async function runTest(options: SelectingOptions & LakeOptions): Promise<void> {
  try {
    const lake = await neededLake(options);
    const results = await interruptible('the lake is as it was', (signal) =>
      testModels({
        ...chosen(options),
        lake,
        signal,
        onTest: (result) => tell(options, describeTest(result)),
      }),
    );
    const failed = results.filter(({ status }) => status === 'fail' || status === 'error').length;
    printResult(options, { tests: results }, () => countOf(results, 'tests'));
    complainOf('tests', failed);
  } catch (error) {
    printError(options, error);
  }
}

/** What `cube models docs` does. Never throws. */
export async function runDocs(options: ModelsOptions & { readonly out: string }): Promise<void> {
  try {
    const path = resolve(options.out);
    await writeFileAtomic(path, [await modelDocs(projectOf(options))]);
    printResult(options, { path }, () => path);
  } catch (error) {
    printError(options, error);
  }
}

/** What `cube models lineage` does. Never throws. */
export async function runLineage(options: SelectingOptions & { readonly format: string }): Promise<void> {
  try {
    const format = LINEAGE_FORMATS.find((one) => one === options.format);
    if (format === undefined) {
      const what = `--format "${options.format}" is not one of ${LINEAGE_FORMATS.join(', ')}`;
      throw new CubeError({ kind: 'invalid-argument', what });
    }
    const lineage = await modelLineage(chosen(options));
    printResult(options, lineage, () => formatLineage(lineage, format));
  } catch (error) {
    printError(options, error);
  }
}

function projectOf({ project, vars }: ModelsOptions): ProjectInput {
  return {
    ...(project === undefined ? {} : { project }),
    ...(vars === undefined ? {} : { vars: parseVars(vars, '--vars') }),
  };
}

function chosen(options: SelectingOptions) {
  const { select, exclude } = options;
  return {
    ...projectOf(options),
    ...(select === undefined ? {} : { select }),
    ...(exclude === undefined ? {} : { exclude }),
  };
}

/** A line while it goes on; programs get all at the end. */
function tell({ json }: CommonOptions, line: string): void {
  if (json !== true) process.stdout.write(`${line}\n`);
}

function describeRun({ model, status, rows, seconds, message }: ModelRun): string {
  const said = [rows === null ? '' : `, ${rows} rows`, message === null ? '' : `: ${message}`].join('');
  return `${status.padEnd(7)} ${model}${said} (${seconds.toFixed(2)} s)`;
}

function describeTest({ test, status, failures, sample, message }: ModelTestResult): string {
  const said = failures > 0 ? `: ${failures} rows` : message === null ? '' : `: ${message}`;
  return [`${status.padEnd(7)} ${test}${said}`, ...sample.map((row) => `        ${JSON.stringify(row)}`)].join('\n');
}

/** How many ended how, such as `22 models: 20 success, 2 skipped`. */
function countOf(ended: readonly { readonly status: string }[], things: string): string {
  const counts = new Map<string, number>();
  for (const { status } of ended) counts.set(status, (counts.get(status) ?? 0) + 1);
  return `${ended.length} ${things}: ${[...counts].map(([status, count]) => `${count} ${status}`).join(', ')}`;
}

/** The report is on stdout already. */
function complainOf(things: string, failed: number): void {
  if (failed > 0)
    printError({ json: false }, new CubeError({ kind: 'incomplete', what: `not all ${things} are well`, failed }));
}
