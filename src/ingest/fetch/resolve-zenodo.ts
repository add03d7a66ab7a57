import { CubeError } from '../../errors.js';
import { isObject, textOf, type JsonObject } from '../../stac/json.js';
import { asChecksum, asObject, asObjects, asSize, asText } from './api-json.js';
import { matchRecordId } from './record-id.js';
import type { FetchRequest, RemoteFile, ResolvedRecord } from './remote-file.js';
import type { RepositoryApi } from './repository-api.js';

const IDS = [
  /\bzenodo\.(\d{1,12})(?!\d)/i,
  /\bzenodo\.org\/(?:api\/)?(?:records?|deposit)\/(\d{1,12})(?!\d)/i,
  /^(\d{1,12})$/,
];

/** Versions come in pages; a record has hundreds at most. */
const MAX_PAGES = 100;

type Found = { readonly record: JsonObject; readonly url: string };

/**
 * A record of Zenodo. The id of all versions (the concept's) leads to the newest one, that of a version to itself; `version` is
 * the text of the version or its id.
 */
export async function resolveZenodo(request: FetchRequest, api: RepositoryApi): Promise<ResolvedRecord> {
  const [, id] = await matchRecordId(request.id, IDS, 'Zenodo', api);
  const { json, url } = await api.get(`api/records/${id!}`);
  const record = asObject(json, url, 'the record');
  const found = { record, url };
  const wanted = request.version;
  const { record: chosen } =
    wanted === undefined || isVersion(record, wanted) ? found : await findVersion(found, id!, wanted, api);
  return parseRecord(chosen, url, api);
}

function isVersion(record: JsonObject, wanted: string): boolean {
  return idOf(record) === wanted || versionOf(record) === wanted;
}

async function findVersion({ record }: Found, id: string, wanted: string, api: RepositoryApi): Promise<Found> {
  const known: string[] = [];
  // Zenodo gives at most 25 a page to those who are not signed in.
  let next: string | null = `api/records/${idOf(record) ?? id}/versions?size=25`;
  for (let page = 0; next !== null && page < MAX_PAGES; page++) {
    const { json, url } = await api.get(next);
    const answer = asObject(json, url, 'the list of versions');
    for (const one of asObjects(asObject(answer.hits, url, 'hits').hits, url, 'hits.hits')) {
      if (isVersion(one, wanted)) return { record: one, url };
      known.push(versionOf(one) ?? idOf(one) ?? '?');
    }
    const link = isObject(answer.links) ? textOf(answer.links.next) : null;
    next = link === null ? null : api.locate(link, url);
  }
  const fix = `it has ${known.slice(0, 20).join(', ')}`;
  throw new CubeError({ kind: 'no-data', what: `record ${id} of Zenodo has no version "${wanted}"`, fix });
}

function parseRecord(record: JsonObject, url: string, api: RepositoryApi): ResolvedRecord {
  const metadata = isObject(record.metadata) ? record.metadata : {};
  const access = textOf(metadata.access_right) ?? 'open';
  const files = record.files === undefined && access !== 'open' ? [] : asObjects(record.files, url, 'files');
  if (files.length === 0) {
    const what = `record ${idOf(record) ?? ''} of Zenodo shows no files${access === 'open' ? '' : ` (${access} access)`}`;
    throw new CubeError({ kind: 'no-data', what });
  }
  return {
    version: versionOf(record) ?? idOf(record),
    license: isObject(metadata.license) ? textOf(metadata.license.id) : textOf(metadata.license),
    files: files.map((file, i) => parseFile(file, { url, what: `files[${i}]` }, api)),
  };
}

/** `key`, `size` and `links.self` today; `filename`, `filesize` and `links.download` of older answers. */
function parseFile(
  file: JsonObject,
  { url, what }: { readonly url: string; readonly what: string },
  api: RepositoryApi,
): RemoteFile {
  const links = asObject(file.links, url, `${what}.links`);
  const href = asText(links.self ?? links.download, url, `${what}.links.self`);
  return {
    name: asText(file.key ?? file.filename, url, `${what}.key`),
    url: api.locate(href, url),
    size: asSize(file.size ?? file.filesize, url, `${what}.size`),
    checksum: asChecksum(file.checksum, url, { algorithm: 'md5', what: `${what}.checksum` }),
  };
}

function versionOf(record: JsonObject): string | null {
  return isObject(record.metadata) ? textOf(record.metadata.version) : null;
}

function idOf({ id, recid }: JsonObject): string | null {
  for (const value of [id, recid]) if (typeof value === 'string' || typeof value === 'number') return String(value);
  return null;
}

/** Where Zenodo lies. */
export const ZENODO = { root: 'https://zenodo.org/', hosts: ['zenodo.org', 'www.zenodo.org', 'doi.org'] };
