import type { Json } from '../stac/item.js';
import type { Attributes } from './attributes.js';

/** One source feature, harmonised: a row of the table `features`. Coordinates are lon/lat degrees (OGC:CRS84). */
export type Feature = Attributes & {
  /** Unique in a lake, and the same for the same source: a hash of data set, file, source id and geometry. */
  readonly featureUid: string;
  readonly dataset: string;
  readonly datasetVersion: string | null;
  /** Name within the data set. */
  readonly sourceFile: string;
  /** 1-based record number in that file. */
  readonly record: number;
  /** 1-based: of a record whose parts lie more than a kilometre apart. */
  readonly part: number;
  readonly wkb: Uint8Array;
  readonly geomKind: 'point' | 'polygon';
  /** Whether the source's geometry was valid, and else what was done. */
  readonly rawValid: boolean;
  readonly repair: string | null;
  readonly xmin: number;
  readonly ymin: number;
  readonly xmax: number;
  readonly ymax: number;
  /** An interior point. */
  readonly lon: number;
  readonly lat: number;
  /** Geodesic, WGS 84; null of points. */
  readonly areaGeodM2: number | null;
  /** `areaSrcM2` by `areaGeodM2`. */
  readonly areaRatio: number | null;
  readonly license: string | null;
  readonly h3R15: bigint;
  /** Cells at resolution 9 that together contain the geometry. */
  readonly h3Cover: readonly bigint[];
  /** Of the geometry in order and precision that do not depend on how it was written (0.1 m): equal for copies. */
  readonly geometryHash: string;
  /** The source's columns, names and values verbatim. */
  readonly properties: { readonly [key: string]: Json };
};
