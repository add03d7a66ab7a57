import type { FlatShapes } from './flat-shapes.js';
import { metresPerUnit } from './equal-area.js';
import type { MeasuredPair, PairClass } from './site-feature.js';
import { UnionFind } from './union-find.js';

/** The site of every feature, and how each came to it. Numbers are those of the features. */
export type Clusters = {
  /** Number of the canonical feature of each feature's site. */
  readonly canonical: Uint32Array;
  /** Components that were chains, and were split. */
  readonly split: number;
};

/** Classes that make two features one site. */
export const MERGING: ReadonlySet<PairClass> = new Set<PairClass>(['exact', 'same', 'part_of', 'point_in']);

/**
 * Features that are one installation, by way of each other. A component that is wider than `chainFactor` times its widest member
 * is a chain of neighbours, not a site: it is cut into stars. There the best feature takes those that it is measured to be one
 * with, then the best of the rest does, and so on. `rank` orders the features, best first, without ties.
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
  const canonical = new Uint32Array(shapes.count);
  for (let i = 0; i < canonical.length; i++) canonical[i] = i;
  const members = membersOf(links, components);
  let split = 0;
  for (const list of members.values()) {
    list.sort((a, b) => rank[a]! - rank[b]!);
    if (!isChain(shapes, list, chainFactor)) for (const member of list) canonical[member] = list[0]!;
    else split++;
  }
  if (split > 0) cutChains({ links, components, members, shapes, canonical, chainFactor });
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

type Cut = {
  readonly links: readonly MeasuredPair[];
  readonly components: UnionFind;
  readonly members: ReadonlyMap<number, readonly number[]>;
  readonly shapes: FlatShapes;
  readonly canonical: Uint32Array;
  readonly chainFactor: number;
};

function cutChains({ links, components, members, shapes, canonical, chainFactor }: Cut): void {
  const chains = new Set<number>();
  for (const [root, list] of members) if (isChain(shapes, list, chainFactor)) chains.add(root);
  const neighbours = new Map<number, number[]>();
  const link = (from: number, to: number) => {
    const list = neighbours.get(from);
    if (list === undefined) neighbours.set(from, [to]);
    else list.push(to);
  };
  for (const { a, b } of links) {
    if (!chains.has(components.find(a))) continue;
    link(a, b);
    link(b, a);
  }
  const taken = new Set<number>();
  for (const root of chains) {
    for (const member of members.get(root)!) {
      if (taken.has(member)) continue;
      taken.add(member);
      for (const near of neighbours.get(member) ?? []) {
        if (taken.has(near)) continue;
        taken.add(near);
        canonical[near] = member;
      }
    }
  }
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
  const widest = Math.max(...polygons.map((member) => diagonal(shapes, [member])));
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
