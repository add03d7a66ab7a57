import { CubeError, redactUrl } from '../../errors.js';
import { asObject, asObjects, invalidAnswer } from './api-json.js';
import type { RepositoryApi } from './repository-api.js';

/** Asked where a DOI does not hold the repository's id; a mirror answers for it. */
export const DOI_ROOT = 'https://doi.org/';

/**
 * The match of the first of `patterns` in an id, a URL, a DOI, or in what the DOI leads to. `name` is the repository's, for
 * the error (`invalid-argument`).
 */
export async function matchRecordId(
  id: string,
  patterns: readonly RegExp[],
  name: string,
  api: RepositoryApi,
): Promise<RegExpExecArray> {
  const text = id.trim();
  const found = firstMatch(text, patterns);
  if (found !== null) return found;
  const doi = doiOf(text);
  const landing = doi === null ? null : await followDoi(doi, api);
  const match = landing === null ? null : firstMatch(landing, patterns);
  if (match !== null) return match;
  const leads = landing === null ? '' : `, and leads to ${redactUrl(landing)}`;
  const fix = `give the record's id, its URL or its own DOI`;
  throw new CubeError({ kind: 'invalid-argument', what: `"${redactUrl(id)}" names no record of ${name}${leads}`, fix });
}

/** The DOI in a text such as `doi:10.5281/…` or `https://doi.org/10.5281/…`, or null. */
export function doiOf(text: string): string | null {
  return /^(?:doi:\s*|https?:\/\/(?:dx\.)?doi\.org\/)?(10\.\d{4,9}\/\S{1,200})$/i.exec(text.trim())?.[1] ?? null;
}

function firstMatch(text: string, patterns: readonly RegExp[]): RegExpExecArray | null {
  for (const pattern of patterns) {
    const match = pattern.exec(text);
    if (match !== null) return match;
  }
  return null;
}

/** The URL that a DOI stands for, of the handle system's `{"values": [{"type": "URL", "data": {"value": …}}]}`. */
async function followDoi(doi: string, api: RepositoryApi): Promise<string> {
  const path = doi.split('/').map(encodeURIComponent).join('/');
  const { json, url } = await api.get(api.locate(`${DOI_ROOT}api/handles/${path}`, api.root));
  for (const { type, data } of asObjects(asObject(json, url, 'it').values, url, 'values')) {
    const value = type === 'URL' ? asObject(data, url, 'data').value : null;
    if (typeof value === 'string') return value;
  }
  throw invalidAnswer(url, 'no value is a URL');
}
