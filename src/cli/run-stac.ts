import { CubeError, formatProblem } from '../errors.js';
import { exportStac } from '../ingest/stac/export-stac.js';
import { fetchStac, type StacFetchReport, type StacSourceReport } from '../ingest/stac/fetch-stac.js';
import { checkStacManifest, stacManifestJsonSchema } from '../ingest/stac/parse-manifest.js';
import type { SourceOverrides } from '../ingest/stac/source.js';
import { counterLine } from './counter-line.js';
import { interruptible } from './interrupt.js';
import { neededLake } from './lake-option.js';
import { printError, printResult, type CommonOptions } from './output.js';
import { boxOption, datetimeOption, listOption, numberOption } from './parse-options.js';
import { signOption } from './sign-option.js';
import type { SignOptions } from './with-sign-option.js';
import { validateManifest, type ValidateOptions } from './validate-manifest.js';
import type { LakeOptions } from './with-lake-options.js';

/** Options of `cube stac fetch`, as they were typed. */
export type StacFetchOptions = CommonOptions &
  LakeOptions &
  SignOptions & {
    readonly only?: string;
    readonly sites?: boolean;
    readonly buffer?: number;
    readonly bbox?: string;
    readonly collections?: string;
    readonly datetime?: string;
    readonly cloudCover?: number;
    readonly maxItems?: number;
    readonly filter?: string;
    readonly s2Levels?: string;
    readonly keepGoing?: boolean;
  };

/** What `cube stac fetch` does. Never throws: the problem is printed and the exit code set. */
export async function runStacFetch(from: readonly string[], options: StacFetchOptions): Promise<void> {
  const progress = counterLine('fetching', { quiet: options.quiet === true });
  try {
    const lake = await neededLake(options);
    const overrides = overridesOf(options);
    const report = await interruptible('nothing was written; run it again', (signal) =>
      fetchStac({
        from,
        lake,
        ...overrides,
        ...signOption(options),
        sites: options.sites === true,
        keepGoing: options.keepGoing === true,
        ...(options.only === undefined ? {} : { only: listOption(options.only) }),
        ...(options.s2Levels === undefined ? {} : { s2Levels: listOption(options.s2Levels).map(Number) }),
        onProgress: ({ items }) => progress.report(items),
        signal,
      }),
    );
    progress.clear();
    for (const warning of report.warnings) process.stderr.write(`warning: ${warning}\n`);
    for (const { name, warnings } of report.sources)
      for (const warning of warnings) process.stderr.write(`warning: ${name}: ${warning}\n`);
    printResult(options, report, () => describe(report));
    const failed = report.sources.filter(({ status }) => status === 'failed').length;
    if (failed > 0) printError({ json: false }, new CubeError({ kind: 'incomplete', what: 'catalogues', failed }));
  } catch (error) {
    progress.clear();
    printError(options, error);
  }
}

/** What `cube stac export` does. Never throws. */
export async function runStacExport(
  options: CommonOptions &
    LakeOptions & { readonly out: string; readonly collections?: string; readonly overwrite?: boolean },
): Promise<void> {
  try {
    const lake = await neededLake(options);
    const { out, collections, overwrite = false } = options;
    const report = await interruptible('the file is as it was', (signal) =>
      exportStac({
        lake,
        out,
        overwrite,
        ...(collections === undefined ? {} : { collections: listOption(collections) }),
        signal,
      }),
    );
    for (const warning of report.warnings) process.stderr.write(`warning: ${warning}\n`);
    printResult(options, report, () => `${report.items} items in ${report.path}`);
  } catch (error) {
    printError(options, error);
  }
}

/** What `cube stac validate` does. Never throws. */
export function runStacValidate(path: string, options: ValidateOptions): Promise<void> {
  return validateManifest(
    {
      jsonSchema: stacManifestJsonSchema,
      check: (data) => {
        const { manifest, faults } = checkStacManifest(data);
        return {
          listed: manifest.sources.map(({ name, skip }) => ({ name, skip })),
          faults,
          warnings: manifest.warnings,
        };
      },
      key: 'sources',
      words: 'catalogues',
    },
    path,
    options,
  );
}

function overridesOf(options: StacFetchOptions): SourceOverrides {
  const { buffer, bbox, collections, datetime, cloudCover, maxItems, filter } = options;
  return {
    ...(buffer === undefined ? {} : { bufferM: numberOption('--buffer', buffer, 0, 1_000_000) }),
    ...(bbox === undefined ? {} : { bbox: boxOption(bbox) }),
    ...(collections === undefined ? {} : { collections: listOption(collections) }),
    ...(datetime === undefined ? {} : { datetime: datetimeOption(datetime) }),
    ...(cloudCover === undefined ? {} : { maxCloudCover: numberOption('--cloud-cover', cloudCover, 0, 100) }),
    ...(maxItems === undefined ? {} : { maxItems: numberOption('--max-items', maxItems, 1, 1e9) }),
    ...(filter === undefined ? {} : { filter }),
  };
}

function describe(report: StacFetchReport): string {
  return [
    `run      ${report.runId ?? 'none: nothing has changed'}`,
    ...report.sources.map(describeSource),
    `items    ${report.added} added, ${report.replaced} replaced, ${report.unchanged} as they were`,
    `time     ${report.seconds.toFixed(1)} s`,
  ].join('\n');
}

function describeSource(one: StacSourceReport): string {
  const label = `source   ${one.name}: ${one.status}`;
  if (one.problem !== null) return `${label}: ${formatProblem(one.problem)}`;
  if (one.status === 'skipped') return label;
  const left = [
    [one.cloudy, 'too cloudy'],
    [one.filtered, 'filtered'],
    [one.beyond, 'beyond the limit'],
    [one.known, 'known'],
  ] as const;
  const said = left.filter(([count]) => count > 0).map(([count, why]) => `, ${count} ${why}`);
  return `${label}: ${one.found} found in ${one.requests} searches, ${one.items} taken${said.join('')}`;
}
