import { isCubeError, CubeError } from '../errors.js';
import type { SourceFactory } from '../io/byte-source.js';
import type { RetryOptions } from '../io/with-retries.js';
import { ApiClients } from './api-client.js';
import { ItemCollector, type ReadItems, type WholeItem } from './collector.js';
import type { ItemFilter } from './filter.js';
import { parseInterval } from './interval.js';
import { boxOfGeometry, wrapBox, type LonLatBox } from './item-box.js';
import type { ItemSearch, Json } from './item.js';
import { assertJson, isObject, type JsonObject } from './json.js';
import { assertQuery } from './query-operators.js';
import { DocumentWalk } from './read-documents.js';
import { latestVersions } from './versions.js';

/** Which items are wanted. */
export type SearchQuery = {
  /** Absolute URL or path of a catalogue, collection, item, item collection, API root, .parquet or .ndjson. */
  readonly stac: string;
  readonly collections?: readonly string[];
  /** RFC 3339 instant or closed interval, open ends with "..". */
  readonly datetime?: string;
  readonly ids?: readonly string[];
  /** west, south, east, north; west > east crosses the antimeridian. */
  readonly bbox?: readonly number[];
  /** GeoJSON geometry. APIs compare it with the items' geometry; elsewhere its box counts. */
  readonly intersects?: unknown;
  /** STAC query extension: { property: { lt: 10 } }. */
  readonly query?: { readonly [property: string]: unknown };
  /** Most items to take, in (time, id) order. */
  readonly limit?: number;
};

/** What `harvestItems` gives. */
export type Harvest = {
  readonly items: readonly WholeItem[];
  readonly collections: readonly JsonObject[];
  readonly warnings: readonly string[];
};

/** How items are searched. */
export type SearchOptions = {
  readonly signal?: AbortSignal;
  /** HTTP headers for the server that `stac` lies on, and for no other. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Told how many items match so far. */
  readonly onProgress?: (items: number) => void;
  /** Items in one answer of an API; the result does not depend on it. Default 100. */
  readonly pageSize?: number;
  readonly retries?: RetryOptions;
};

/**
 * Find the items that a query matches, each once, in (time, id) order; of two versions of one acquisition the latest
 * processing. What a search saw and did not use is in `dropped` with the reason.
 */
export async function searchItems(
  query: SearchQuery,
  sources: SourceFactory,
  options: SearchOptions = {},
): Promise<ItemSearch> {
  const filter = parseFilter(query);
  const collector = new ItemCollector(filter, options.onProgress);
  const { items, warnings } = await collectItems(query.stac, collector, sources, options);
  const { kept, dropped } = latestVersions(items);
  const sorted = kept.toSorted((a, b) => a.timeMs - b.timeMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  return { items: query.limit === undefined ? sorted : sorted.slice(0, query.limit), dropped, warnings };
}

/**
 * The same items with the JSON that they were parsed from, all versions of an acquisition, in (time, id) order, and the collections
 * that were met: for those who keep a catalogue and do not read its pixels.
 */
export async function harvestItems(
  query: Omit<SearchQuery, 'limit'>,
  sources: SourceFactory,
  options: SearchOptions = {},
): Promise<Harvest> {
  const collector = new ItemCollector(parseFilter(query), options.onProgress, true);
  const { warnings } = await collectItems(query.stac, collector, sources, options);
  const items = collector.whole().sort((a, b) => a.item.timeMs - b.item.timeMs || (a.item.id < b.item.id ? -1 : 1));
  return { items, collections: collector.collections, warnings };
}

async function collectItems(
  stac: string,
  collector: ItemCollector,
  sources: SourceFactory,
  { signal, headers = {}, pageSize = 100, retries = {} }: SearchOptions,
): Promise<ReadItems> {
  const { filter } = collector;
  const clients = new ApiClients(stac, { headers, retries });
  try {
    const walk = new DocumentWalk({
      sources,
      filter,
      collector,
      clients,
      withHeaders: Object.keys(headers).length > 0,
      pageSize,
      ...(signal === undefined ? {} : { signal }),
    });
    await walk.run(stac);
    return collector.result();
  } finally {
    await clients.close();
  }
}

function parseFilter({ collections, datetime, ids, bbox, intersects, query = {} }: SearchQuery): ItemFilter {
  if (bbox !== undefined && intersects !== undefined) {
    const what = 'a search has either bbox or intersects';
    throw new CubeError({ kind: 'invalid-spec', path: 'source.intersects', what, fix: 'leave one of them out' });
  }
  const conditions = specJson(query, 'source.query');
  if (!isObject(conditions)) throw new CubeError({ kind: 'invalid-spec', path: 'source.query', what: 'not an object' });
  assertQuery(conditions);
  const geometry = intersects === undefined ? null : specJson(intersects, 'source.intersects');
  return {
    collections: collections === undefined ? null : new Set(collections),
    interval: datetime === undefined ? null : parseInterval(datetime),
    ids: ids === undefined ? null : new Set(ids),
    bbox: bbox !== undefined ? parseBbox(bbox) : geometry === null ? null : parseIntersects(geometry),
    intersects: geometry,
    query: conditions,
  };
}

/** Four numbers, or six with heights, which are left out. */
function parseBbox(bbox: readonly number[]): LonLatBox {
  const [west, south, east, north] = bbox.length === 6 ? [bbox[0], bbox[1], bbox[3], bbox[4]] : bbox;
  const fail = (what: string) => new CubeError({ kind: 'invalid-spec', path: 'source.bbox', what });
  if ((bbox.length !== 4 && bbox.length !== 6) || !bbox.every(Number.isFinite)) {
    throw fail('expected west, south, east, north');
  }
  if (south! > north! || south! < -90 || north! > 90)
    throw fail(`south ${south} and north ${north} are no latitudes in order`);
  return wrapBox([west!, south!, east!, north!]);
}

function parseIntersects(geometry: Json): LonLatBox {
  const box = boxOfGeometry(geometry);
  if (box !== null) return box;
  throw new CubeError({ kind: 'invalid-spec', path: 'source.intersects', what: 'not a GeoJSON geometry' });
}

function specJson(value: unknown, path: string): Json {
  try {
    assertJson(value, path);
    return value;
  } catch (cause) {
    if (!isCubeError(cause, 'invalid-data')) throw cause;
    throw new CubeError({ kind: 'invalid-spec', path, what: cause.problem.what }, { cause });
  }
}
