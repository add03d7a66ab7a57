import type { Setting } from '../sites/site-feature.js';

/** What a mount does. */
export type Mount = 'fixed' | 'single_axis' | 'dual_axis' | 'mixed' | 'unknown';

/** What a capacity is worth. */
export type CapacityKind = 'reported' | 'estimated' | 'unknown';

/** The harmonised columns that come from a source's own; null where the source does not tell. Days count from 1970-01-01. */
export type Attributes = {
  readonly nativeId: string | null;
  readonly sourceSplit: string | null;
  /** Square metres, converted from `areaSrcUnit`. */
  readonly areaSrcM2: number | null;
  readonly areaSrcUnit: string | null;
  readonly areaSrcKind: 'panel' | 'site' | 'unknown' | null;
  readonly capDcMw: number | null;
  readonly capAcMw: number | null;
  /** Of the DC capacity, or where that is not known of the AC one. */
  readonly capKind: CapacityKind | null;
  readonly capDcKind: CapacityKind | null;
  readonly capAcKind: CapacityKind | null;
  /** Inclusive; null: open on that side, or not known. */
  readonly instStart: number | null;
  readonly instEnd: number | null;
  readonly observedDay: number | null;
  readonly mount: Mount | null;
  /** 0 to 90. */
  readonly tiltDeg: number | null;
  /** From north, clockwise, 0 to 360. */
  readonly azimuthDeg: number | null;
  readonly setting: Setting;
  /** 0 to 1, and the column that it comes from. */
  readonly confidence: number | null;
  readonly confSrc: string | null;
  readonly countryIso3: string | null;
  readonly admin1: string | null;
  /** The source's column of each field of the field map whose value is of one. */
  readonly provenance: { readonly [field: string]: string };
};
