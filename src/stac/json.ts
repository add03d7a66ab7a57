import { CubeError } from '../errors.js';
import type { Json } from './item.js';

/** A JSON object, checked to be nothing else. */
export type JsonObject = { readonly [key: string]: Json };

/** Deeper documents than any catalogue has are refused before recursion could end badly. */
const MAX_DEPTH = 64;

/** Parse JSON bytes; `invalid-data` where they are not JSON or nested too deep. */
export function parseJson(bytes: Uint8Array, url: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new CubeError({ kind: 'invalid-data', url, what: `not JSON: ${(error as Error).message}` }, { cause: error });
  }
  assertJson(value, url, 0);
  return value as Json;
}

/** Check that a value is JSON and nothing else. */
export function assertJson(value: unknown, url: string, depth = 0): asserts value is Json {
  if (depth > MAX_DEPTH) throw new CubeError({ kind: 'invalid-data', url, what: `nested deeper than ${MAX_DEPTH}` });
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return;
  if (typeof value !== 'object')
    throw new CubeError({ kind: 'invalid-data', url, what: `a ${typeof value} is not JSON` });
  for (const entry of Array.isArray(value) ? value : Object.values(value)) assertJson(entry, url, depth + 1);
}

/** Whether a JSON value is an object: no array and not null. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The objects of an array; everything else in it, and anything that is no array, is left out. */
export function objectsOf(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The value where it is a text, else null. */
export function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

/** A number, or the strings that STAC uses for what JSON lacks: "nan", "inf", "-inf". */
export function numberOf(value: Json | undefined): number | null {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return null;
  const named = { nan: Number.NaN, inf: Infinity, '+inf': Infinity, '-inf': -Infinity }[value.toLowerCase()];
  if (named !== undefined) return named;
  return value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : null;
}
