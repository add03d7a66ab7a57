import { scanReferences, type ScanReport } from '../build/scan-references.js';
import { CubeError, formatProblem } from '../errors.js';
import type { RefusedRaster } from '../build/scan-targets.js';
import { counterLine } from './counter-line.js';
import { interruptible } from './interrupt.js';
import { neededLake } from './lake-option.js';
import { printError, printResult, type CommonOptions } from './output.js';
import { signOption } from './sign-option.js';
import type { SignOptions } from './with-sign-option.js';
import type { LakeOptions } from './with-lake-options.js';

/** Options of `cube refs scan`, as they were typed. */
export type RefsScanOptions = CommonOptions &
  LakeOptions &
  SignOptions & {
    readonly bands?: string;
    readonly collections?: string;
    readonly datetime?: string;
    readonly bbox?: string;
    readonly limit?: string;
    readonly variable?: string;
    readonly again?: boolean;
    readonly concurrency?: string;
  };

/** Refused rasters are told one by one up to so many of a reason. */
const MOST_TOLD = 5;

/** What `cube refs scan` does. Never throws: the problem is printed and the exit code set. */
export async function runRefsScan(hrefs: readonly string[], options: RefsScanOptions): Promise<void> {
  const progress = counterLine('scanning', { quiet: options.quiet === true });
  try {
    const lake = await neededLake(options);
    const input = { hrefs, lake, onProgress: progress.report, sources: signOption(options), ...parseOptions(options) };
    const report = await interruptible('what is scanned is kept, run it again to go on', (signal) =>
      scanReferences({ ...input, signal }),
    );
    progress.clear();
    for (const warning of report.warnings) process.stderr.write(`warning: ${warning}\n`);
    printResult(options, report, () => describe(report));
    const failed = report.refused.filter(({ problem }) => problem.kind !== 'unsupported').length;
    // The report is on stdout already.
    if (failed > 0) printError({ json: false }, new CubeError({ kind: 'incomplete', what: 'rasters', failed }));
  } catch (error) {
    progress.clear();
    printError(options, error);
  }
}

function parseOptions(options: RefsScanOptions) {
  const { bands, collections, datetime, bbox, limit, variable, again, concurrency } = options;
  return {
    again: again === true,
    ...(bands === undefined ? {} : { bands: listOf(bands) }),
    ...(collections === undefined ? {} : { collections: listOf(collections) }),
    ...(datetime === undefined ? {} : { datetime }),
    ...(bbox === undefined ? {} : { bbox: numbersOf(bbox) }),
    ...(limit === undefined ? {} : { limit: wholeNumber(limit, '--limit') }),
    ...(variable === undefined ? {} : { variable }),
    ...(concurrency === undefined ? {} : { concurrency: wholeNumber(concurrency, '--concurrency') }),
  };
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function numbersOf(text: string): number[] {
  const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (numbers.length === 4 && numbers.every(Number.isFinite)) return numbers;
  throw new CubeError({ kind: 'invalid-argument', what: `--bbox "${text}": expected west,south,east,north` });
}

function wholeNumber(text: string, option: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new CubeError({ kind: 'invalid-argument', what: `${option}: "${text}" is not a whole number from 1 on` });
}

function describe(report: ScanReport): string {
  const { rasters, added, replaced, unchanged, levels, references, refused } = report;
  return [
    `lake    ${report.lake}`,
    `rasters ${rasters}: ${added} added, ${replaced} replaced, ${unchanged} unchanged`,
    `rows    ${levels} levels and masks, ${references} references`,
    ...describeRefused(refused),
    `time    ${report.seconds.toFixed(1)} s`,
  ].join('\n');
}

/** By reason, the most frequent first. */
function describeRefused(refused: readonly RefusedRaster[]): string[] {
  const reasons = new Map<string, RefusedRaster[]>();
  for (const one of refused) {
    const { kind } = one.problem;
    const reason = kind === 'unsupported' ? `${kind}: ${one.problem.feature}` : kind;
    reasons.set(reason, [...(reasons.get(reason) ?? []), one]);
  }
  return [...reasons]
    .sort(([, a], [, b]) => b.length - a.length)
    .flatMap(([reason, all]) => {
      const told = all.slice(0, MOST_TOLD).map(({ href, itemId, band, problem }) => {
        const named = itemId === null ? href : `${itemId}, ${band}`;
        return `        ${named}: ${formatProblem(problem)}`;
      });
      const more = all.length > MOST_TOLD ? [`        … and ${all.length - MOST_TOLD} more`] : [];
      return [`refused ${all.length}: ${reason}`, ...told, ...more];
    });
}
