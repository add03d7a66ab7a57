import type { Geometry } from '../vector/label.js';

/** How something is mounted where it stands. */
export type Setting = 'rooftop' | 'ground' | 'water' | 'unknown';

/** Days since 1970-01-01 between which something was installed, inclusive; null where that side is not known. */
export type InstallInterval = { readonly start: number | null; readonly end: number | null };

/** What of a source feature tells whether it is the same installation as another one, and which of the two is worth more. */
export type SiteFeature = {
  /** Unique among all features. */
  readonly featureUid: string;
  readonly dataset: string;
  /** Of the data set, as declared: 1 is best. */
  readonly priority: number;
  /** Valid, lon/lat, cut at the antimeridian. */
  readonly geometry: Geometry;
  readonly setting: Setting;
  /** Megawatts, the larger of DC and AC; null where not known. */
  readonly capacityMw: number | null;
  readonly installed: InstallInterval;
  /** Day of the image or survey that shows it, since 1970-01-01; null where not known. */
  readonly observedDay: number | null;
};

/** What two features are to each other. */
export type PairClass =
  /** IoU of 0.99 or more, or points within a metre. */
  | 'exact'
  /** IoU of 0.5 or more. */
  | 'same'
  /** Half or more of the smaller one lies in the other one, and they are not `same`. */
  | 'part_of'
  /** A point in or beside the polygon that it belongs to. */
  | 'point_in'
  /** `exact`, `same` or `part_of` by place, but installed in intervals without a common day: one after the other. */
  | 'repowered'
  /** They share some area, and less than half of the smaller one. */
  | 'overlap'
  /** They share no area and stand side by side. */
  | 'adjacent';

/** Two features, by their numbers (`a` < `b`), and what was measured. */
export type MeasuredPair = {
  readonly a: number;
  readonly b: number;
  readonly class: PairClass;
  /** Shared area by the area of both together; of points null. */
  readonly iou: number | null;
  /** Shared area by the area of the smaller one; of points null. */
  readonly iomin: number | null;
  /** Metres; 0 where they share a point. */
  readonly gapM: number;
};

/** The limits of the classes, and how pairs are found. The defaults are those of the field: docs/ingest.md. */
export type DedupRules = {
  readonly exactIou: number;
  readonly sameIou: number;
  readonly partIoMin: number;
  /** Metres between neighbours that belong to one group. */
  readonly adjacentGroundM: number;
  readonly adjacentRoofM: number;
  /** Metres from a point to the polygon that it may belong to. */
  readonly pointRoofM: number;
  readonly pointUtilityM: number;
  /** Metres between points that are one. */
  readonly pointSameM: number;
  /** From this capacity (MW) or area (m²) on an installation is of utility scale. */
  readonly utilityMw: number;
  readonly utilityM2: number;
  /** A component wider than this times its largest member is a chain, and is split. */
  readonly chainFactor: number;
  /** By what the pairs that are measured are found: an R-tree of boxes, or H3 cells that boxes share. The sites are the same. */
  readonly candidates: 'rtree' | 'h3';
  /** Of those cells, 0 to 15; what has many of them gets coarser ones. */
  readonly h3Resolution: number;
};

/** See `DedupRules`. */
export const DEFAULT_RULES: DedupRules = {
  exactIou: 0.99,
  sameIou: 0.5,
  partIoMin: 0.5,
  adjacentGroundM: 20,
  adjacentRoofM: 2,
  pointRoofM: 25,
  pointUtilityM: 190,
  pointSameM: 1,
  utilityMw: 1,
  utilityM2: 10_000,
  chainFactor: 3,
  candidates: 'rtree',
  h3Resolution: 9,
};
