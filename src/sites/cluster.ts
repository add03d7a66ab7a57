import type { FlatShapes } from './flat-shapes.js';
import { metresPerUnit } from './equal-area.js';
import type { MeasuredPair, PairClass } from './site-feature.js';
import { UnionFind } from './union-find.js';

/** The site of every feature, and how each came to it. Numbers are those of the features. */
export type Clusters = {
  /** Number of the canonical feature of each feature's site. */
  readonly canonical: Uint32Array;
  /** Chains that were split. */
  readonly split: number;
};

/** Classes that make two features one site. */
export const MERGING: ReadonlySet<PairClass> = new Set<PairClass>(['exact', 'same', 'part_of', 'point_in']);

/**
 * Features that are one installation, by way of each other. Two that stood in one place one after the other (`repowered`) are never one
 * site, also where a third without dates is one with each of them: it goes with the better one. What is wider than `chainFactor` times
 * its widest member is a chain of neighbours, not a site: it is cut into stars. There the best feature takes those that it is measured
 * to be one with, then the best of the rest does, and so on. `rank` orders the features, best first, without ties.
 */
export function clusterFeatures(
  shapes: FlatShapes,
  pairs: readonly MeasuredPair[],
  rank: Uint32Array,
  chainFactor: number,
): Clusters {
  const links = pairs.filter((pair) => MERGING.has(pair.class));
  const components = new UnionFind(shapes.count);
  for (const { a, b } of links) components.join(a, b);
  const apart = pairs.filter(
    ({ a, b, class: kind }) => kind === 'repowered' && components.find(a) === components.find(b),
  );
  const conflicts = neighboursOf(apart, rank);
  const torn = new Set(apart.map(({ a }) => components.find(a)));
  const members = membersOf(links, components);
  for (const list of members.values()) list.sort((a, b) => rank[a]! - rank[b]!);
  const isCut = (root: number) => torn.has(root) || isChain(shapes, members.get(root)!, chainFactor);
  const cut = new Set([...members.keys()].filter(isCut));
  const near = neighboursOf(
    links.filter(({ a }) => cut.has(components.find(a))),
    rank,
  );
  const canonical = new Uint32Array(shapes.count);
  for (let i = 0; i < canonical.length; i++) canonical[i] = i;
  let split = 0;
  for (const [root, list] of members) {
    for (const site of torn.has(root) ? sitesOfTimes(list, near, conflicts) : [list]) {
      const isOne = !cut.has(root) || !isChain(shapes, site, chainFactor);
      for (const [best, ...others] of isOne ? [site] : starsOf(site, near)) {
        for (const other of others) canonical[other] = best!;
      }
      if (!isOne) split++;
    }
  }
  return { canonical, split };
}

/** Sites that stand side by side, as groups: the number of the first canonical feature of each site's group. */
export function groupSites(canonical: Uint32Array, pairs: readonly MeasuredPair[]): Uint32Array {
  const groups = new UnionFind(canonical.length);
  for (const { a, b, class: kind } of pairs) {
    if (kind === 'adjacent' || kind === 'overlap') groups.join(canonical[a]!, canonical[b]!);
  }
  return canonical.map((site) => groups.find(site));
}

type Neighbours = ReadonlyMap<number, readonly number[]>;

/** The others of the pairs of each feature, the best first. */
function neighboursOf(pairs: readonly MeasuredPair[], rank: Uint32Array): Neighbours {
  const neighbours = new Map<number, number[]>();
  const link = (from: number, to: number) => {
    const list = neighbours.get(from);
    if (list === undefined) neighbours.set(from, [to]);
    else list.push(to);
  };
  for (const { a, b } of pairs) {
    link(a, b);
    link(b, a);
  }
  for (const list of neighbours.values()) list.sort((a, b) => rank[a]! - rank[b]!);
  return neighbours;
}

/**
 * Each member with the best feature that it is linked to, directly or by others, where none of that site stood there at another time. Sites
 * and members are the best first; `list` is too.
 */
function sitesOfTimes(list: readonly number[], near: Neighbours, conflicts: Neighbours): number[][] {
  const siteOf = new Map<number, number>();
  const sites: number[][] = [];
  for (const best of list) {
    if (siteOf.has(best)) continue;
    const site = [best];
    siteOf.set(best, best);
    for (let at = 0; at < site.length; at++) {
      for (const next of near.get(site[at]!) ?? []) {
        const isElsewhen = (conflicts.get(next) ?? []).some((other) => siteOf.get(other) === best);
        if (siteOf.has(next) || isElsewhen) continue;
        site.push(next);
        siteOf.set(next, best);
      }
    }
    sites.push(site);
  }
  const place = new Map(list.map((member, i) => [member, i]));
  return sites.map((site) => site.sort((a, b) => place.get(a)! - place.get(b)!));
}

/** The best feature and those that it is linked to, then the best of the rest and its own, and so on. */
function starsOf(site: readonly number[], near: Neighbours): number[][] {
  const left = new Set(site);
  const stars: number[][] = [];
  for (const best of site) {
    if (!left.delete(best)) continue;
    stars.push([best, ...(near.get(best) ?? []).filter((other) => left.delete(other))]);
  }
  return stars;
}

function membersOf(links: readonly MeasuredPair[], components: UnionFind): Map<number, number[]> {
  const members = new Map<number, number[]>();
  const seen = new Set<number>();
  for (const { a, b } of links) {
    for (const one of [a, b]) {
      if (seen.has(one)) continue;
      seen.add(one);
      const root = components.find(one);
      const list = members.get(root);
      if (list === undefined) members.set(root, [one]);
      else list.push(one);
    }
  }
  return members;
}

/** Widths are diagonals of boxes, in metres. Points have none: what they belong to decides. */
function isChain(shapes: FlatShapes, members: readonly number[], factor: number): boolean {
  const polygons = members.filter((member) => shapes.isPoint[member] === 0);
  if (polygons.length < 2) return false;
  const widest = polygons.reduce((most, member) => Math.max(most, diagonal(shapes, [member])), 0);
  return diagonal(shapes, polygons) > factor * widest;
}

function diagonal({ boxes }: FlatShapes, members: readonly number[]): number {
  const first = boxes[4 * members[0]!]!;
  let [xmin, ymin, xmax, ymax] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const member of members) {
    const at = 4 * member;
    // Beside the first one, also across the antimeridian.
    const turn = boxes[at]! - first > 180 ? -360 : boxes[at]! - first < -180 ? 360 : 0;
    xmin = Math.min(xmin, boxes[at]! + turn);
    ymin = Math.min(ymin, boxes[at + 1]!);
    xmax = Math.max(xmax, boxes[at + 2]! + turn);
    ymax = Math.max(ymax, boxes[at + 3]!);
  }
  return Math.hypot((xmax - xmin) * metresPerUnit((ymin + ymax) / 2).lon, (ymax - ymin) * METRES_PER_DEGREE);
}

/** Of latitude, on average. */
const METRES_PER_DEGREE = 111_132;
