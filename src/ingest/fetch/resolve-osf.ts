import { isObject, textOf, type JsonObject } from '../../stac/json.js';
import { asChecksum, asObject, asObjects, asSize, asText, invalidAnswer, MAX_FILES } from './api-json.js';
import { matchRecordId } from './record-id.js';
import { refuseVersion } from './refuse-version.js';
import type { FetchRequest, RemoteFile, ResolvedRecord } from './remote-file.js';
import type { RepositoryApi } from './repository-api.js';

const IDS = [/\bosf\.io\/(?:v2\/nodes\/)?([a-z0-9]{5})(?![a-z0-9])/i, /^([a-z0-9]{5})$/i];

/** Pages of all folders together. */
const MAX_PAGES = 10_000;

/** Where the Open Science Framework lies. */
export const OSF = { root: 'https://api.osf.io/', hosts: ['api.osf.io', 'osf.io', 'files.osf.io', 'doi.org'] };

/** The files that a node (project or component) of the Open Science Framework stores itself, those in folders too. */
export async function resolveOsf(request: FetchRequest, api: RepositoryApi): Promise<ResolvedRecord> {
  refuseVersion(request, 'nodes of the Open Science Framework');
  const [, found] = await matchRecordId(request.id, IDS, 'the Open Science Framework', api);
  const id = found!.toLowerCase();
  const { json, url } = await api.get(`v2/nodes/${id}/?embed=license`);
  const license = licenseOf(asObject(json, url, 'the node'));
  return { version: null, license, files: await listFiles(`v2/nodes/${id}/files/osfstorage/`, api) };
}

async function listFiles(start: string, api: RepositoryApi): Promise<RemoteFile[]> {
  const files: RemoteFile[] = [];
  const waiting = [new URL(start, api.root).href];
  const seen = new Set(waiting);
  const add = (href: string, from: string) => {
    const target = api.locate(href, from);
    if (seen.has(target)) throw invalidAnswer(from, 'its pages and folders go round in circles');
    if (seen.size > MAX_PAGES || files.length > MAX_FILES) throw invalidAnswer(from, 'it never ends');
    seen.add(target);
    waiting.push(target);
  };
  for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
    const { json, url } = await api.get(target);
    const page = asObject(json, url, 'the list of files');
    for (const [i, entry] of asObjects(page.data, url, 'data').entries()) {
      const attributes = asObject(entry.attributes, url, `data[${i}].attributes`);
      if (attributes.kind === 'folder') add(folderLink(entry, url, i), url);
      else files.push(parseFile(entry, attributes, { url, what: `data[${i}]` }, api));
    }
    const next = isObject(page.links) ? textOf(page.links.next) : null;
    if (next !== null) add(next, url);
  }
  return files;
}

/** `relationships.files.links.related.href` */
function folderLink(entry: JsonObject, url: string, i: number): string {
  let value = entry.relationships;
  for (const key of ['files', 'links', 'related']) value = asObject(value, url, `data[${i}].relationships`)[key];
  return asText(asObject(value, url, 'related').href, url, `data[${i}].relationships.files.links.related.href`);
}

function parseFile(
  entry: JsonObject,
  attributes: JsonObject,
  { url, what }: { readonly url: string; readonly what: string },
  api: RepositoryApi,
): RemoteFile {
  const path = textOf(attributes.materialized_path) ?? textOf(attributes.materialized);
  const hashes = isObject(attributes.extra) && isObject(attributes.extra.hashes) ? attributes.extra.hashes : {};
  const links = asObject(entry.links, url, `${what}.links`);
  return {
    name: (path ?? asText(attributes.name, url, `${what}.attributes.name`)).replace(/^\/+/, ''),
    url: api.locate(asText(links.download, url, `${what}.links.download`), url),
    size: asSize(attributes.size, url, `${what}.attributes.size`),
    checksum:
      asChecksum(hashes.sha256, url, { algorithm: 'sha256', what: `${what}: sha256` }) ??
      asChecksum(hashes.md5, url, { algorithm: 'md5', what: `${what}: md5` }),
  };
}

/** `embeds.license.data.attributes.name`, where the owners chose one. */
function licenseOf(node: JsonObject): string | null {
  let value = node.data;
  for (const key of ['embeds', 'license', 'data', 'attributes']) value = isObject(value) ? value[key] : undefined;
  return isObject(value) ? textOf(value.name) : null;
}
