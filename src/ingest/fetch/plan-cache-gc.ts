import type { CacheSurvey, KnownFolder } from './survey-cache.js';

/** What may go beside what nobody needs. */
export type GcRules = {
  /** SHA-256 of files that stay, whatever the other rules say. */
  readonly keep?: readonly string[];
  /** Files that were last used before (milliseconds since 1970) go. */
  readonly olderThanMs?: number;
  /** Files go, the least recently used first, until downloads and unpacked members have at most so many bytes. */
  readonly maxBytes?: number;
};

/** A file or folder that goes, and why. */
export type CacheRemoval = { readonly path: string; readonly size: number; readonly reason: string };

/** A download puts its content in place before it writes the entry, so young ones are left. */
const GRACE_MS = 60 * 60 * 1000;

/** An interrupted download is worth going on with for so long. */
const PART_AGE_MS = 24 * 60 * 60 * 1000;

/** Decide what goes. Pure; the order is that of removal: entries before contents, so that none names what is gone. */
export function planCacheGc(
  survey: CacheSurvey,
  rules: GcRules,
  nowMs: number,
): { readonly removals: readonly CacheRemoval[]; readonly keptBytes: number } {
  const sizes = sizesOf(survey);
  const { removals, kept } = planEntries(survey, rules, sizes);
  const entered = new Set(survey.entries.map(({ entry }) => entry?.sha256));
  const gone = new Set<string>();
  for (const { path, sha256, size, changedMs } of survey.objects) {
    if (kept.has(sha256) || rules.keep?.includes(sha256) === true) continue;
    if (!entered.has(sha256) && changedMs > nowMs - GRACE_MS) continue;
    gone.add(sha256);
    removals.push({ path, size, reason: 'no entry names it' });
  }
  const present = new Set(survey.objects.map(({ sha256 }) => sha256).filter((sha256) => !gone.has(sha256)));
  const isNeeded = ({ contents, changedMs }: KnownFolder) =>
    contents === null ? changedMs > nowMs - GRACE_MS : contents.objects.every((sha256) => present.has(sha256));
  for (const folder of survey.unpacked) {
    if (isNeeded(folder)) continue;
    removals.push({ path: folder.path, size: membersSize(folder), reason: 'its archive is gone' });
  }
  for (const folder of survey.linked) {
    if (!isNeeded(folder)) removals.push({ path: folder.path, size: 0, reason: 'its files are gone' });
  }
  for (const path of survey.stale) removals.push({ path, size: 0, reason: 'its process is gone' });
  for (const { path, size, changedMs } of survey.parts) {
    if (changedMs < nowMs - PART_AGE_MS) removals.push({ path, size, reason: 'nobody went on with this download' });
  }
  const keptBytes = [...present].reduce((sum, sha256) => sum + (sizes.get(sha256) ?? 0), 0);
  return { removals, keptBytes };
}

type Entries = { readonly removals: CacheRemoval[]; readonly kept: ReadonlySet<string> };

/** Which entries go; `kept` are the contents that the others name. */
function planEntries({ entries }: CacheSurvey, rules: GcRules, sizes: ReadonlyMap<string, number>): Entries {
  const { keep = [], olderThanMs = -Infinity, maxBytes = Infinity } = rules;
  const removals: CacheRemoval[] = [];
  const kept = new Set<string>(keep.filter((sha256) => sizes.has(sha256)));
  let bytes = [...kept].reduce((sum, sha256) => sum + (sizes.get(sha256) ?? 0), 0);
  for (const { path, entry, usedMs } of [...entries].sort((a, b) => b.usedMs - a.usedMs)) {
    const size = entry === null ? undefined : sizes.get(entry.sha256);
    const remove = (reason: string) => removals.push({ path, size: 0, reason });
    if (entry === null) remove('it is damaged');
    else if (size === undefined) remove('its content is gone');
    else if (kept.has(entry.sha256)) continue;
    else if (usedMs < olderThanMs) remove('it was not used for long');
    else if (bytes + size > maxBytes) remove('the cache is larger than allowed');
    else {
      kept.add(entry.sha256);
      bytes += size;
    }
  }
  return { removals, kept };
}

/** Bytes of each content, with what was unpacked of it. */
function sizesOf({ objects, unpacked }: CacheSurvey): Map<string, number> {
  const sizes = new Map(objects.map(({ sha256, size }) => [sha256, size]));
  for (const folder of unpacked) {
    const sha256 = folder.contents?.objects[0];
    const size = sha256 === undefined ? undefined : sizes.get(sha256);
    if (sha256 !== undefined && size !== undefined) sizes.set(sha256, size + membersSize(folder));
  }
  return sizes;
}

function membersSize({ contents }: KnownFolder): number {
  return (contents?.members ?? []).reduce((sum, { size }) => sum + size, 0);
}
