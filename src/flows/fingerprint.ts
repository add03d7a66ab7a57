import { createHash } from 'node:crypto';
import { CubeError } from '../errors.js';
import { isFlowFile } from './flow-file.js';

/** Deeper data is a circle, or nobody's value. */
const DEEPEST = 200;

/**
 * SHA-256 of plain data, in hexadecimal: equal for equal data, whatever the order of the keys of its objects. Of a file the content
 * counts, not where it lies. Problem: `invalid-argument` for what JSON cannot say, with the place in the data.
 */
export function fingerprint(value: unknown): string {
  return sha256(canonical(value, 'the value', 0));
}

/** SHA-256 of a text, in hexadecimal. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function canonical(value: unknown, place: string, depth: number): string {
  if (depth > DEEPEST) throw notPlain(place, `is nested deeper than ${DEEPEST} levels`);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw notPlain(place, `is ${value}`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map((one, i) => canonical(one, `${place}[${i}]`, depth + 1)).join(',')}]`;
  if (typeof value !== 'object')
    throw notPlain(place, `is ${typeof value === 'bigint' ? 'a bigint' : `of type ${typeof value}`}`);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) throw notPlain(place, `is a ${value.constructor.name}`);
  const isFile = isFlowFile(value);
  const entries = Object.entries(value)
    .filter(([key, one]) => one !== undefined && !(isFile && key === 'path'))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonical(one, `${place}.${key}`, depth + 1)}`).join(',')}}`;
}

function notPlain(place: string, what: string): CubeError {
  return new CubeError({
    kind: 'invalid-argument',
    what: `${place} ${what}, and only plain data (what JSON can say) can be hashed and kept`,
    fix: 'give plain data, a file by keepFile, or leave the cache off',
  });
}
