import {
  collectVersions,
  expireVersions,
  type CollectedVersions,
  type ExpiredVersions,
} from '../build/expire-versions.js';
import { formatBytes } from '../build/format-bytes.js';
import { CubeError } from '../errors.js';
import { lakeOption } from './lake-option.js';
import { printError, printResult, type CommonOptions } from './output.js';
import { parseTime } from './version-options.js';
import type { LakeOptions } from './with-lake-options.js';

/** Options of `cube versions expire` and `gc`, as they were typed. */
export type ExpireOptions = CommonOptions & LakeOptions & { readonly olderThan: string; readonly delete?: boolean };

/** What `cube versions expire` does. Never throws: the problem is printed and the exit code set. */
export async function runExpire(place: string, options: ExpireOptions): Promise<void> {
  try {
    const expired = await expireVersions(await inputOf(place, options));
    printResult(options, expired, () => describeExpired(expired));
  } catch (error) {
    printError(options, error);
  }
}

/** What `cube versions gc` does. Never throws. */
export async function runCollect(place: string, options: ExpireOptions): Promise<void> {
  try {
    const collected = await collectVersions(await inputOf(place, options));
    printResult(options, collected, () => describeCollected(collected));
    const { failed, errors } = collected;
    if (failed === 0) return;
    // The report is on stdout already.
    const what = `objects could not be deleted${errors[0] === undefined ? '' : `, such as ${errors[0]}`}`;
    printError({ json: false }, new CubeError({ kind: 'incomplete', what, failed }));
  } catch (error) {
    printError(options, error);
  }
}

async function inputOf(place: string, options: ExpireOptions) {
  const lake = await lakeOption(options);
  if (lake.lake === undefined) {
    process.stderr.write('note: no --lake is named, so runs of a lake do not keep their snapshots\n');
  }
  const olderThanMs = parseTime(options.olderThan, '--older-than').fromMs;
  return { place, olderThanMs, delete: options.delete === true, ...lake };
}

function describeExpired({ released, edited, kept, dryRun }: ExpiredVersions): string {
  return [
    `${dryRun ? 'would expire' : 'expired'} ${countOf(released.length, 'snapshot')}`,
    ...released.map((id) => `  ${id}`),
    ...(edited.length === 0 ? [] : [`now directly after the first snapshot: ${edited.join(', ')}`]),
    ...describeKept(kept, dryRun),
  ].join('\n');
}

function describeCollected(collected: CollectedVersions): string {
  const { bytes, chunks, manifests, snapshots, transactionLogs, snapshotIds, kept, dryRun } = collected;
  const counts = [
    countOf(snapshots, 'snapshot'),
    countOf(manifests, 'manifest'),
    countOf(chunks, 'chunk'),
    countOf(transactionLogs, 'transaction log'),
  ];
  return [
    `${dryRun ? 'would delete' : 'deleted'} ${counts.join(', ')}: ${formatBytes(bytes)}`,
    ...snapshotIds.map((id) => `  ${id}`),
    ...describeKept(kept, dryRun),
  ].join('\n');
}

function describeKept(kept: readonly string[], dryRun: boolean): string[] {
  const lines = [`kept for branches, tags and runs: ${kept.length === 0 ? 'none' : kept.join(', ')}`];
  return dryRun ? [...lines, 'nothing was changed; pass --delete to do it'] : lines;
}

function countOf(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
