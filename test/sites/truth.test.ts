import { latLngToCell } from 'h3-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDuckDb, type DuckDb } from '../../src/duckdb/connection.js';
import { deduplicate, type Deduplicated } from '../../src/sites/deduplicate.js';
import { DEFAULT_RULES, type SiteFeature } from '../../src/sites/site-feature.js';
import { useAllThreads } from '../duckdb-threads.js';
import { seeded } from '../vector/mutate.js';
import {
  boxOf,
  cutAt180,
  degreesToBorder,
  featuresOf,
  judge,
  KINDS,
  makePairs,
  shifted,
  type MadePair,
  type Shares,
} from './made-pairs.js';
import { textOf } from './shapes.js';

useAllThreads();

/** Orders of all features: a hundred of a smaller set are tried in deduplicate.test.ts. */
const ORDERS = 5;
/** Of every so many pairs one is moved. */
const SUBSET = 5;
/** Cells beside whose borders pairs are moved, from those of a district to those of a house. */
const RESOLUTIONS = [3, 5, 7, 9, 11];

let db: DuckDb;
let pairs: MadePair[];
let features: SiteFeature[];
let found: Deduplicated;
beforeAll(async () => {
  db = await openDuckDb({ extensions: ['spatial'] });
  pairs = await makePairs(db);
  features = featuresOf(pairs);
});
afterAll(() => db.close());

describe('duplicates that are known', () => {
  it('are found: recall 0.999 at precision 0.99, by kind, and by H3 cells the same', async () => {
    const truth = await judge(db, features);
    const rtree = timed(() => deduplicate(features));
    const cells = timed(() => deduplicate(features, { ...DEFAULT_RULES, candidates: 'h3' }));
    found = rtree.result;
    expect(cells.result).toEqual(found);
    console.info(`CPU: R-tree ${rtree.seconds} s, H3 cells ${cells.seconds} s`);
    expectFound('where they are', { pairs, features, truth, result: found }, 1000);
  });

  it('are the same sites in whatever order the features come', () => {
    const random = seeded(23);
    const expected = textOf(found);
    for (let turn = 0; turn < ORDERS; turn++)
      expect(textOf(deduplicate(shuffled(random, features))) === expected).toBe(true);
  });

  it('are found across the antimeridian', async () => {
    const moved = subset(0).map((pair) => moveTo(pair, (lon) => 180 - lon));
    const truth = await judge(db, featuresOf(moved));
    const whole = featuresOf(moved);
    const geometries = await cutAt180(
      db,
      whole.map(({ geometry }) => geometry),
    );
    const cut = whole.map((one, i) => ({ ...one, geometry: geometries[i]! }));
    const onBothSides = cut.filter(({ geometry }) => {
      const [west, , east] = boxOf(geometry);
      return west === -180 && east === 180;
    });
    expect(onBothSides.length / cut.length).toBeGreaterThan(0.85);
    expectFoundBothWays('across 180 degrees', moved, cut, truth);
  });

  it('are found on borders of H3 cells', async () => {
    const moved = subset(1).map((pair, i) =>
      moveTo(pair, (lon, lat) => degreesToBorder(lon, lat, RESOLUTIONS[i % RESOLUTIONS.length]!)),
    );
    const here = featuresOf(moved);
    const onBorders = moved.filter(({ first }, i) => {
      const [west, south, east, north] = boxOf(first);
      const cell = (lon: number) => latLngToCell((south + north) / 2, lon, RESOLUTIONS[i % RESOLUTIONS.length]!);
      return cell(west) !== cell(east);
    });
    expect(onBorders.length / moved.length).toBeGreaterThan(0.95);
    expectFoundBothWays('on borders of cells', moved, here, await judge(db, here));
  });
});

function subset(rest: number): MadePair[] {
  return pairs.filter((_, i) => i % SUBSET === rest);
}

