import {
  diffVersions,
  listVersions,
  nameVersion,
  type CubeTag,
  type CubeVersion,
  type CubeVersions,
} from '../build/list-versions.js';
import { CubeError } from '../errors.js';
import type { LakeSnapshot } from '../lake/versions.js';
import type { NamedSnapshot } from '../native/icechunk/contract.js';
import type { ChunkChange, IcechunkDiff } from '../native/icechunk/types.js';
import { lakeOption } from './lake-option.js';
import { printError, printResult, type CommonOptions } from './output.js';
import { parseVersion, type VersionOptions } from './version-options.js';
import type { LakeOptions } from './with-lake-options.js';

/** Options of `cube versions`, as they were typed. */
export type VersionsOptions = CommonOptions & VersionOptions & LakeOptions & { readonly limit?: string };

/** What `cube versions` does. Never throws: the problem is printed and the exit code set. */
export async function runVersions(place: string, options: VersionsOptions): Promise<void> {
  try {
    const version = parseVersion(options);
    const versions = await listVersions({
      place,
      ...(version === undefined ? {} : { version }),
      ...(await lakeOption(options)),
      ...(options.limit === undefined ? {} : { limit: parseLimit(options.limit) }),
    });
    printResult(options, versions, () => describe(versions));
  } catch (error) {
    printError(options, error);
  }
}

/** What `cube versions diff` does. Never throws. */
export async function runDiff(
  place: string,
  { from, to }: { readonly from: string; readonly to: string },
  options: CommonOptions,
): Promise<void> {
  try {
    const diff = await diffVersions({ place, from, to });
    const chunks = diff.chunks.map((change) => ({ ...change, indices: indicesOf(change, change.count) }));
    printResult(options, { ...diff, chunks }, () => describeDiff(diff));
  } catch (error) {
    printError(options, error);
  }
}

/** What `cube versions tag` and `branch` do. Never throws. */
export async function runNaming(
  place: string,
  { version, ...named }: { readonly kind: 'tag' | 'branch'; readonly name: string; readonly version?: string },
  options: CommonOptions & LakeOptions,
): Promise<void> {
  try {
    const of = version === undefined ? {} : { version };
    // A branch takes no lake, and must not be given the one that the environment names.
    const lake = named.kind === 'tag' ? await lakeOption(options) : {};
    const given = await nameVersion({ place, ...named, ...of, ...lake });
    printResult(options, given, () => `${named.kind} ${given.name} is ${given.snapshot}${besideLake(given)}`);
  } catch (error) {
    printError(options, error);
  }
}

function parseLimit(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new CubeError({ kind: 'invalid-argument', what: `--limit "${text}" is not a whole number from 1 on` });
}

function describe({ branches, tags, history, lake }: CubeVersions): string {
  return [
    ...branches.map((named) => describeName('branch', named)),
    ...tags.map((tag) => describeName('tag   ', tag) + besideLake(tag)),
    ...history.flatMap(describeVersion),
    ...(lake ?? []).map(describeLakeSnapshot),
  ].join('\n');
}

function describeName(kind: string, { name, snapshot }: NamedSnapshot): string {
  return `${kind}  ${name} → ${snapshot}`;
}

function besideLake({ lakeSnapshot }: CubeTag): string {
  return lakeSnapshot === null ? '' : `, with snapshot ${lakeSnapshot} of the lake`;
}

function describeVersion({ id, timeMs, message, metadata, branches, tags, runs }: CubeVersion): string[] {
  const names = [...branches, ...tags];
  const named = names.length === 0 ? '' : ` (${names.join(', ')})`;
  const facts = Object.entries(metadata).map(([key, value]) => `        ${key}: ${JSON.stringify(value)}`);
  const made = runs.map(
    ({ runId, name, status, lakeSnapshot }) =>
      `        run ${runId} of ${name}, ${status}${lakeSnapshot === null ? '' : `, in snapshot ${lakeSnapshot} of the lake`}`,
  );
  return [`cube    ${id} ${new Date(timeMs).toISOString()} ${message}${named}`, ...facts, ...made];
}

function describeLakeSnapshot({ id, timeMs, message, runId }: LakeSnapshot): string {
  const run = runId === null ? '' : ` (run ${runId})`;
  return `lake    ${id} ${new Date(timeMs).toISOString()} ${message ?? ''}${run}`.trimEnd();
}

/** Chunks of one array that are told to people. */
const MOST_TOLD = 10;

function describeDiff(diff: IcechunkDiff): string {
  const paths = (word: string, all: readonly string[]) => all.map((path) => `${word} ${path}`);
  const lines = [
    ...paths('new group    ', diff.newGroups),
    ...paths('new array    ', diff.newArrays),
    ...paths('deleted group', diff.deletedGroups),
    ...paths('deleted array', diff.deletedArrays),
    ...paths('changed group', diff.updatedGroups),
    ...paths('changed array', diff.updatedArrays),
    ...diff.moved.map(({ from, to }) => `moved         ${from} → ${to}`),
    ...diff.chunks.map((change) => {
      const told = indicesOf(change, MOST_TOLD).map((index) => index.join('/'));
      return `chunks        ${change.path}: ${change.count}: ${told.join(', ')}${change.count > MOST_TOLD ? ', …' : ''}`;
    }),
  ];
  return lines.length === 0 ? 'nothing differs' : lines.join('\n');
}

/** The places of the first changed chunks in the chunk grid. */
function indicesOf({ rank, count, indices }: ChunkChange, most: number): number[][] {
  return Array.from({ length: Math.min(count, most) }, (_, i) => [...indices.subarray(i * rank, (i + 1) * rank)]);
}
