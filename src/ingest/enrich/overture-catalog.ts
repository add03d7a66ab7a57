import { CubeError } from '../../errors.js';
import { assertAccess } from '../../io/access.js';
import type { SourceFactory } from '../../io/byte-source.js';
import { resolveLocation } from '../../io/location.js';
import { runLanes } from '../../io/run-lanes.js';
import { isObject, objectsOf, parseJson, textOf, type JsonObject } from '../../stac/json.js';

/** Where Overture tells its releases. Old ones are taken down after some two months. */
export const OVERTURE_CATALOG = 'https://stac.overturemaps.org/catalog.json';

/** A type of features of one release is some hundred files. */
const MAX_FILES = 10_000;
const LANES = 8;

/** A release of Overture's maps. */
export type OvertureRelease = { readonly release: string; readonly url: string };

/** A Parquet file of a release. */
export type OvertureFile = {
  readonly href: string;
  /** West, south, east, north of all that is in it; null where the catalogue does not say. */
  readonly box: readonly [number, number, number, number] | null;
};

/** How the catalogue is read. */
export type CatalogReader = {
  readonly sources: SourceFactory;
  /** Origins that files may lie at although their addresses are private. */
  readonly allowedOrigins: readonly string[];
  readonly signal?: AbortSignal | undefined;
};

/** The release of that name, the latest one where none is named. Problem: `not-found` where the catalogue has it not. */
export async function findRelease(
  reader: CatalogReader,
  { catalog = OVERTURE_CATALOG, release }: { readonly catalog?: string; readonly release?: string },
): Promise<OvertureRelease> {
  const root = await readDocument(reader, catalog, null);
  const wanted = release ?? textOf(root['latest']);
  if (wanted === null)
    throw new CubeError({ kind: 'invalid-data', url: catalog, what: 'it does not say which release is the latest' });
  return { release: wanted, url: childOf(root, catalog, wanted) };
}

/** The files of a type of features. Problems: `not-found`, `invalid-data`, `forbidden` for a file that may not be named. */
export async function listFiles(
  reader: CatalogReader,
  { url }: OvertureRelease,
  theme: string,
  type: string,
): Promise<OvertureFile[]> {
  const release = await readDocument(reader, url, null);
  const themeUrl = childOf(release, url, theme);
  const typeUrl = childOf(await readDocument(reader, themeUrl, url), themeUrl, type);
  const collection = await readDocument(reader, typeUrl, themeUrl);
  const items = linksOf(collection, typeUrl, 'item');
  if (items.length === 0 || items.length > MAX_FILES) {
    throw new CubeError({
      kind: 'invalid-data',
      url: typeUrl,
      what: `${items.length} items, expected 1 to ${MAX_FILES}`,
    });
  }
  const files: OvertureFile[] = [];
  await runLanes(items.entries(), LANES, async ([place, item]) => {
    files[place] = fileOf(await readDocument(reader, item, typeUrl), item, reader.allowedOrigins);
  });
  return files;
}

async function readDocument(
  { sources, signal }: CatalogReader,
  url: string,
  declaredBy: string | null,
): Promise<JsonObject> {
  const source = sources.open(url, declaredBy === null ? {} : { declaredBy });
  const { bytes } = await source.read('all', signal === undefined ? {} : { signal });
  const json = parseJson(bytes, url);
  if (isObject(json)) return json;
  throw new CubeError({ kind: 'invalid-data', url, what: 'not a STAC document' });
}

function linksOf(document: JsonObject, url: string, rel: string): string[] {
  const links = objectsOf(document['links']).filter((link) => link['rel'] === rel);
  return links.flatMap(({ href }) => (typeof href === 'string' ? [resolveLocation(href, url)] : []));
}

/** The child whose folder has that name. */
function childOf(document: JsonObject, url: string, name: string): string {
  const children = linksOf(document, url, 'child');
  const found = children.find((child) => child.split('/').at(-2) === name);
  if (found !== undefined) return found;
  const names = children.map((child) => child.split('/').at(-2)).join(', ');
  throw new CubeError({ kind: 'not-found', url, what: `"${name}"; there are: ${names}` });
}

/** The asset on AWS over HTTPS, or the first one that is Parquet. */
function fileOf(item: JsonObject, url: string, allowedOrigins: readonly string[]): OvertureFile {
  const assets = isObject(item['assets']) ? item['assets'] : {};
  const hrefs = [assets['aws'], ...Object.values(assets)].flatMap((asset) =>
    isObject(asset) && typeof asset['href'] === 'string' && /\.parquet$/i.test(asset['href']) ? [asset['href']] : [],
  );
  if (hrefs[0] === undefined)
    throw new CubeError({ kind: 'invalid-data', url, what: 'an item without a Parquet file' });
  const href = resolveLocation(hrefs[0], url);
  assertAccess(href, url, allowedOrigins);
  const box = Array.isArray(item['bbox']) ? item['bbox'] : [];
  const [west, south, east, north] = box.length === 6 ? [box[0], box[1], box[3], box[4]] : box;
  const isBox = [west, south, east, north].every((value) => typeof value === 'number');
  return { href, box: isBox ? [Number(west), Number(south), Number(east), Number(north)] : null };
}
