import { CubeError } from '../../errors.js';
import { isObject, textOf, type JsonObject } from '../../stac/json.js';
import { asChecksum, asObject, asObjects, asSize, asText, MAX_FILES } from './api-json.js';
import { matchRecordId } from './record-id.js';
import type { FetchRequest, RemoteFile, ResolvedRecord } from './remote-file.js';
import type { RepositoryApi } from './repository-api.js';

/** The last part of each is a version, where there is one. */
const IDS = [
  /\bfigshare\.(\d{1,12})(?:\.v(\d{1,4}))?(?!\d)/i,
  /\bfigshare\.com\/(?:v2\/)?articles\/(?:[^?#]*?\/)?(\d{1,12})(?:\/(?:versions\/)?(\d{1,4}))?\/?(?:[?#]|$)/i,
  /^(\d{1,12})(?:[./]v?(\d{1,4}))?$/,
];

/** The API's own limit. */
const PAGE_SIZE = 1000;

/** Where Figshare lies. */
export const FIGSHARE = {
  root: 'https://api.figshare.com/',
  hosts: ['api.figshare.com', 'figshare.com', 'ndownloader.figshare.com', 'doi.org'],
};

/** An article of Figshare; `version` is its number, also as the DOI's `.v3`. */
export async function resolveFigshare(request: FetchRequest, api: RepositoryApi): Promise<ResolvedRecord> {
  if (/figshare\.c\.\d|\/collections\//i.test(request.id)) {
    const fix = 'name one of its articles';
    throw new CubeError({ kind: 'unsupported', feature: 'collections of Figshare', fix });
  }
  const [, id, named] = await matchRecordId(request.id, IDS, 'Figshare', api);
  const version = request.version?.replace(/^v/i, '') ?? named;
  if (version !== undefined && !/^\d{1,4}$/.test(version)) {
    throw new CubeError({ kind: 'invalid-argument', what: `versions of Figshare are numbers, not "${version}"` });
  }
  const { json, url } = await api.get(`v2/articles/${id!}${version === undefined ? '' : `/versions/${version}`}`);
  const article = asObject(json, url, 'the article');
  const found = version ?? (typeof article.version === 'number' ? String(article.version) : null);
  return {
    version: found,
    license: isObject(article.license) ? textOf(article.license.name) : null,
    files: await filesOf(article, { id: id!, version: found, url }, api),
  };
}

type Article = { readonly id: string; readonly version: string | null; readonly url: string };

/** The article lists its files; where their sizes do not add up to its own the list was cut and is asked for in pages. */
async function filesOf(article: JsonObject, { id, version, url }: Article, api: RepositoryApi): Promise<RemoteFile[]> {
  const listed = asObjects(article.files, url, 'files').map((file, i) => parseFile(file, url, `files[${i}]`, api));
  const total = asSize(article.size, url, 'size') ?? 0;
  const sum = listed.reduce((bytes, { size }) => bytes + (size ?? 0), 0);
  if (sum >= total || version === null) return listed;
  const all: RemoteFile[] = [];
  for (let page = 1; all.length < MAX_FILES; page++) {
    const { json, url: at } = await api.get(
      `v2/articles/${id}/versions/${version}/files?page=${page}&page_size=${PAGE_SIZE}`,
    );
    const files = asObjects(json, at, 'the list of files');
    for (const [i, file] of files.entries()) all.push(parseFile(file, at, `files[${i}]`, api));
    if (files.length < PAGE_SIZE) break;
  }
  return all;
}

function parseFile(file: JsonObject, url: string, what: string, api: RepositoryApi): RemoteFile {
  return {
    name: asText(file.name, url, `${what}.name`),
    url: api.locate(asText(file.download_url, url, `${what}.download_url`), url),
    size: asSize(file.size, url, `${what}.size`),
    checksum: asChecksum(file.computed_md5, url, { algorithm: 'md5', what: `${what}.computed_md5` }),
  };
}
