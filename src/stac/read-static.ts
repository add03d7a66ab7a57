import { CubeError, isCubeError } from '../errors.js';
import { assertAccess } from '../io/access.js';
import type { SourceFactory } from '../io/byte-source.js';
import { resolveLocation } from '../io/location.js';
import type { StacItem } from './item.js';
import { isObject, objectsOf, parseJson, textOf, type JsonObject } from './json.js';
import { parseItem, type ItemContext } from './parse-item.js';
import type { SearchOptions, SearchQuery } from './search.js';

export type ReadItems = { readonly items: readonly StacItem[]; readonly warnings: readonly string[] };

const MAX_DOCUMENTS = 1_000_000;
const CONCURRENT_DOCUMENTS = 16;

/**
 * The items of a static catalogue, collection, item or item collection, by following `child` and `item` links. Each
 * document is read once, whatever the links say.
 */
export async function readStatic(
  { stac, collections }: Pick<SearchQuery, 'stac' | 'collections'>,
  sources: SourceFactory,
  { signal, onProgress }: SearchOptions,
): Promise<ReadItems> {
  const walk = new Walk(sources, collections === undefined ? null : new Set(collections), signal, onProgress);
  walk.add({ url: stac, declaredBy: null, context: {} });
  await walk.run();
  const items = [...walk.found.keys()].sort().flatMap((url) => walk.found.get(url)!);
  return { items, warnings: walk.warnings.sort() };
}

type Document = { readonly url: string; readonly declaredBy: string | null; readonly context: ItemContext };

class Walk {
  readonly found = new Map<string, StacItem[]>();
  readonly warnings: string[] = [];
  readonly #sources: SourceFactory;
  readonly #collections: ReadonlySet<string> | null;
  readonly #signal: AbortSignal | undefined;
  readonly #onProgress: ((items: number) => void) | undefined;
  readonly #queue: Document[] = [];
  readonly #seen = new Set<string>();
  #items = 0;

  constructor(
    sources: SourceFactory,
    collections: ReadonlySet<string> | null,
    signal: AbortSignal | undefined,
    onProgress: ((items: number) => void) | undefined,
  ) {
    this.#sources = sources;
    this.#collections = collections;
    this.#signal = signal;
    this.#onProgress = onProgress;
  }

  add(document: Document): void {
    if (this.#seen.has(document.url)) return;
    if (this.#seen.size >= MAX_DOCUMENTS) {
      throw new CubeError({
        kind: 'invalid-data',
        url: document.url,
        what: `the catalogue has more than ${MAX_DOCUMENTS} documents`,
      });
    }
    this.#seen.add(document.url);
    this.#queue.push(document);
  }

  /** Work the queue off with a bounded number of reads at a time. */
  async run(): Promise<void> {
    while (this.#queue.length > 0) {
      this.#signal?.throwIfAborted();
      const batch = this.#queue.splice(0, CONCURRENT_DOCUMENTS);
      await Promise.all(batch.map((document) => this.#read(document)));
    }
  }

  async #read({ url, declaredBy, context }: Document): Promise<void> {
    const source = this.#sources.open(url, declaredBy === null ? {} : { declaredBy });
    const { bytes } = await source.read('all', this.#signal === undefined ? {} : { signal: this.#signal });
    if (bytes.length > 3 && new TextDecoder('latin1').decode(bytes.subarray(0, 4)) === 'PAR1') {
      throw new CubeError({
        kind: 'unsupported',
        feature: 'stac-geoparquet',
        url,
        fix: 'export the items as NDJSON or as an item collection',
      });
    }
    if (/\.(nd|geo)?jsonl?$/i.test(url) && isLines(bytes)) return this.#addItems(url, parseLines(bytes, url), context);
    const json = parseJson(bytes, url);
    if (!isObject(json)) throw new CubeError({ kind: 'invalid-data', url, what: 'not a STAC document' });
    const type = textOf(json['type']);
    if (type === 'Feature') return this.#addItems(url, [json], context);
    if (type === 'FeatureCollection') return this.#addItems(url, objectsOf(json['features']), context);
    if (type !== 'Catalog' && type !== 'Collection' && !('links' in json)) {
      const what = `type is ${JSON.stringify(json['type'] ?? null)}, expected Catalog, Collection, Feature or FeatureCollection`;
      throw new CubeError({ kind: 'invalid-data', url, what });
    }
    if (objectsOf(json['links']).some(({ rel }) => rel === 'search') && 'conformsTo' in json) {
      throw new CubeError({
        kind: 'unsupported',
        feature: 'STAC API search',
        url,
        fix: 'save the search as an item collection or as NDJSON',
      });
    }
    const isCollection = type === 'Collection';
    if (isCollection && this.#collections !== null && !this.#collections.has(textOf(json['id']) ?? '')) return;
    this.#follow(json, url, isCollection && isObject(json['item_assets']) ? { itemAssets: json['item_assets'] } : {});
  }

  #addItems(url: string, features: readonly JsonObject[], context: ItemContext): void {
    const items: StacItem[] = [];
    for (const feature of features) {
      try {
        items.push(parseItem(feature, url, context));
      } catch (error) {
        if (!isCubeError(error, 'invalid-data') || features.length === 1) throw error;
        this.warnings.push(`left out: ${error.problem.what}`);
      }
    }
    this.found.set(url, items);
    this.#items += items.length;
    this.#onProgress?.(this.#items);
  }

  #follow(json: JsonObject, url: string, context: ItemContext): void {
    for (const link of objectsOf(json['links'])) {
      const href = textOf(link['href']);
      if (href === null || (link['rel'] !== 'child' && link['rel'] !== 'item' && link['rel'] !== 'items')) continue;
      const target = resolveLocation(href, url);
      assertAccess(target, url);
      this.add({ url: target, declaredBy: url, context });
    }
  }
}

const NEWLINE = 10;

/** True where the first line is a whole JSON document and another follows: NDJSON. */
function isLines(bytes: Uint8Array): boolean {
  const end = bytes.indexOf(NEWLINE);
  if (end < 0 || bytes.subarray(end + 1).every((byte) => byte <= 32)) return false;
  try {
    return isObject(JSON.parse(new TextDecoder().decode(bytes.subarray(0, end))));
  } catch {
    return false;
  }
}

/** One item a line; blank lines are skipped. */
function parseLines(bytes: Uint8Array, url: string): JsonObject[] {
  const items: JsonObject[] = [];
  for (let start = 0, line = 1; start < bytes.length; line++) {
    const next = bytes.indexOf(NEWLINE, start);
    const end = next < 0 ? bytes.length : next;
    const text = bytes.subarray(start, end);
    if (text.some((byte) => byte > 32)) {
      const json = parseJson(text, url);
      if (!isObject(json))
        throw new CubeError({ kind: 'invalid-data', url, offset: start, what: `line ${line} is no item` });
      items.push(json);
    }
    start = end + 1;
  }
  return items;
}
