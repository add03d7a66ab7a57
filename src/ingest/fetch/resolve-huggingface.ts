import { joinUrl } from '../../io/location.js';
import { isObject, textOf, type JsonObject } from '../../stac/json.js';
import { asChecksum, asObject, asObjects, asSize, asText, invalidAnswer } from './api-json.js';
import { matchRecordId } from './record-id.js';
import type { FetchRequest, RemoteFile, ResolvedRecord } from './remote-file.js';
import type { RepositoryApi } from './repository-api.js';

/** Dataset, then revision and folder where a URL has them. */
const IDS = [
  /\bhuggingface\.co\/datasets\/([\w.-]{1,96}(?:\/(?!(?:tree|blob|resolve)\/)[\w.-]{1,96})?)(?:\/(?:tree|blob|resolve)\/([^/?#]+)(?:\/([^?#]+))?)?\/?(?:[?#]|$)/i,
  /^(?!10\.\d)([\w.-]{1,96}(?:\/[\w.-]{1,96})?)$/,
];

const MAX_PAGES = 10_000;

/** Where Hugging Face lies. */
export const HUGGINGFACE = { root: 'https://huggingface.co/', hosts: ['huggingface.co', 'hf.co', 'doi.org'] };

/** A dataset of Hugging Face. Its version is the commit that the branch, tag or commit stands for now. */
export async function resolveHuggingFace(request: FetchRequest, api: RepositoryApi): Promise<ResolvedRecord> {
  const [, id, named, folder = ''] = await matchRecordId(request.id, IDS, 'Hugging Face', api);
  const revision = encodeURIComponent(request.version ?? (named === undefined ? 'main' : decodeURIComponent(named)));
  const { json, url } = await api.get(`api/datasets/${id!}/revision/${revision}`);
  const dataset = asObject(json, url, 'the dataset');
  const commit = asText(dataset.sha, url, 'sha');
  if (!/^[0-9a-f]{7,64}$/.test(commit)) throw invalidAnswer(url, 'sha is no commit');
  const below = decodeURIComponent(folder).replace(/\/+$/, '');
  const files = (await listTree(`api/datasets/${id!}/tree/${commit}?recursive=true`, api)).filter(
    ({ name }) => below === '' || name === below || name.startsWith(`${below}/`),
  );
  const resolve = new URL(`datasets/${id!}/resolve/${commit}`, api.root).href;
  return {
    version: commit,
    license: licenseOf(dataset),
    files: files.map((file) => ({ ...file, url: joinUrl(resolve, file.name) })),
  };
}

/** Pages follow each other by the header `Link: <URL>; rel="next"` (RFC 8288). */
async function listTree(start: string, api: RepositoryApi): Promise<Omit<RemoteFile, 'url'>[]> {
  const files: Omit<RemoteFile, 'url'>[] = [];
  let next: string | null = start;
  for (let page = 0; next !== null; page++) {
    const { json, url, headers } = await api.get(next);
    if (page === MAX_PAGES) throw invalidAnswer(url, 'its pages never end');
    for (const [i, entry] of asObjects(json, url, 'the tree').entries()) {
      if (entry.type === 'file') files.push(parseFile(entry, url, `[${i}]`));
    }
    const link = /<([^<>]{1,4000})>\s*;[^,]*\brel="?next"?/i.exec(headers['link'] ?? '');
    next = link === null ? null : api.locate(link[1]!, url);
  }
  return files;
}

/** Large files have the SHA-256 of their content, others git's own checksum. */
function parseFile(entry: JsonObject, url: string, what: string): Omit<RemoteFile, 'url'> {
  const lfs = isObject(entry.lfs) ? entry.lfs : null;
  const checksum =
    lfs === null
      ? asChecksum(entry.oid, url, { algorithm: 'git-sha1', what: `${what}.oid` })
      : asChecksum(lfs.oid, url, { algorithm: 'sha256', what: `${what}.lfs.oid` });
  return {
    name: asText(entry.path, url, `${what}.path`),
    size: asSize(lfs?.size ?? entry.size, url, `${what}.size`),
    checksum,
  };
}

/** Of the dataset's card, a text or a list of them. */
function licenseOf({ cardData }: JsonObject): string | null {
  const license = isObject(cardData) ? cardData.license : undefined;
  if (Array.isArray(license)) return license.filter((one) => typeof one === 'string').join(', ') || null;
  return textOf(license);
}
