import { CubeError } from '../../errors.js';

/** A JSON object whose members are unchecked. */
export type JsonObject = { readonly [key: string]: unknown };

/** Whether a JSON value is an object: no array and not null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A member that is the object's own (never `constructor` and the like), or undefined. */
export function member(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** A member that is a string, or null. */
export function text(object: JsonObject, key: string): string | null {
  const value = member(object, key);
  return typeof value === 'string' ? value : null;
}

/** Only strings, in order, or null. */
export function strings(value: unknown): readonly string[] | null {
  return Array.isArray(value) && value.every((part) => typeof part === 'string') ? value : null;
}

/** Only finite numbers, in order, or null. */
export function numbers(value: unknown): readonly number[] | null {
  return Array.isArray(value) && value.every((part) => typeof part === 'number' && Number.isFinite(part))
    ? value
    : null;
}

/**
 * Parse a metadata document into a JSON object. Python writes bare `NaN` and `Infinity`, and 64-bit integers that a
 * double cannot hold: both become strings ("NaN", "9223372036854775807"). Errors: `invalid-data`.
 */
export function parseMetadataJson(bytes: Uint8Array, url: string): JsonObject {
  const document = new TextDecoder().decode(bytes);
  let value: unknown;
  try {
    value = JSON.parse(/NaN|Infinity|\d{16}/.test(document) ? quoteOddNumbers(document) : document);
  } catch (cause) {
    throw new CubeError({ kind: 'invalid-data', url, what: `not JSON: ${String(cause)}` }, { cause });
  }
  if (!isObject(value)) throw new CubeError({ kind: 'invalid-data', url, what: 'a JSON object is expected' });
  return value;
}

/** Strings are matched first, so that nothing inside them is touched. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?Infinity|NaN|-?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?/g;

function quoteOddNumbers(document: string): string {
  return document.replace(TOKENS, (token) => {
    if (token.startsWith('"')) return token;
    if (/[NI]/.test(token)) return `"${token}"`;
    return /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token;
  });
}
