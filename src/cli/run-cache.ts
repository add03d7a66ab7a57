import { formatBytes } from '../build/format-bytes.js';
import { parseSize } from '../build/memory.js';
import { CubeError } from '../errors.js';
import {
  cacheGc,
  cacheList,
  cacheVerify,
  type CacheGcReport,
  type CacheListing,
  type CacheReport,
} from '../ingest/fetch/cache.js';
import { interruptible } from './interrupt.js';
import { printError, printResult, type CommonOptions } from './output.js';
import { parseTime } from './version-options.js';

/** Options of `cube cache ls`, as they were typed. */
export type CacheListOptions = CommonOptions & { readonly cache?: string };

/** Options of `cube cache verify`, as they were typed. */
export type CacheVerifyOptions = CacheListOptions & { readonly remove?: boolean };

/** Options of `cube cache gc`, as they were typed. */
export type CacheGcOptions = CacheListOptions & {
  readonly olderThan?: string;
  readonly maxSize?: string;
  readonly keep?: readonly string[];
  readonly dryRun?: boolean;
};

/** What `cube cache ls` does. Never throws: the problem is printed and the exit code set. */
export async function runCacheList(options: CacheListOptions): Promise<void> {
  try {
    const listing = await cacheList(placeOf(options));
    printResult(options, listing, () => describeListing(listing));
  } catch (error) {
    printError(options, error);
  }
}

/** What `cube cache verify` does. Never throws. */
export async function runCacheVerify(options: CacheVerifyOptions): Promise<void> {
  try {
    const remove = options.remove === true;
    const report = await interruptible('what was checked is as it was', (signal) =>
      cacheVerify({ ...placeOf(options), remove, signal }),
    );
    printResult(options, report, () => describeReport(report));
    const { damaged, root, removed } = report;
    if (damaged.length === 0 || removed) return;
    const what = `${countOf(damaged.length, 'file')} of the cache ${damaged.length === 1 ? 'is' : 'are'} damaged; --remove takes them away`;
    // The report is on stdout already.
    printError({ json: false }, new CubeError({ kind: 'invalid-data', url: root, what }));
  } catch (error) {
    printError(options, error);
  }
}

/** What `cube cache gc` does. Never throws. */
export async function runCacheGc(options: CacheGcOptions): Promise<void> {
  try {
    const { olderThan, maxSize, keep, dryRun = false } = options;
    const rules = {
      ...(keep === undefined ? {} : { keep: keep.map(parseSha256) }),
      ...(olderThan === undefined ? {} : { olderThanMs: parseTime(olderThan, '--older-than').fromMs }),
      ...(maxSize === undefined ? {} : { maxBytes: parseSize(maxSize) }),
    };
    const report = await interruptible('what was removed is gone, the rest is sound', (signal) =>
      cacheGc({ ...placeOf(options), ...rules, dryRun, signal }),
    );
    printResult(options, report, () => describeGc(report));
  } catch (error) {
    printError(options, error);
  }
}

function placeOf({ cache }: CacheListOptions): { readonly cacheDir?: string } {
  return cache === undefined ? {} : { cacheDir: cache };
}

function parseSha256(text: string): string {
  if (/^[0-9a-f]{64}$/i.test(text)) return text.toLowerCase();
  const fix = 'cube cache ls --json tells them';
  throw new CubeError({ kind: 'invalid-argument', what: `--keep "${text}" is no SHA-256`, fix });
}

function describeListing({ root, files, bytes, unpackedBytes, partialBytes }: CacheListing): string {
  const sizes = [
    `${formatBytes(bytes)} downloaded`,
    `${formatBytes(unpackedBytes)} unpacked`,
    ...(partialBytes === 0 ? [] : [`${formatBytes(partialBytes)} of downloads that were interrupted`]),
  ];
  return [
    ...files.map(({ sha256, size, usedAt, url, name, present }) => {
      const state = present ? '' : ' (its content is gone)';
      return `${sha256.slice(0, 12)} ${formatBytes(size).padStart(9)} ${usedAt.slice(0, 10)} ${name} ${url}${state}`;
    }),
    `${root}: ${countOf(files.length, 'file')}, ${sizes.join(', ')}`,
  ].join('\n');
}

function describeReport({ root, checked, bytes, damaged, removed }: CacheReport): string {
  return [
    ...damaged.map(
      ({ path, expected, found }) =>
        `damaged ${path}: expected ${expected}, found ${found ?? 'nothing that can be read'}`,
    ),
    `${root}: ${countOf(checked, 'file')} checked, ${formatBytes(bytes)}, ${damaged.length} damaged${removed ? ' and removed' : ''}`,
  ].join('\n');
}

function describeGc({ root, removed, bytes, keptBytes, dryRun }: CacheGcReport): string {
  const done = dryRun ? 'would remove' : 'removed';
  return [
    ...removed.map(({ path, size, reason }) => `${done} ${path} (${formatBytes(size)}): ${reason}`),
    `${root}: ${done} ${formatBytes(bytes)}, ${formatBytes(keptBytes)} ${dryRun ? 'would stay' : 'stay'}`,
  ].join('\n');
}

function countOf(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
