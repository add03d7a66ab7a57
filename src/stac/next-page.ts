import { assertAccess } from '../io/access.js';
import type { HttpHeaders } from '../io/http-request.js';
import { resolveLocation, schemeOf } from '../io/location.js';
import type { ApiRequest } from './api-client.js';
import { isObject, objectsOf, textOf, type JsonObject } from './json.js';
import type { Json } from './item.js';

/** Headers that only the connection itself may set. */
const RESERVED = new Set([
  'host',
  'connection',
  'content-length',
  'content-type',
  'transfer-encoding',
  'accept-encoding',
]);

/**
 * The request for the page behind `page`, or null where it is the last (STAC API "Pagination"): the link's method, its
 * body (with `merge` on top of the last one) and headers. `url` is where the page was read. Problem: `forbidden`.
 */
export function nextPage(page: JsonObject, request: ApiRequest, url: string): ApiRequest | null {
  const link = objectsOf(page['links']).find(({ rel }) => rel === 'next');
  const href = textOf(link?.['href']);
  if (link === undefined || href === null || href === '') return null;
  const target = keepHttps(resolveLocation(href, url), url);
  assertAccess(target, url);
  const scheme = schemeOf(target);
  if (scheme !== 'http' && scheme !== 'https') return null;
  const merge = link['merge'] === true;
  const headers = { ...(merge ? request.headers : {}), ...linkHeaders(link['headers']) };
  if (textOf(link['method'])?.toUpperCase() !== 'POST') return { method: 'GET', url: target, headers, body: null };
  const body = isObject(link['body']) ? link['body'] : null;
  return { method: 'POST', url: target, headers, body: merge || body === null ? { ...request.body, ...body } : body };
}

/** Identifies a request, to notice pages that go round in circles. */
export function requestKey({ method, url, headers, body }: ApiRequest): string {
  return JSON.stringify([method, url, headers, body]);
}

/** APIs behind proxies name their own pages with http: although they are asked with https:. */
function keepHttps(target: string, from: string): string {
  if (!target.startsWith('http:') || !from.startsWith('https:')) return target;
  const url = new URL(target);
  if (url.hostname === new URL(from).hostname) url.protocol = 'https:';
  return url.href;
}

function linkHeaders(value: Json | undefined): HttpHeaders {
  if (!isObject(value)) return {};
  const entries = Object.entries(value).flatMap(([name, one]) => {
    const plain = Array.isArray(one) && one.length === 1 ? one[0] : one;
    const legal = /^[\w-]{1,100}$/.test(name) && !RESERVED.has(name.toLowerCase());
    return legal && typeof plain === 'string' && /^[\x20-\x7e]*$/.test(plain) ? [[name, plain] as const] : [];
  });
  return Object.fromEntries(entries);
}
