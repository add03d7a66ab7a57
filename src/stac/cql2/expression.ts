import type { Json } from '../item.js';

/** A literal that properties are compared with; instants are milliseconds UTC. */
export type Cql2Value =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'flag'; readonly value: boolean }
  | { readonly kind: 'time'; readonly value: number };

/** Comparisons of CQL2 (OGC 21-065r2, §6.2). */
export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=';

/** Spatial functions that are understood; what they ask of the footprint and a geometry. */
export const SPATIAL = ['s_intersects', 's_disjoint', 's_within', 's_contains'] as const;
/** Temporal functions that are understood. */
export const TEMPORAL = ['t_intersects', 't_disjoint', 't_before', 't_after', 't_during', 't_equals'] as const;

/** See `SPATIAL`. */
export type SpatialOperator = (typeof SPATIAL)[number];
/** See `TEMPORAL`. */
export type TemporalOperator = (typeof TEMPORAL)[number];

/** A filter of CQL2, checked: what of the standard can be asked of items in a lake. `property` is a STAC name, without `properties.`. */
export type Cql2 =
  | { readonly op: 'and' | 'or'; readonly args: readonly Cql2[] }
  | { readonly op: 'not'; readonly arg: Cql2 }
  | { readonly op: 'constant'; readonly value: boolean }
  | { readonly op: 'compare'; readonly comparison: Comparison; readonly property: string; readonly value: Cql2Value }
  | { readonly op: 'in'; readonly property: string; readonly values: readonly Cql2Value[] }
  | { readonly op: 'between'; readonly property: string; readonly low: Cql2Value; readonly high: Cql2Value }
  /** `%` is any text, `_` one character, `\` takes the meaning from the next one. */
  | { readonly op: 'like'; readonly property: string; readonly pattern: string; readonly anyCase: boolean }
  | { readonly op: 'isNull'; readonly property: string }
  /** GeoJSON geometry. */
  | { readonly op: 'spatial'; readonly operator: SpatialOperator; readonly geometry: Json }
  | {
      readonly op: 'temporal';
      readonly operator: TemporalOperator;
      readonly property: string;
      /** ±Infinity for open ends. */
      readonly fromMs: number;
      readonly toMs: number;
    };
