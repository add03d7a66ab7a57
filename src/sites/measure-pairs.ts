import { BoxTree, type NearShapes } from './candidates.js';
import { CellIndex } from './cell-index.js';
import type { FlatShapes } from './flat-shapes.js';
import { gapMetres } from './gap.js';
import { OverlapMeter } from './overlap-area.js';
import type { DedupRules, MeasuredPair, PairClass, SiteFeature } from './site-feature.js';

/** A feature without its geometry, which is in the shapes. */
export type FeatureFacts = Omit<SiteFeature, 'geometry'>;

/**
 * Every pair of features that have to do with each other, in order of their numbers: all pairs whose boxes come near enough are
 * measured, those of one data set too. A point belongs to one polygon at most: the one that holds it (the smallest, where several
 * do), or else the nearest one.
 */
export function* measurePairs(
  features: readonly FeatureFacts[],
  shapes: FlatShapes,
  rules: DedupRules,
): Generator<MeasuredPair> {
  const polygons = indexOf(shapes, 0, rules);
  const points = indexOf(shapes, 1, rules);
  const measure = new PairMeasure(features, shapes, rules);
  for (let i = 0; i < features.length; i++) {
    if (shapes.isPoint[i] === 0) {
      for (const j of polygons.near(i, rules.adjacentGroundM)) {
        const pair = j > i ? measure.polygons(i, j) : null;
        if (pair !== null) yield pair;
      }
      continue;
    }
    for (const j of points.near(i, rules.pointSameM)) {
      const pair = j > i ? measure.points(i, j) : null;
      if (pair !== null) yield pair;
    }
    const host = measure.host(i, polygons.near(i, rules.pointUtilityM));
    if (host !== null) yield host;
  }
}

/** The polygons (0) or points (1) by their boxes; both ways find the same. */
function indexOf(shapes: FlatShapes, isPoint: 0 | 1, { candidates, h3Resolution }: DedupRules): NearShapes {
  const isWanted = (i: number) => shapes.isPoint[i] === isPoint;
  return candidates === 'h3' ? new CellIndex(shapes, isWanted, h3Resolution) : new BoxTree(shapes, isWanted);
}

/** Shares of area below this are rounding of coordinates (1 m² of 1 km²): the polygons touch. */
const ROUNDING = 1e-6;

/** A polygon that a point may belong to; `isLater`: the two stood there one after the other. */
type Host = { readonly polygon: number; readonly gapM: number; readonly isLater: boolean };

class PairMeasure {
  readonly #features: readonly FeatureFacts[];
  readonly #shapes: FlatShapes;
  readonly #rules: DedupRules;
  readonly #overlap: OverlapMeter;

  constructor(features: readonly FeatureFacts[], shapes: FlatShapes, rules: DedupRules) {
    this.#features = features;
    this.#shapes = shapes;
    this.#rules = rules;
    this.#overlap = new OverlapMeter(shapes);
  }

  polygons(a: number, b: number): MeasuredPair | null {
    const { areas } = this.#shapes;
    const shared = this.#overlap.area(a, b);
    const iomin = Math.min(1, shared / Math.min(areas[a]!, areas[b]!));
    if (iomin > ROUNDING) {
      const iou = Math.min(1, shared / (areas[a]! + areas[b]! - shared));
      const byPlace = overlapClass(iou, iomin, this.#rules);
      const isLater = byPlace !== 'overlap' && areDisjoint(this.#features[a]!, this.#features[b]!);
      return { a, b, class: isLater ? 'repowered' : byPlace, iou, iomin, gapM: 0 };
    }
    const isRoof = this.#isRoof(a) || this.#isRoof(b);
    const gapM = gapMetres(this.#shapes, a, b, isRoof ? this.#rules.adjacentRoofM : this.#rules.adjacentGroundM);
    return gapM === Infinity ? null : { a, b, class: 'adjacent', iou: 0, iomin: 0, gapM };
  }

  /** Points of one data set are one only where nothing tells them apart: addresses share a point, too. */
  points(a: number, b: number): MeasuredPair | null {
    const gapM = gapMetres(this.#shapes, a, b, this.#rules.pointSameM);
    const [one, other] = [this.#features[a]!, this.#features[b]!];
    if (gapM === Infinity || (one.dataset === other.dataset && !haveEqualFacts(one, other))) return null;
    return { a, b, class: areDisjoint(one, other) ? 'repowered' : 'exact', iou: null, iomin: null, gapM };
  }

  /** The polygon that a point belongs to. */
  host(point: number, near: readonly number[]): MeasuredPair | null {
    let best: Host | null = null;
    for (const polygon of near) {
      const gapM = gapMetres(this.#shapes, point, polygon, this.#reach(point, polygon));
      if (gapM === Infinity) continue;
      const host = { polygon, gapM, isLater: areDisjoint(this.#features[point]!, this.#features[polygon]!) };
      if (best === null || this.#isBetter(host, best)) best = host;
    }
    if (best === null) return null;
    const [a, b] = [Math.min(point, best.polygon), Math.max(point, best.polygon)];
    return { a, b, class: best.isLater ? 'repowered' : 'point_in', iou: null, iomin: null, gapM: best.gapM };
  }

  /**
   * Nearer, or of two as near the one of its time, or else the smaller, or of two as large the one with the smaller uid: nothing depends on the
   * order of rows.
   */
  #isBetter(host: Host, best: Host): boolean {
    if (host.gapM !== best.gapM) return host.gapM < best.gapM;
    if (host.isLater !== best.isLater) return best.isLater;
    const { areas } = this.#shapes;
    if (areas[host.polygon] !== areas[best.polygon]) return areas[host.polygon]! < areas[best.polygon]!;
    return this.#features[host.polygon]!.featureUid < this.#features[best.polygon]!.featureUid;
  }

  /** A point of a large plant may stand at its gate; one of a roof may not be of the next house. */
  #reach(point: number, polygon: number): number {
    const { pointRoofM, pointUtilityM } = this.#rules;
    if (this.#isRoof(point) || this.#isRoof(polygon)) return pointRoofM;
    return this.#isUtility(point) || this.#isUtility(polygon) ? pointUtilityM : pointRoofM;
  }

  #isRoof(index: number): boolean {
    return this.#features[index]!.setting === 'rooftop';
  }

  #isUtility(index: number): boolean {
    const { utilityMw, utilityM2 } = this.#rules;
    return (this.#features[index]!.capacityMw ?? 0) >= utilityMw || this.#shapes.areas[index]! >= utilityM2;
  }
}

function overlapClass(iou: number, iomin: number, rules: DedupRules): PairClass {
  if (iou >= rules.exactIou) return 'exact';
  if (iou >= rules.sameIou) return 'same';
  return iomin >= rules.partIoMin ? 'part_of' : 'overlap';
}

/** Both intervals are known on the sides that matter, and share no day. */
function areDisjoint({ installed: a }: FeatureFacts, { installed: b }: FeatureFacts): boolean {
  const isBefore = (end: number | null, start: number | null) => end !== null && start !== null && end < start;
  return isBefore(a.end, b.start) || isBefore(b.end, a.start);
}

function haveEqualFacts(a: FeatureFacts, b: FeatureFacts): boolean {
  const { start, end } = a.installed;
  return (
    a.capacityMw === b.capacityMw && a.setting === b.setting && start === b.installed.start && end === b.installed.end
  );
}
