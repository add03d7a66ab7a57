import type { Interval } from './interval.js';
import { parseInstant } from './interval.js';
import { boxesMeet, type LonLatBox } from './item-box.js';
import type { Json, StacItem } from './item.js';
import { matchesQuery } from './query-operators.js';

/** Conditions on items; null means any. */
export type ItemFilter = {
  readonly collections: ReadonlySet<string> | null;
  readonly interval: Interval | null;
  readonly ids: ReadonlySet<string> | null;
  /** West > east crosses the antimeridian. */
  readonly bbox: LonLatBox | null;
  /** GeoJSON geometry. APIs test it exactly, this filter only its box, `bbox`: pixels are never pruned by footprints. */
  readonly intersects: Json;
  /** Operators of the STAC query extension by property. */
  readonly query: { readonly [property: string]: Json };
};

/** True for items that meet every condition. Items without a box meet every `bbox`. */
export function matchesFilter(item: StacItem, filter: ItemFilter): boolean {
  const { collections, interval, ids, bbox, query } = filter;
  if (collections !== null && (item.collection === null || !collections.has(item.collection))) return false;
  if (ids !== null && !ids.has(item.id)) return false;
  if (interval !== null && !overlapsInterval(item, interval)) return false;
  if (bbox !== null && item.bbox !== null && !boxesMeet(item.bbox, bbox)) return false;
  return matchesQuery(query, (property) => propertyOf(item, property));
}

/** STAC search: an item without `datetime` matches when any of its range lies in the closed interval. */
function overlapsInterval({ timeMs, properties }: StacItem, { fromMs, toMs }: Interval): boolean {
  if (typeof properties['datetime'] === 'string') return timeMs >= fromMs && timeMs <= toMs;
  const start = instantOf(properties['start_datetime']) ?? timeMs;
  const end = instantOf(properties['end_datetime']) ?? timeMs;
  return end >= fromMs && start <= toMs;
}

function instantOf(value: Json | undefined): number | null {
  return typeof value === 'string' ? parseInstant(value) : null;
}

function propertyOf(item: StacItem, property: string): Json | undefined {
  if (property === 'id') return item.id;
  if (property === 'collection') return item.collection;
  return item.properties[property.replace(/^properties\./, '')];
}
