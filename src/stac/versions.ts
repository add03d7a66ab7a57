import { acquisitionKey, partOf } from './acquisition.js';
import { parseInstant } from './interval.js';
import type { DroppedItem, Json, StacItem } from './item.js';

/**
 * Of several versions of one acquisition keep the latest processing (T8). Items that nothing tells the age of are all
 * kept, and so are parts of one acquisition that were processed together (two datastrips of a tile).
 */
export function latestVersions(items: readonly StacItem[]): { kept: StacItem[]; dropped: DroppedItem[] } {
  const kept: StacItem[] = [];
  const dropped: DroppedItem[] = [];
  const acquisitions = new Map<string, StacItem[]>();
  for (const item of [...items].sort(byId)) {
    const key = acquisitionKey(item);
    if (key === null) kept.push(item);
    else acquisitions.set(key, [...(acquisitions.get(key) ?? []), item]);
  }
  for (const versions of acquisitions.values()) {
    const latest = latestOf(versions);
    kept.push(...latest);
    for (const item of versions.filter((one) => !latest.includes(one))) {
      const newer = latest.find((one) => sameMaking(one, item) && compareVersions(one, item) > 0) ?? latest[0]!;
      dropped.push({ item, reason: `an older version of ${newer.id}` });
    }
  }
  return { kept, dropped };
}

/** Positive where `a` is the later processing, 0 where nothing tells. */
export function compareVersions(a: StacItem, b: StacItem): number {
  for (const read of VERSION_MARKS) {
    const [markA, markB] = [read(a), read(b)];
    const order = markA === null || markB === null ? 0 : compareMarks(markA, markB);
    if (order !== 0) return order;
  }
  return 0;
}

/** What tells processings apart, the strongest first. Ids of ESA's products carry their baseline and production time. */
const VERSION_MARKS: readonly ((item: StacItem) => string | number | null)[] = [
  baselineOf,
  ({ properties }) => markOf(properties['processing:version']),
  ({ properties }) => markOf(properties['version']),
  ({ properties }) => markOf(properties['s2:sequence'] ?? properties['sentinel:sequence']),
  ({ properties }) => timeOf(properties['s2:generation_time'] ?? properties['processing:datetime']),
  ({ id }) => /^S2[A-D]_MSIL\w+_(\d{8}T\d{6})$/.exec(id)?.[1] ?? null,
  ({ properties }) => timeOf(properties['created']),
  ({ properties }) => timeOf(properties['updated']),
];

/** The members with the latest baseline; of each part of the acquisition the latest. */
function latestOf(versions: readonly StacItem[]): StacItem[] {
  const baselines = versions.map(baselineOf).filter((baseline) => baseline !== null);
  const last = baselines.reduce<string | null>(
    (best, one) => (best === null || compareMarks(one, best) > 0 ? one : best),
    null,
  );
  const current = versions.filter((item) => {
    const baseline = baselineOf(item);
    return last === null || baseline === null || compareMarks(baseline, last) === 0;
  });
  return current.filter((item) =>
    current.every((other) => !sameMaking(item, other) || compareVersions(item, other) >= 0),
  );
}

/** Two parts belong together, and so do items that share no asset; where one does not say its part, they are versions. */
function sameMaking(a: StacItem, b: StacItem): boolean {
  const keys = new Set(a.assets.map(({ key }) => key));
  if (keys.size > 0 && b.assets.length > 0 && !b.assets.some(({ key }) => keys.has(key))) return false;
  const [partA, partB] = [partOf(a), partOf(b)];
  return partA === null || partB === null || partA === partB;
}

function baselineOf({ id, properties }: StacItem): string | null {
  const stated = properties['s2:processing_baseline'];
  if (typeof stated === 'string') return stated.replace(/^N/, '');
  const digits = /_N(\d\d)(\d\d)_/.exec(id);
  return digits === null ? null : `${digits[1]}.${digits[2]}`;
}

function markOf(value: Json | undefined): string | number | null {
  return typeof value === 'string' || typeof value === 'number' ? value : null;
}

function timeOf(value: Json | undefined): number | null {
  return typeof value === 'string' ? parseInstant(value) : null;
}

/** Numbers inside texts count as numbers: 2.9 comes before 2.14, as baselines and versions have it. */
function compareMarks(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [partsA, partsB] = [String(a).split(/(\d+)/), String(b).split(/(\d+)/)];
  for (let i = 0; i < Math.max(partsA.length, partsB.length); i++) {
    const [one = '', other = ''] = [partsA[i], partsB[i]];
    const order = i % 2 === 1 ? Number(one) - Number(other) : Number(one > other) - Number(one < other);
    if (order !== 0) return order;
  }
  return 0;
}

function byId(a: StacItem, b: StacItem): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
