import { CubeError } from '../errors.js';
import type { SourceFactory } from '../io/byte-source.js';
import { isLocal, resolveLocation, schemeOf } from '../io/location.js';
import type { ApiClients, ApiRequest } from './api-client.js';
import { isApiRoot, planItemPages, planSearches } from './api-query.js';
import type { ItemCollector } from './collector.js';
import type { ItemFilter } from './filter.js';
import { isObject, objectsOf, parseJson, textOf, type JsonObject } from './json.js';
import { nextPage } from './next-page.js';
import type { ItemContext } from './parse-item.js';
import { readLines } from './read-lines.js';
import { readPagesFrom, readSearch } from './read-pages.js';

/** Which documents of a static catalogue are read, and how. */
export type DocumentOptions = {
  readonly sources: SourceFactory;
  readonly filter: ItemFilter;
  readonly collector: ItemCollector;
  readonly clients: ApiClients;
  /** Documents are asked for with the client's headers. */
  readonly withHeaders: boolean;
  readonly pageSize: number;
  readonly signal?: AbortSignal;
};

const MAX_DOCUMENTS = 1_000_000;
const CONCURRENT_DOCUMENTS = 16;

/** Catalogues nest by year, month, day, tile; a deeper one was made to be endless. */
const MAX_DEPTH = 32;

type Document = {
  readonly url: string;
  readonly declaredBy: string | null;
  readonly depth: number;
  readonly context: ItemContext;
};

/**
 * Collects the items of a catalogue, collection, item, item collection, NDJSON or stac-geoparquet file or of an API, by
 * following `child`, `item`, `items` and `next` links. Each document is read once, whatever the links say.
 */
export class DocumentWalk {
  readonly #options: DocumentOptions;
  readonly #queue: Document[] = [];
  readonly #seen = new Set<string>();

  constructor(options: DocumentOptions) {
    this.#options = options;
  }

  /** Read everything from `root` on, a bounded number of documents at a time. The first problem ends it. */
  async run(root: string): Promise<void> {
    this.#add({ url: root, declaredBy: null, depth: 0, context: {} });
    const running = new Set<Promise<void>>();
    const failures: unknown[] = [];
    while (this.#queue.length > 0 || running.size > 0) {
      const next = running.size < CONCURRENT_DOCUMENTS ? this.#queue.shift() : undefined;
      if (next === undefined) {
        await Promise.race(running);
        continue;
      }
      const task: Promise<void> = this.#read(next)
        .catch((error: unknown) => {
          failures.push(error);
          this.#queue.length = 0;
        })
        .finally(() => running.delete(task));
      running.add(task);
    }
    if (failures.length > 0) throw failures[0];
  }

  #add(document: Document): void {
    const { url, depth } = document;
    if (this.#seen.has(url)) return;
    const fail = (what: string) => new CubeError({ kind: 'invalid-data', url, what });
    if (this.#seen.size >= MAX_DOCUMENTS) throw fail(`the catalogue has more than ${MAX_DOCUMENTS} documents`);
    if (depth > MAX_DEPTH) throw fail(`the catalogue is nested deeper than ${MAX_DEPTH}`);
    this.#seen.add(url);
    this.#queue.push(document);
  }

  async #read(document: Document): Promise<void> {
    const { url, declaredBy } = document;
    const { sources, signal, filter, collector } = this.#options;
    signal?.throwIfAborted();
    const source = sources.open(url, declaredBy === null ? {} : { declaredBy });
    const read = signal === undefined ? {} : { signal };
    const path = isLocal(url) ? url : url.replace(/[?#].*$/, '');
    // Only Parquet needs DuckDB.
    const readParquet = async () => {
      const { readGeoParquet } = await import('./read-geoparquet.js');
      return readGeoParquet(url, source, { filter, collector, ...read });
    };
    if (/\.(geo)?parquet$/i.test(path)) return readParquet();
    if (/\.(ndjson|jsonl|geojsonl|ndgeojson|geojsonseq)$/i.test(path)) return this.#readLines(document);
    if (this.#usesClient(url)) {
      const request: ApiRequest = { method: 'GET', url, headers: {}, body: null };
      const answer = await this.#options.clients.of(url).send(request, signal);
      return this.#readJson(answer.json, { ...document, url: answer.url });
    }
    const { bytes } = await source.read('all', read);
    if (isParquet(bytes)) return readParquet();
    if (isLines(bytes)) return this.#readLines(document);
    return this.#readJson(parseJson(bytes, url), document);
  }

  #usesClient(url: string): boolean {
    return this.#options.withHeaders && isHttp(url);
  }

  async #readLines({ url, declaredBy, context }: Document): Promise<void> {
    const { sources, signal, collector } = this.#options;
    const source = sources.open(url, declaredBy === null ? {} : { declaredBy });
    for await (const { bytes, offset } of readLines(source, signal === undefined ? {} : { signal })) {
      signal?.throwIfAborted();
      const json = parseLine(bytes, url, offset);
      if (json['type'] === 'FeatureCollection') objectsOf(json['features']).forEach((one) => collector.add(one, url));
      else if (json['type'] === 'Collection') collector.addCollection(json);
      else collector.add(json, url, context);
    }
  }

