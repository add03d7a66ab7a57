import { CubeError, isCubeError } from '../errors.js';
import type { IcechunkRepository } from '../native/icechunk/contract.js';
import type { ExpireResult, GarbageResult } from '../native/icechunk/types.js';
import type { LakeRun } from '../lake/versions.js';
import type { LakeInput } from './lake-input.js';
import { readLake } from './list-versions.js';
import { hasSnapshot, withRepository } from './open-repository.js';

/** What may go, and what must stay. */
export type ExpireVersionsInput = {
  /** Path or URL of the repository. */
  readonly place: string;
  /** Only what was written before this time: milliseconds since 1970 UTC, in the past. */
  readonly olderThanMs: number;
  /** A lake whose runs stay readable: their snapshots are kept. */
  readonly lake?: LakeInput;
  /** Without it nothing changes, and the report says what would go. */
  readonly delete?: boolean;
  readonly signal?: AbortSignal;
};

/** What was kept on purpose, and whether anything was changed. */
type Kept = {
  /** Snapshots that branches, tags and runs of the lake need. */
  readonly kept: readonly string[];
  readonly dryRun: boolean;
};

/** What left the history, or would. */
export type ExpiredVersions = ExpireResult & Kept;

/** What was deleted for good, or would be. */
export type CollectedVersions = GarbageResult & Kept;

/**
 * Take old snapshots out of the histories of a repository; their objects stay until `collectVersions`. Snapshots of branches and
 * tags stay, and where one of a run of the lake would go nothing does: `conflict`, which names the way out.
 */
export async function expireVersions(input: ExpireVersionsInput): Promise<ExpiredVersions> {
  const { place, olderThanMs, delete: isMeant = false } = input;
  assertPast(olderThanMs);
  return withRepository(place, async (repository) => {
    const { kept, runs } = await snapshotsToKeep(repository, input);
    const dryRun = !isMeant;
    try {
      return { ...(await repository.expire({ olderThanMs, keep: kept, dryRun })), kept, dryRun };
    } catch (error) {
      if (!isCubeError(error, 'conflict')) throw error;
      const { released } = await repository.expire({ olderThanMs, dryRun: true });
      throw neededByRuns(place, released, runs) ?? error;
    }
  });
}

/**
 * Delete what no history needs any more: snapshots, manifests and chunks that were written before the time. What branches, tags
 * and runs of the lake need stays.
 */
export async function collectVersions(input: ExpireVersionsInput): Promise<CollectedVersions> {
  const { place, olderThanMs, delete: isMeant = false } = input;
  assertPast(olderThanMs);
  return withRepository(place, async (repository) => {
    const { kept } = await snapshotsToKeep(repository, input);
    const dryRun = !isMeant;
    return { ...(await repository.collectGarbage({ olderThanMs, keep: kept, dryRun })), kept, dryRun };
  });
}

/** Chunks are written before the commit that needs them: what is being written now must not be old enough to go. */
function assertPast(olderThanMs: number): void {
  if (Number.isFinite(olderThanMs) && olderThanMs <= Date.now()) return;
  const what = 'the time that versions must be older than lies in the future';
  const fix = 'name a time before the longest write that is under way began';
  throw new CubeError({ kind: 'invalid-argument', what, fix });
}

/** A lake may know runs of other repositories, whose snapshots are not here. */
async function snapshotsToKeep(
  repository: IcechunkRepository,
  { lake, signal }: ExpireVersionsInput,
): Promise<{ readonly kept: string[]; readonly runs: readonly LakeRun[] }> {
  const runs = lake === undefined ? [] : (await readLake(lake, signal)).runs;
  const named = [...(await repository.branches()), ...(await repository.tags())].map(({ snapshot }) => snapshot);
  const kept = new Set(named);
  for (const { cubeSnapshot } of runs) {
    if (!kept.has(cubeSnapshot) && (await hasSnapshot(repository, cubeSnapshot))) kept.add(cubeSnapshot);
  }
  return { kept: [...kept].sort(), runs };
}

function neededByRuns(place: string, released: readonly string[], runs: readonly LakeRun[]): CubeError | null {
  const needed = runs.filter(({ cubeSnapshot }) => released.includes(cubeSnapshot));
  const [first] = needed;
  if (first === undefined) return null;
  const list = needed.map(({ runId, cubeSnapshot }) => `${runId} (${cubeSnapshot})`).slice(0, 20);
  const what = `${needed.length} run${needed.length === 1 ? '' : 's'} of the lake would lose the cube: ${list.join(', ')}`;
  const fix = `name an earlier time, or keep each by a tag: cube versions tag ${place} NAME ${first.cubeSnapshot}`;
  return new CubeError({ kind: 'conflict', what, fix });
}
