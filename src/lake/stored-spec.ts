import { CubeError } from '../errors.js';
import type { Json } from '../stac/item.js';
import { describeCatalog, parseCatalog } from './catalog.js';

/** The specification as the lake keeps it: JSON text in which connection strings have lost their passwords. */
export function formatStoredSpec(spec: string): string {
  return JSON.stringify(withoutPasswords(parsed(spec)));
}

function withoutPasswords(value: Json): Json {
  if (typeof value === 'string') return storedText(value);
  if (Array.isArray(value)) return value.map(withoutPasswords);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withoutPasswords(member)]));
}

function storedText(text: string): string {
  return /^postgres(ql)?:./.test(text) ? describeCatalog(parseCatalog(text)) : text;
}

function parsed(spec: string): Json {
  try {
    const json: Json = JSON.parse(spec);
    return json;
  } catch (error) {
    throw new CubeError({ kind: 'invalid-argument', what: "the run's specification is not JSON" }, { cause: error });
  }
}