  async #readJson(json: unknown, document: Document): Promise<void> {
    const { url, context } = document;
    const { collector, filter, pageSize } = this.#options;
    const fail = (what: string) => new CubeError({ kind: 'invalid-data', url, what });
    if (!isJsonObject(json)) throw fail('not a STAC document');
    const type = textOf(json['type']);
    if (type === 'Feature') return collector.addOnly(json, url, context);
    if (type === 'FeatureCollection') return this.#readFeatures(json, document);
    if (Array.isArray(json['collections']) && !('type' in json)) return this.#readCollections(json, document);
    if (type !== 'Catalog' && type !== 'Collection' && !('links' in json)) {
      const found = JSON.stringify(json['type'] ?? null).slice(0, 80);
      throw fail(`type is ${found}, expected Catalog, Collection, Feature or FeatureCollection`);
    }
    if (document.depth === 0 && isApiRoot(json, url)) {
      for (const search of planSearches(json, url, filter, pageSize)) {
        await readSearch(search, this.#pages(search.request.url));
      }
      return;
    }
    if (type === 'Collection') collector.addCollection(json);
    this.#follow(json, document);
    await this.#readItemPages(json, document);
  }

  /** A whole item collection, or the first page of one that a server cut into pages. */
  async #readFeatures(json: JsonObject, { url, context }: Document): Promise<void> {
    const { collector } = this.#options;
    const request: ApiRequest = { method: 'GET', url, headers: {}, body: null };
    if (isHttp(url) && nextPage(json, request, url) !== null) {
      return readPagesFrom({ json, url }, request, this.#pages(url));
    }
    if (!Array.isArray(json['features'])) {
      throw new CubeError({ kind: 'invalid-data', url, what: 'a FeatureCollection without features' });
    }
    if (objectsOf(json['links']).some(({ rel }) => rel === 'next')) {
      collector.warn(`${url} is one page of a search: it links to a next one, which is not read`);
    }
    for (const feature of json['features']) collector.add(feature, url, context);
  }

  /** The collections of an API without search. */
  async #readCollections(json: JsonObject, document: Document): Promise<void> {
    for (const collection of objectsOf(json['collections'])) {
      this.#options.collector.addCollection(collection);
      this.#follow(collection, document);
      await this.#readItemPages(collection, document);
    }
    for (const { rel, href } of objectsOf(json['links']))
      if (rel === 'next') this.#link(href, document, document.context);
  }

  #follow(json: JsonObject, document: Document): void {
    if (this.#isUnwanted(json)) return;
    const itemAssets = json['item_assets'];
    const context = isJsonObject(itemAssets) ? { ...document.context, itemAssets } : document.context;
    const links = objectsOf(json['links']);
    const children = links.filter(
      ({ rel }) => rel === 'child' || rel === 'item' || (rel === 'items' && itemPagesOf(json, document) === null),
    );
    for (const { href } of children) this.#link(href, document, context);
    const isLanding = 'conformsTo' in json && !children.some(({ rel }) => rel === 'child');
    for (const { rel, href } of links) if (rel === 'data' && isLanding) this.#link(href, document, context);
  }

  /** The items of a collection that is served by an API come in pages, by box and time. */
  async #readItemPages(json: JsonObject, document: Document): Promise<void> {
    const { filter, pageSize, signal, sources } = this.#options;
    const target = itemPagesOf(json, document);
    if (target === null || this.#isUnwanted(json)) return;
    sources.open(target, { declaredBy: document.url }); // for its policy
    if (this.#seen.has(target)) return;
    this.#seen.add(target);
    for (const request of planItemPages(target, filter, pageSize)) {
      const pages = this.#pages(target);
      await readPagesFrom(await pages.client.send(request, signal), request, pages);
    }
  }

  #isUnwanted(json: JsonObject): boolean {
    const { collections } = this.#options.filter;
    return json['type'] === 'Collection' && collections !== null && !collections.has(textOf(json['id']) ?? '');
  }

  #link(href: unknown, { url, depth }: Document, context: ItemContext): void {
    if (typeof href !== 'string' || href === '') return;
    this.#add({ url: resolveLocation(href, url), declaredBy: url, depth: depth + 1, context });
  }

  #pages(url: string) {
    const { clients, collector, signal } = this.#options;
    return { client: clients.of(url), collector, ...(signal === undefined ? {} : { signal }) };
  }
}

/** An `items` link to HTTP is an API's; beside a file it is a plain item collection. */
function itemPagesOf(json: JsonObject, { url }: Document): string | null {
  const href = textOf(objectsOf(json['links']).find(({ rel }) => rel === 'items')?.['href']);
  if (json['type'] !== 'Collection' || href === null) return null;
  const target = resolveLocation(href, url);
  return isHttp(target) ? target : null;
}

function isJsonObject(json: unknown): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function isHttp(url: string): boolean {
  const scheme = schemeOf(url);
  return scheme === 'http' || scheme === 'https';
}

function isParquet(bytes: Uint8Array): boolean {
  return bytes.length >= 12 && [0x50, 0x41, 0x52, 0x31].every((byte, index) => bytes[index] === byte);
}

/** True where the first line is a whole item and another line follows: NDJSON under another name. */
function isLines(bytes: Uint8Array): boolean {
  const end = bytes.indexOf(10);
  if (end < 0 || bytes.subarray(end + 1).every((byte) => byte <= 32)) return false;
  try {
    return isObject(JSON.parse(new TextDecoder().decode(bytes.subarray(0, end))));
  } catch {
    return false;
  }
}

function parseLine(bytes: Uint8Array, url: string, offset: number): JsonObject {
  try {
    const json = parseJson(bytes, url);
    if (isObject(json)) return json;
  } catch (cause) {
    if (!(cause instanceof CubeError) || cause.problem.kind !== 'invalid-data') throw cause;
    throw new CubeError({ kind: 'invalid-data', url, offset, what: cause.problem.what }, { cause });
  }
  throw new CubeError({ kind: 'invalid-data', url, offset, what: 'a line that is no item' });
}
