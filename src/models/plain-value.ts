import type { ModelValue } from './project.js';

/** What a template hands over as plain data: a `Map` becomes an object, a bigint a number. */
export function plainValue(value: unknown): ModelValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(plainValue);
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(entries.map(([key, one]) => [String(key), plainValue(one)]));
}
