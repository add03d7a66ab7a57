import { CubeError } from '../../errors.js';
import type { LakeSnapshot, LakeVersions } from '../versions.js';

/** Which snapshots stay whatever they hold. */
export type Retention = {
  /** Those of the last so many days; at least 1, because catalogs compare shorter ages as text. */
  readonly keepDays: number;
  /** The newest so many, those of maintenance not counted; at least 1. */
  readonly keepLast: number;
};

/** A week of time travel, and ten steps back where nobody has written for a week. */
export const RETENTION: Retention = { keepDays: 7, keepLast: 10 };

/** A snapshot of the lake, and why it stays; null where it may go. */
export type JudgedSnapshot = LakeSnapshot & { readonly keptFor: string | null };

/** The commit message of a snapshot in which no row has changed begins like that. */
export const MAINTENANCE = 'maintain: ';

const DAY_MS = 86_400_000;

/** Problem: `invalid-argument` for days or numbers below 1. */
export function assertRetention({ keepDays, keepLast }: Retention): void {
  if (!(Number.isFinite(keepDays) && keepDays >= 1)) {
    const what = `${keepDays} days are no age that snapshots may be expired by`;
    throw new CubeError({ kind: 'invalid-argument', what, fix: 'keep at least one day' });
  }
  if (!(Number.isSafeInteger(keepLast) && keepLast >= 1)) {
    const what = `${keepLast} is no number of snapshots to keep`;
    throw new CubeError({ kind: 'invalid-argument', what, fix: 'keep at least one, the newest' });
  }
}

/**
 * Every snapshot, newest first, with the first reason that it stays for: `newest`, `recent` (by age), a tag, or a run whose
 * cube is a version of an Icechunk repository and whose newest commit it is. Pure.
 */
export function judgeSnapshots(versions: LakeVersions, retention: Retention, nowMs: number): JudgedSnapshot[] {
  assertRetention(retention);
  const { snapshots, tags, runs } = versions;
  const tagged = new Map(tags.map(({ lakeSnapshot, name }) => [lakeSnapshot, `tag ${name}`]));
  const needed = new Set(runs.map(({ runId }) => runId));
  const oldestKeptMs = nowMs - retention.keepDays * DAY_MS;
  let newest = 0;
  return [...snapshots]
    .sort((a, b) => b.id - a.id)
    .map((snapshot, place) => {
      const { id, timeMs, runId, message } = snapshot;
      const isNewest = message?.startsWith(MAINTENANCE) === true ? place === 0 : newest++ < retention.keepLast;
      const ofRun = runId !== null && needed.delete(runId) ? `run ${runId}` : null; // the first seen is its newest commit
      const byAge = isNewest ? 'newest' : timeMs > oldestKeptMs ? 'recent' : null;
      return { ...snapshot, keptFor: tagged.get(id) ?? ofRun ?? byAge };
    });
}
