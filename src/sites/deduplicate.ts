import { CubeError } from '../errors.js';
import { clusterFeatures, groupSites, MERGING } from './cluster.js';
import { reorderShapes, ShapeCollector, type FlatShapes } from './flat-shapes.js';
import { measurePairs, type FeatureFacts } from './measure-pairs.js';
import { DEFAULT_RULES, type DedupRules, type MeasuredPair, type PairClass, type SiteFeature } from './site-feature.js';

/** How a feature belongs to its site. */
export type MemberRelation =
  /** Its geometry is the site's. */
  | 'canonical'
  /** The class of the pair that it makes with the canonical feature. */
  | PairClass
  /** It is one with another member, not with the canonical feature itself; of points it is `point_in` all the same. */
  | 'chained';

/** One feature of a site. */
export type SiteMember = {
  readonly featureUid: string;
  /** The canonical feature's uid, which names the site. */
  readonly siteUid: string;
  readonly relation: MemberRelation;
  /** With the canonical feature; null where that pair was not measured, and of points. */
  readonly iou: number | null;
  readonly iomin: number | null;
};

/** Two features that have to do with each other; `aUid` < `bUid`. */
export type FeaturePair = Omit<MeasuredPair, 'a' | 'b'> & {
  readonly aUid: string;
  readonly bUid: string;
  /** Both are members of one site. */
  readonly merged: boolean;
};

/** What is one site, and why. */
export type Deduplicated = {
  /** One for every feature, by uid. */
  readonly members: readonly SiteMember[];
  /** By uids. */
  readonly pairs: readonly FeaturePair[];
  /** The smallest site uid of those that stand side by side, by site uid. */
  readonly groups: ReadonlyMap<string, string>;
  /** Chains of neighbours that were split. */
  readonly splitChains: number;
};

/**
 * Finds the features that are one installation. Nothing is left out: every feature is a member of one site, alone or with others.
 * The answer is the same for any order of the features. Their geometries are kept in flat arrays: a million of them with ten vertices
 * each take about half a gigabyte.
 */
export class Deduplicator {
  readonly #facts: FeatureFacts[] = [];
  readonly #shapes = new ShapeCollector();

  /** Add a feature; its geometry is copied. */
  add({ geometry, ...facts }: SiteFeature): void {
    this.#shapes.add(geometry);
    this.#facts.push(facts);
  }

  /** Measure and merge. Problem: `invalid-argument` for uids that occur twice. */
  finish(rules: DedupRules = DEFAULT_RULES): Deduplicated {
    const { facts, shapes } = this.#inOrder();
    const pairs = [...measurePairs(facts, shapes, rules)].sort((x, y) => x.a - y.a || x.b - y.b);
    const clusters = clusterFeatures(shapes, pairs, rankOf(facts), rules.chainFactor);
    const groups = groupSites(clusters.canonical, pairs);
    const uid = (i: number) => facts[i]!.featureUid;
    return {
      members: membersOf(facts, shapes, clusters.canonical, pairs),
      pairs: pairs.map(({ a, b, ...measured }) => ({
        aUid: uid(a),
        bUid: uid(b),
        ...measured,
        merged: clusters.canonical[a] === clusters.canonical[b],
      })),
      groups: new Map(
        facts.flatMap((_, i) => (clusters.canonical[i] === i ? [[uid(i), uid(groups[i]!)] as const] : [])),
      ),
      splitChains: clusters.split,
    };
  }

  /** By uid: no answer may depend on the order of rows. */
  #inOrder(): { facts: FeatureFacts[]; shapes: FlatShapes } {
    const order = Uint32Array.from(this.#facts.keys()).sort((a, b) =>
      compare(this.#facts[a]!.featureUid, this.#facts[b]!.featureUid),
    );
    const facts = Array.from(order, (i) => this.#facts[i]!);
    const twice = facts.find(({ featureUid }, i) => i > 0 && facts[i - 1]!.featureUid === featureUid);
    if (twice !== undefined) {
      throw new CubeError({ kind: 'invalid-argument', what: `feature ${twice.featureUid} occurs twice` });
    }
    return { facts, shapes: reorderShapes(this.#shapes.finish(), order) };
  }
}

/** `Deduplicator` for features that are at hand. */
export function deduplicate(features: Iterable<SiteFeature>, rules: DedupRules = DEFAULT_RULES): Deduplicated {
  const all = new Deduplicator();
  for (const feature of features) all.add(feature);
  return all.finish(rules);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A day before all others. */
const NEVER = -1e9;

/** Place of each feature, the best first: by declared priority, then the newer one, then by uid. */
function rankOf(features: readonly FeatureFacts[]): Uint32Array {
  const order = Uint32Array.from(features.keys()).sort((x, y) => {
    const [a, b] = [features[x]!, features[y]!];
    return a.priority - b.priority || (b.observedDay ?? NEVER) - (a.observedDay ?? NEVER) || x - y;
  });
  const rank = new Uint32Array(order.length);
  for (const [place, feature] of order.entries()) rank[feature] = place;
  return rank;
}

function membersOf(
  features: readonly FeatureFacts[],
  { isPoint }: FlatShapes,
  canonical: Uint32Array,
  pairs: readonly MeasuredPair[],
): SiteMember[] {
  const direct = new Map<number, MeasuredPair>();
  const hosted = new Set<number>();
  for (const pair of pairs) {
    if (!MERGING.has(pair.class)) continue;
    if (pair.class === 'point_in') hosted.add(pair.a).add(pair.b);
    if (canonical[pair.a] === pair.b) direct.set(pair.a, pair);
    else if (canonical[pair.b] === pair.a) direct.set(pair.b, pair);
  }
  return features.map(({ featureUid }, i) => {
    const siteUid = features[canonical[i]!]!.featureUid;
    if (canonical[i] === i) return { featureUid, siteUid, relation: 'canonical', iou: null, iomin: null };
    const pair = direct.get(i);
    if (pair !== undefined) return { featureUid, siteUid, relation: pair.class, iou: pair.iou, iomin: pair.iomin };
    return {
      featureUid,
      siteUid,
      relation: isPoint[i] === 1 && hosted.has(i) ? 'point_in' : 'chained',
      iou: null,
      iomin: null,
    };
  });
}
