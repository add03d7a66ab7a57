import { sqlName } from '../../duckdb/connection.js';
import type { Json } from '../../stac/item.js';
import { isObject } from '../../stac/json.js';

/** What a JSON value is as a column: the type that holds all values of many rows. `any` is JSON text, where they have none in common. */
export type JsonType =
  | { readonly kind: 'unknown' | 'flag' | 'whole' | 'real' | 'text' | 'any' }
  | { readonly kind: 'list'; readonly of: JsonType }
  | { readonly kind: 'struct'; readonly fields: ReadonlyMap<string, JsonType> };

const UNKNOWN: JsonType = { kind: 'unknown' };
const ANY: JsonType = { kind: 'any' };
/** More keys are data, not a schema. */
const MAX_FIELDS = 2000;

/** The type of one value. */
export function jsonTypeOf(value: Json | undefined): JsonType {
  if (value === undefined || value === null) return UNKNOWN;
  if (typeof value === 'boolean') return { kind: 'flag' };
  if (typeof value === 'string') return { kind: 'text' };
  if (typeof value === 'number') return { kind: Number.isSafeInteger(value) ? 'whole' : 'real' };
  if (isObject(value)) return structOf(new Map(Object.entries(value).map(([key, one]) => [key, jsonTypeOf(one)])));
  return { kind: 'list', of: value.map(jsonTypeOf).reduce(mergeJsonTypes, UNKNOWN) };
}

/** The type that holds the values of both. */
export function mergeJsonTypes(a: JsonType, b: JsonType): JsonType {
  if (a.kind === 'unknown' || a === b) return b;
  if (b.kind === 'unknown') return a;
  if (a.kind === 'list' && b.kind === 'list') return { kind: 'list', of: mergeJsonTypes(a.of, b.of) };
  if (a.kind === 'struct' && b.kind === 'struct') {
    const fields = new Map(a.fields);
    for (const [key, type] of b.fields) fields.set(key, mergeJsonTypes(fields.get(key) ?? UNKNOWN, type));
    return structOf(fields);
  }
  if (a.kind === b.kind) return a;
  const isNumber = (type: JsonType) => type.kind === 'whole' || type.kind === 'real';
  return isNumber(a) && isNumber(b) ? { kind: 'real' } : ANY;
}

/** DuckDB's name of the type; a value that was null in every row is JSON. */
export function duckDbTypeOf(type: JsonType): string {
  switch (type.kind) {
    case 'unknown':
    case 'any':
      return 'JSON';
    case 'flag':
      return 'BOOLEAN';
    case 'whole':
      return 'BIGINT';
    case 'real':
      return 'DOUBLE';
    case 'text':
      return 'VARCHAR';
    case 'list':
      return `${duckDbTypeOf(type.of)}[]`;
    case 'struct':
      return `STRUCT(${[...type.fields].map(([key, one]) => `${sqlName(key)} ${duckDbTypeOf(one)}`).join(', ')})`;
  }
}

/** A STRUCT has at least one field, and its names differ in more than case. */
function structOf(fields: ReadonlyMap<string, JsonType>): JsonType {
  if (fields.size === 0) return UNKNOWN;
  const names = new Set([...fields.keys()].map((key) => key.toLowerCase()));
  return names.size < fields.size || fields.size > MAX_FIELDS || names.has('') ? ANY : { kind: 'struct', fields };
}