/** Both versions of a pair, east by what is said of the middle of the first one. */
function moveTo(pair: MadePair, degreesOf: (lon: number, lat: number) => number): MadePair {
  const [west, south, east, north] = boxOf(pair.first);
  const degrees = degreesOf((west + east) / 2, (south + north) / 2);
  const second = pair.second === null ? null : shifted(pair.second, degrees);
  return { ...pair, first: shifted(pair.first, degrees), second };
}

function expectFoundBothWays(
  where: string,
  made: readonly MadePair[],
  moved: readonly SiteFeature[],
  truth: Shares,
): void {
  const result = deduplicate(moved);
  expect(deduplicate(moved, { ...DEFAULT_RULES, candidates: 'h3' })).toEqual(result);
  expectFound(where, { pairs: made, features: moved, truth, result }, made.length / 2);
}

type Outcome = {
  readonly pairs: readonly MadePair[];
  readonly features: readonly SiteFeature[];
  readonly truth: Shares;
  readonly result: Deduplicated;
};

/** Recall of 0.999 of all true pairs and of those of every kind, at a precision of 0.99; both of a true pair in one site. */
function expectFound(where: string, { pairs: made, features: all, truth, result }: Outcome, atLeast: number): void {
  const isTrue = (key: string) => {
    const measured = truth.get(key);
    return measured !== undefined && (measured.iou >= 0.5 || measured.iomin >= 0.5);
  };
  const classes = ['exact', 'same', 'part_of'];
  const keys = new Set(
    result.pairs.filter((pair) => classes.includes(pair.class)).map(({ aUid, bUid }) => `${aUid} ${bUid}`),
  );
  const site = new Map(result.members.map(({ featureUid, siteUid }) => [featureUid, siteUid]));
  const isTogether = (key: string) => {
    const [a, b] = key.split(' ');
    return site.get(a!) === site.get(b!);
  };
  const wanted = [...truth.keys()].filter(isTrue);
  const recall = share(wanted, (key) => keys.has(key));
  const precision = share([...keys], isTrue);
  const together = share(wanted, isTogether);
  const byKind = KINDS.map((kind) => {
    const of = made.filter((pair) => pair.kind === kind && pair.second !== null);
    const those = of.map(({ number }) => `a${number} b${number}`).filter(isTrue);
    return { kind, wanted: those.length, recall: share(those, (key) => keys.has(key)), weak: of.length - those.length };
  });
  console.info(
    `${where}: ${all.length} features, ${wanted.length} true pairs: recall ${recall}, precision ${precision}, in one site ${together}\n${byKind
      .map((one) => `${one.kind}: ${one.recall} of ${one.wanted} (${one.weak} more are less than half one)`)
      .join('\n')}`,
  );
  expect(wanted.length).toBeGreaterThan(atLeast);
  expect(recall).toBeGreaterThanOrEqual(0.999);
  expect(precision).toBeGreaterThanOrEqual(0.99);
  expect(together).toBeGreaterThanOrEqual(0.999);
  for (const one of byKind) {
    expect(one.wanted, one.kind).toBeGreaterThan(atLeast / 20);
    expect(one.recall, one.kind).toBeGreaterThanOrEqual(0.999);
  }
  expect(new Set(result.members.map(({ featureUid }) => featureUid)).size).toBe(all.length);
  expect(result.members.length).toBe(all.length);
}

function share<T>(all: readonly T[], isIt: (one: T) => boolean): number {
  return all.filter(isIt).length / all.length;
}

function shuffled<T>(random: () => number, all: readonly T[]): T[] {
  const list = [...all];
  for (let i = list.length - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1));
    [list[i], list[other]] = [list[other]!, list[i]!];
  }
  return list;
}

function timed<T>(run: () => T): { readonly result: T; readonly seconds: string } {
  const before = process.cpuUsage();
  const result = run();
  const { user, system } = process.cpuUsage(before);
  return { result, seconds: ((user + system) / 1e6).toFixed(1) };
}
