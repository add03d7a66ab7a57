import { CubeError } from '../errors.js';
import type { Interval } from './interval.js';
import { parseInstant } from './interval.js';
import type { Json, StacItem } from './item.js';
import { isObject } from './json.js';

/** Conditions on items; null means any. */
export type ItemFilter = {
  readonly collections: ReadonlySet<string> | null;
  readonly interval: Interval | null;
  readonly ids: ReadonlySet<string> | null;
  /** west, south, east, north; west > east crosses the antimeridian. */
  readonly bbox: readonly [number, number, number, number] | null;
  /** Operators of the STAC query extension by property. */
  readonly query: { readonly [property: string]: Json };
};

export function matchesFilter(item: StacItem, filter: ItemFilter): boolean {
  const { collections, interval, ids, bbox, query } = filter;
  if (collections !== null && (item.collection === null || !collections.has(item.collection))) return false;
  if (ids !== null && !ids.has(item.id)) return false;
  if (interval !== null && !overlapsInterval(item, interval)) return false;
  if (bbox !== null && item.bbox !== null && !boxesMeet(item.bbox, bbox)) return false;
  return Object.entries(query).every(([property, condition]) =>
    matchesCondition(propertyOf(item, property), condition, property),
  );
}

/** STAC search: items with a range match when any of it lies in the closed interval. */
function overlapsInterval({ timeMs, properties }: StacItem, { fromMs, toMs }: Interval): boolean {
  const start = instantOf(properties['start_datetime']) ?? timeMs;
  const end = instantOf(properties['end_datetime']) ?? timeMs;
  if (typeof properties['datetime'] === 'string') return timeMs >= fromMs && timeMs <= toMs;
  return end >= fromMs && start <= toMs;
}

function instantOf(value: Json | undefined): number | null {
  return typeof value === 'string' ? parseInstant(value) : null;
}

type Box = readonly [west: number, south: number, east: number, north: number];

function boxesMeet(a: Box, b: Box): boolean {
  if (a[1] > b[3] || b[1] > a[3]) return false;
  return split(a).some(([west, east]) => split(b).some(([w, e]) => west <= e && w <= east));
}

/** A box across the antimeridian is two. */
function split([west, , east]: Box): (readonly [number, number])[] {
  return west <= east
    ? [[west, east]]
    : [
        [west, 180],
        [-180, east],
      ];
}

function propertyOf(item: StacItem, property: string): Json | undefined {
  if (property === 'id') return item.id;
  if (property === 'collection') return item.collection;
  return item.properties[property.replace(/^properties\./, '')];
}

function matchesCondition(value: Json | undefined, condition: Json, property: string): boolean {
  if (!isObject(condition)) return value === condition;
  return Object.entries(condition).every(([operator, operand]) => compare(operator, value, operand, property));
}

function compare(operator: string, value: Json | undefined, operand: Json, property: string): boolean {
  switch (operator) {
    case 'eq':
      return value === operand;
    case 'neq':
      return value !== operand;
    case 'lt':
      return isBelow(value, operand);
    case 'lte':
      return isBelow(value, operand) || value === operand;
    case 'gt':
      return isBelow(operand, value);
    case 'gte':
      return isBelow(operand, value) || value === operand;
    case 'in':
      return Array.isArray(operand) && operand.some((one) => one === value);
    case 'startsWith':
      return typeof value === 'string' && typeof operand === 'string' && value.startsWith(operand);
    case 'endsWith':
      return typeof value === 'string' && typeof operand === 'string' && value.endsWith(operand);
    case 'contains':
      return typeof value === 'string' && typeof operand === 'string' && value.includes(operand);
    default:
      throw new CubeError({
        kind: 'invalid-spec',
        path: `source.query.${property}`,
        what: `unknown operator "${operator}"`,
        fix: 'use eq, neq, lt, lte, gt, gte, in, startsWith, endsWith, contains',
      });
  }
}

function isBelow(a: Json | undefined, b: Json | undefined): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  return typeof a === 'string' && typeof b === 'string' && a < b;
}
