import { isLocal, resolveLocation, schemeOf } from '../io/location.js';
import { assertAccess } from '../io/access.js';
import { CubeError } from '../errors.js';
import type { ApiRequest } from './api-client.js';
import type { ItemFilter } from './filter.js';
import { formatInterval } from './interval.js';
import { splitBox, type LonLatBox } from './item-box.js';
import { objectsOf, textOf, type JsonObject } from './json.js';

/** Ids in one request; more would make the URL of a GET too long for some servers. */
const MAX_IDS = 100;

/** One search of an API: the request to try first, and another way where the API refuses that. */
export type ApiSearch = { readonly request: ApiRequest; readonly fallback: ApiRequest | null };

/** True for the root of a STAC API with item search; a local copy must say so in `conformsTo`. */
export function isApiRoot(json: JsonObject, url: string): boolean {
  const hasSearch = objectsOf(json['links']).some(({ rel }) => rel === 'search');
  return hasSearch && ('conformsTo' in json || !isLocal(url)) && json['type'] !== 'Feature';
}

/**
 * The searches whose union is the answer: two for a box across the antimeridian (G10), one for each hundred ids. POST
 * where the root names it, else GET. `query` is only sent to APIs that conform to it; the caller filters again anyway.
 */
export function planSearches(root: JsonObject, url: string, filter: ItemFilter, pageSize: number): ApiSearch[] {
  const links = objectsOf(root['links']).filter(({ rel }) => rel === 'search');
  const endpoint = (method: string) => {
    const link = links.find((one) => (textOf(one['method'])?.toUpperCase() ?? 'GET') === method);
    const href = textOf(link?.['href']);
    if (href === null) return null;
    const target = resolveLocation(href, url);
    assertAccess(target, url);
    if (!/^https?$/.test(schemeOf(target) ?? '')) {
      throw new CubeError({ kind: 'invalid-data', url, what: 'its search link is no http(s) URL' });
    }
    return target;
  };
  const [post, get] = [endpoint('POST'), endpoint('GET')];
  const sendsQuery = Object.keys(filter.query).length > 0 && conformsToQuery(root);
  return searchParameters(filter, pageSize, sendsQuery).map((parameters) => {
    const requests = [
      ...(post === null ? [] : [postRequest(post, parameters)]),
      ...(get === null ? [] : [getRequest(get, parameters)]),
    ];
    const [request, fallback = null] = requests;
    if (request === undefined) throw new CubeError({ kind: 'invalid-data', url, what: 'its search link has no href' });
    return { request, fallback };
  });
}

/** The requests for the items of one collection of an API (OGC API Features): by box and time, not by anything else. */
export function planItemPages(itemsUrl: string, filter: ItemFilter, pageSize: number): ApiRequest[] {
  const plain: ItemFilter = { ...filter, collections: null, ids: null, query: {}, intersects: null };
  return searchParameters(plain, pageSize, false).map((parameters) => getRequest(itemsUrl, parameters));
}

function searchParameters(filter: ItemFilter, pageSize: number, sendsQuery: boolean): JsonObject[] {
  const { collections, interval, ids, bbox, intersects, query } = filter;
  const datetime = interval === null ? null : formatInterval(interval);
  const common: JsonObject = {
    limit: pageSize,
    ...(collections === null ? {} : { collections: [...collections].sort() }),
    ...(datetime === null ? {} : { datetime }),
    ...(sendsQuery ? { query } : {}),
  };
  const places: JsonObject[] = intersects !== null ? [{ intersects }] : boxesOf(bbox).map((box) => ({ bbox: box }));
  const idParts = ids === null ? [null] : partsOf([...ids].sort());
  return (places.length === 0 ? [{}] : places).flatMap((place) =>
    idParts.map((part) => ({ ...common, ...place, ...(part === null ? {} : { ids: part }) })),
  );
}

function boxesOf(bbox: LonLatBox | null): LonLatBox[] {
  return bbox === null ? [] : splitBox(bbox);
}

function partsOf(ids: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(ids.length / MAX_IDS) }, (_, i) => ids.slice(i * MAX_IDS, (i + 1) * MAX_IDS));
}

function postRequest(url: string, body: JsonObject): ApiRequest {
  return { method: 'POST', url, headers: {}, body };
}

/** Lists are joined by commas, objects are JSON (STAC API "Query parameters"). */
function getRequest(href: string, parameters: JsonObject): ApiRequest {
  const url = new URL(href);
  for (const [name, value] of Object.entries(parameters)) {
    const text = Array.isArray(value)
      ? value.join(',')
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value);
    url.searchParams.set(name, text);
  }
  return { method: 'GET', url: url.href, headers: {}, body: null };
}

function conformsToQuery(root: JsonObject): boolean {
  const classes = root['conformsTo'];
  return Array.isArray(classes) && classes.some((one) => typeof one === 'string' && one.endsWith('#query'));
}
