import { resolve } from 'node:path';
import { CubeError } from '../errors.js';
import type { IcechunkRepository, NamedSnapshot } from '../native/icechunk/contract.js';
import type { IcechunkDiff, SnapshotInfo } from '../native/icechunk/types.js';
import type { LakeRun, LakeSnapshot, LakeTag } from '../lake/versions.js';
import { isLocal, pathOfUrl } from '../io/location.js';
import { lakeFolder, lakeLocation, type LakeInput } from './lake-input.js';
import { MAIN, resolveVersion, withRepository, type VersionName } from './open-repository.js';
import { hrefFromLake } from './output-paths.js';

/** Which repository's versions are listed. */
export type ListVersionsInput = {
  /** Path or URL of the repository. */
  readonly place: string;
  /** Only this version and what came before it; all branches and tags by default. */
  readonly version?: VersionName;
  /** A lake whose runs and snapshots are listed beside. */
  readonly lake?: LakeInput;
  /** Snapshots at most, of the repository and of the lake. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
};

/** A snapshot of a repository with what names it. */
export type CubeVersion = SnapshotInfo & {
  readonly branches: readonly string[];
  readonly tags: readonly string[];
  /** Of the lake: those that committed this snapshot. */
  readonly runs: readonly LakeRun[];
};

/** A tag of a repository. */
export type CubeTag = NamedSnapshot & {
  /** The snapshot of the lake that belongs to it; null where it is tied to none, or no lake was named. */
  readonly lakeSnapshot: number | null;
};

/** Both histories, newest first. */
export type CubeVersions = {
  readonly place: string;
  readonly branches: readonly NamedSnapshot[];
  readonly tags: readonly CubeTag[];
  readonly history: readonly CubeVersion[];
  /** Null where no lake was named. */
  readonly lake: readonly LakeSnapshot[] | null;
};

/**
 * Branches, tags and history of an Icechunk repository, with the runs of a lake that made them, and the lake's own history.
 * Problems: `missing-component`, `not-found`, `lake`.
 */
export async function listVersions({ place, version, lake, limit, signal }: ListVersionsInput): Promise<CubeVersions> {
  if (limit !== undefined && !(Number.isSafeInteger(limit) && limit > 0)) {
    throw new CubeError({ kind: 'invalid-argument', what: `limit ${limit} is no whole number from 1 on` });
  }
  return withRepository(place, async (repository) => {
    const [branches, tags] = await Promise.all([repository.branches(), repository.tags()]);
    const tips = version === undefined ? [...branches, ...tags].map(({ snapshot }) => snapshot) : [];
    const wanted = version === undefined ? tips : [await resolveVersion(repository, version)];
    const history = await historyOf(repository, wanted, limit);
    const beside = lake === undefined ? null : await readLake(lake, signal);
    const namesOf = (named: readonly NamedSnapshot[], id: string) =>
      named.filter(({ snapshot }) => snapshot === id).map(({ name }) => name);
    return {
      place,
      branches,
      tags: tags.map((tag) => ({ ...tag, lakeSnapshot: lakeSnapshotOf(tag, beside?.tags ?? []) })),
      history: history.map((snapshot) => ({
        ...snapshot,
        branches: namesOf(branches, snapshot.id),
        tags: namesOf(tags, snapshot.id),
        runs: beside?.runs.filter(({ cubeSnapshot }) => cubeSnapshot === snapshot.id) ?? [],
      })),
      lake: beside?.snapshots.slice(0, limit) ?? null,
    };
  });
}

function lakeSnapshotOf({ name, snapshot }: NamedSnapshot, tags: readonly LakeTag[]): number | null {
  return tags.find((tag) => tag.name === name && tag.cubeSnapshot === snapshot)?.lakeSnapshot ?? null;
}

/** What a lake says of versions. Only those who ask for one load DuckDB. */
export async function readLake(lake: LakeInput, signal: AbortSignal | undefined) {
  const { readLakeVersions } = await import('../lake/versions.js');
  return readLakeVersions({ ...lakeLocation(lake), ...(signal === undefined ? {} : { signal }) });
}

/** The tips and all before them, each once; of those of one time a child stands before its parent. */
async function historyOf(repository: IcechunkRepository, tips: readonly string[], limit: number | undefined) {
  const seen = new Map<string, SnapshotInfo>();
  for (const snapshot of tips) {
    if (seen.has(snapshot)) continue;
    for (const one of await repository.ancestry({ snapshot }, limit)) seen.set(one.id, one);
  }
  return [...seen.values()].sort((a, b) => b.timeMs - a.timeMs).slice(0, limit);
}

/** What differs between two versions: from an earlier one to a later one of the same history. */
export function diffVersions({
  place,
  from,
  to,
}: {
  readonly place: string;
  readonly from: VersionName;
  readonly to: VersionName;
}): Promise<IcechunkDiff> {
  return withRepository(place, async (repository) => {
    const [first, last] = [await resolveVersion(repository, from), await resolveVersion(repository, to)];
    return repository.diff({ snapshot: first }, { snapshot: last });
  });
}

/** Which version gets which name. */
export type NameVersionInput = {
  readonly place: string;
  readonly kind: 'tag' | 'branch';
  readonly name: string;
  /** The branch `main` where it is left out. */
  readonly version?: VersionName;
  /** A lake that the tag is tied to: to the snapshot that brought the run which made the version, else to the newest. */
  readonly lake?: LakeInput;
  readonly signal?: AbortSignal;
};

/**
 * Give a version a name: a tag, which stays, or a branch, which moves with its commits. A tag that is there is given again
 * where it is the same version, to tie it to a lake. Problems: `exists`, `not-found`, `invalid-argument`, `lake`,
 * `missing-component`.
 */
export async function nameVersion(input: NameVersionInput): Promise<CubeTag> {
  const { place, kind, name, version = { branch: MAIN }, lake, signal } = input;
  if (kind === 'branch' && lake !== undefined) {
    const what = 'a branch moves with its commits and cannot be tied to a snapshot of a lake';
    throw new CubeError({ kind: 'invalid-argument', what, fix: 'name the version by a tag' });
  }
  if (lake !== undefined) await readLake(lake, signal); // one that is not there must not be made, nor a tag be given first
  return withRepository(place, async (repository) => {
    const snapshot = await resolveVersion(repository, version);
    if (kind === 'branch') await repository.createBranch(name, snapshot);
    else await createTag(repository, { name, snapshot }, lake !== undefined);
    if (lake === undefined) return { name, snapshot, lakeSnapshot: null };
    const { tagVersion } = await import('../lake/tag-version.js');
    const location = lakeLocation(lake);
    const options = { ...location, ...(signal === undefined ? {} : { signal }) };
    const cubeHref = hrefFromLake({ folder: lakeFolder(location) }, isLocal(place) ? resolve(pathOfUrl(place)) : place);
    const { lakeSnapshot } = await tagVersion(options, { name, cubeHref, cubeSnapshot: snapshot });
    return { name, snapshot, lakeSnapshot };
  });
}

/** The lake is written after the repository: where that failed, the tag is there and the same call ties it. */
async function createTag(
  repository: IcechunkRepository,
  { name, snapshot }: NamedSnapshot,
  again: boolean,
): Promise<void> {
  if (again && (await repository.tags()).some((tag) => tag.name === name && tag.snapshot === snapshot)) return;
  await repository.createTag(name, snapshot);
}
