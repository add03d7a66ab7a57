import { CubeError } from '../../errors.js';
import type { Json } from '../../stac/item.js';
import { isObject, type JsonObject } from '../../stac/json.js';
import type { Checksum, ChecksumAlgorithm } from './remote-file.js';

/** More files than any published dataset has. */
export const MAX_FILES = 200_000;

/** Hexadecimal digits of each algorithm. */
const DIGITS: Readonly<Record<ChecksumAlgorithm, number>> = {
  md5: 32,
  sha1: 40,
  sha256: 64,
  sha512: 128,
  'git-sha1': 40,
};

/** The error of an API's answer that breaks its form. */
export function invalidAnswer(url: string, what: string): CubeError {
  return new CubeError({ kind: 'invalid-data', url, what: `the API's answer is not as documented: ${what}` });
}

/** The value as an object; `what` names it in the error (`invalid-data`), here and below. */
export function asObject(value: Json | undefined, url: string, what: string): JsonObject {
  if (isObject(value)) return value;
  throw invalidAnswer(url, `${what} is no object`);
}

/** The value as an array of objects. */
export function asObjects(value: Json | undefined, url: string, what: string): JsonObject[] {
  if (!Array.isArray(value)) throw invalidAnswer(url, `${what} is no list`);
  if (value.length > MAX_FILES) throw invalidAnswer(url, `${what} has more than ${MAX_FILES} entries`);
  return value.map((entry: Json, i) => asObject(entry, url, `${what}[${i}]`));
}

/** The value as a text that is not empty. */
export function asText(value: Json | undefined, url: string, what: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw invalidAnswer(url, `${what} is no text`);
}

/** A count of bytes, null where there is none. */
export function asSize(value: Json | undefined, url: string, what: string): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw invalidAnswer(url, `${what} is no size in bytes`);
}

/** A published checksum; null where there is none, or one of an algorithm that is not known here. */
export function asChecksum(
  value: Json | undefined,
  url: string,
  { algorithm, what }: { readonly algorithm: string; readonly what: string },
): Checksum | null {
  if (value === undefined || value === null || value === '') return null;
  const checksum = parseChecksum(asText(value, url, what), algorithm);
  if (checksum === 'broken') throw invalidAnswer(url, `${what} is no checksum`);
  return checksum === 'unknown' ? null : checksum;
}

/** A checksum such as `md5:…`; digits alone are of the `algorithm` that is given. */
export function parseChecksum(text: string, algorithm = ''): Checksum | 'unknown' | 'broken' {
  const match = /^(?:([\w-]{1,20}):)?([0-9a-fA-F]+)$/.exec(text.trim());
  if (match === null) return 'broken';
  const name = (match[1] ?? algorithm).toLowerCase().replace(/^sha-/, 'sha');
  if (!isAlgorithm(name)) return name === '' ? 'broken' : 'unknown';
  const value = match[2]!.toLowerCase();
  return value.length === DIGITS[name] ? { algorithm: name, value } : 'broken';
}

function isAlgorithm(name: string): name is ChecksumAlgorithm {
  return Object.hasOwn(DIGITS, name);
}
