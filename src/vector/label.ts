import type { Json } from '../stac/item.js';

/** One ring: x0, y0, x1, y1, … in CRS units or pixels; the last point equals the first. */
export type Ring = Float64Array;
/** First ring outer, the others holes. */
export type PolygonRings = readonly Ring[];

/** Geometry as flat coordinates. Lines carry no area and count as quarantined where an area is needed. */
export type Geometry =
  | { readonly kind: 'polygons'; readonly polygons: readonly PolygonRings[] }
  | { readonly kind: 'points'; readonly points: Float64Array };

/** A PV feature, harmonised. Coordinates are lon/lat degrees (OGC:CRS84). */
export type Label = {
  /** 1-based record number in the source file, before `where`. */
  readonly labelId: number;
  /** Stable across runs and record order: a hash of dataset, source id (where there is one) and normalised geometry. */
  readonly featureUid: string;
  readonly dataset: string;
  /** The valid geometry, as WKB and as coordinates. */
  readonly wkb: Uint8Array;
  readonly geometry: Geometry;
  /** Of all parts: -180 to 180 for a label cut at the antimeridian. */
  readonly xmin: number;
  readonly ymin: number;
  readonly xmax: number;
  readonly ymax: number;
  /** Geodesic area on WGS 84, square metres; 0 for points. */
  readonly areaGeodM2: number;
  /** Cells of the cover at the index's resolution (overlapping mode): together they contain the geometry. Empty where none was asked for. */
  readonly h3Cells: readonly bigint[];
  /** Resolution 15 cell of (lon, lat). */
  readonly h3R15: bigint;
  /** An interior point. */
  readonly lon: number;
  readonly lat: number;
  /** The source's columns, names and values verbatim. */
  readonly properties: { readonly [key: string]: Json };
};

/** A record that could not be used, kept with its reason. */
export type QuarantinedRecord = {
  readonly source: string;
  /** 1-based record number. */
  readonly record: number;
  readonly reason: string;
  readonly properties: { readonly [key: string]: Json };
};

/** Everything that a label file holds: usable labels, what was left out, and what was repaired. */
export type LabelSet = {
  readonly dataset: string;
  readonly labels: readonly Label[];
  readonly quarantine: readonly QuarantinedRecord[];
  readonly warnings: readonly string[];
};
