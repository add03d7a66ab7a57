import { CubeError } from '../errors.js';
import { parseInstant } from './interval.js';
import type { Json } from './item.js';
import { isObject } from './json.js';

type Operator = (value: Json, operand: Json) => boolean;

/** The operators of the STAC API query extension. */
const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['eq', isEqual],
  ['neq', (value, operand) => !isEqual(value, operand)],
  ['lt', (value, operand) => isBelow(value, operand)],
  ['lte', (value, operand) => isBelow(value, operand) || isEqual(value, operand)],
  ['gt', (value, operand) => isBelow(operand, value)],
  ['gte', (value, operand) => isBelow(operand, value) || isEqual(value, operand)],
  ['in', (value, operand) => Array.isArray(operand) && operand.some((one) => isEqual(value, one))],
  ['startsWith', (value, operand) => onTexts(value, operand, (text, part) => text.startsWith(part))],
  ['endsWith', (value, operand) => onTexts(value, operand, (text, part) => text.endsWith(part))],
  ['contains', (value, operand) => contains(value, operand)],
]);

/** Throws `invalid-spec` for operators that the query extension does not have. A bare value means `eq`. */
export function assertQuery(query: { readonly [property: string]: Json }): void {
  for (const [property, condition] of Object.entries(query)) {
    if (!isObject(condition)) continue;
    const unknown = Object.keys(condition).find((operator) => !OPERATORS.has(operator));
    if (unknown === undefined) continue;
    throw new CubeError({
      kind: 'invalid-spec',
      path: `source.query.${property}`,
      what: `unknown operator "${unknown}"`,
      fix: `use ${[...OPERATORS.keys()].join(', ')}`,
    });
  }
}

/** True where every condition holds. A property that an item lacks meets no condition, as in the APIs' databases. */
export function matchesQuery(
  query: { readonly [property: string]: Json },
  valueOf: (property: string) => Json | undefined,
): boolean {
  return Object.entries(query).every(([property, condition]) => {
    const value = valueOf(property);
    if (value === undefined || value === null) return isNullTest(condition);
    if (!isObject(condition)) return isEqual(value, condition);
    return Object.entries(condition).every(([operator, operand]) => OPERATORS.get(operator)?.(value, operand) === true);
  });
}

/** `{ eq: null }` finds items without the property. */
function isNullTest(condition: Json): boolean {
  return condition === null || (isObject(condition) && Object.keys(condition).length === 1 && condition['eq'] === null);
}

function isEqual(a: Json, b: Json): boolean {
  if (a === b) return true;
  const [timeA, timeB] = [timeOf(a), timeOf(b)];
  if (timeA !== null && timeB !== null) return timeA === timeB;
  return typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b);
}

/** Numbers by size, times by instant, other texts by code unit; values of two kinds are never ordered. */
function isBelow(a: Json, b: Json): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  if (typeof a !== 'string' || typeof b !== 'string') return false;
  const [timeA, timeB] = [timeOf(a), timeOf(b)];
  return timeA !== null && timeB !== null ? timeA < timeB : a < b;
}

function timeOf(value: Json): number | null {
  return typeof value === 'string' ? parseInstant(value) : null;
}

function onTexts(value: Json, operand: Json, test: (text: string, part: string) => boolean): boolean {
  return typeof value === 'string' && typeof operand === 'string' && test(value, operand);
}

function contains(value: Json, operand: Json): boolean {
  if (Array.isArray(value)) return value.some((one) => isEqual(one, operand));
  return onTexts(value, operand, (text, part) => text.includes(part));
}
