import { CubeError, redactUrl } from '../errors.js';
import { assertAccess } from '../io/access.js';
import { resolveLocation } from '../io/location.js';
import { parseInstant } from './interval.js';
import type { Json, RasterAsset, StacItem } from './item.js';
import { assertJson, isObject, textOf, type JsonObject } from './json.js';
import { parseBands } from './parse-bands.js';
import { parseProjection } from './parse-projection.js';

/** What a collection says for all its items. */
export type ItemContext = {
  /** `item_assets` of the collection: fields that assets of the same key lack. */
  readonly itemAssets?: JsonObject;
};

/**
 * Parse a STAC item (1.0, 1.1, and older ones that differ in nothing we read). `url` is where it was read: relative
 * hrefs are relative to it, and a remote item may not name local files or private addresses. Errors: `invalid-data`
 * naming the item and the field, `forbidden` for an href that it may not name.
 */
export function parseItem(json: unknown, url: string, context: ItemContext = {}): StacItem {
  assertJson(json, url);
  if (!isObject(json)) throw invalid(url, 'an item must be an object');
  const id = textOf(json['id']);
  if (id === null || id === '') throw invalid(url, 'an item needs an id');
  const fail = (what: string) => invalid(url, `item ${id}: ${what}`);
  const properties = json['properties'];
  if (json['type'] !== 'Feature') throw fail(`type is ${show(json['type'])}, expected "Feature"`);
  if (!isObject(properties)) throw fail('properties is not an object');
  const assets = json['assets'] ?? {};
  if (!isObject(assets)) throw fail('assets is not an object');
  const base = baseOf(json, url);
  return {
    id,
    collection: textOf(json['collection']),
    url: redactUrl(url),
    timeMs: timeOf(properties, fail),
    geometry: isObject(json['geometry']) ? json['geometry'] : null,
    bbox: bboxOf(json['bbox'], fail),
    properties,
    assets: Object.entries(assets).flatMap(([key, asset]) =>
      parseAsset(key, asset, { json, properties, base, url, context }),
    ),
  };
}

type AssetContext = {
  readonly json: JsonObject;
  readonly properties: JsonObject;
  readonly base: string;
  readonly url: string;
  readonly context: ItemContext;
};

/** An asset without a usable href is left out: it only matters when it is asked for. */
function parseAsset(key: string, value: Json, { properties, base, url, context }: AssetContext): RasterAsset[] {
  if (!isObject(value)) return [];
  const shared = context.itemAssets?.[key];
  const asset: JsonObject = isObject(shared) ? { ...shared, ...value } : value;
  const written = textOf(asset['href']);
  if (written === null || written === '') return [];
  const href = resolveHref(written, base);
  if (href === null) return [];
  assertAccess(href, url);
  const bands = parseBands(asset, properties);
  return [
    {
      key,
      href,
      mediaType: textOf(asset['type']),
      roles: Array.isArray(asset['roles']) ? asset['roles'].filter((role) => typeof role === 'string') : [],
      title: textOf(asset['title']),
      bands,
      classes: hasClasses(asset),
      ...parseProjection(asset, properties),
    },
  ];
}

function resolveHref(written: string, base: string): string | null {
  try {
    return resolveLocation(written, base);
  } catch {
    return null;
  }
}

/** `classification:*` on the asset or on one of its bands. */
function hasClasses(asset: JsonObject): boolean {
  const has = (object: JsonObject) => 'classification:classes' in object || 'classification:bitfields' in object;
  const lists = ['bands', 'raster:bands', 'eo:bands'].map((name) => asset[name]);
  return has(asset) || lists.some((list) => Array.isArray(list) && list.some((band) => isObject(band) && has(band)));
}

/** Relative hrefs are relative to where the item was read; its `self` link only counts where there is no such place. */
function baseOf(json: JsonObject, url: string): string {
  if (/^(?:[a-z][a-z0-9+.-]*:|\/)/i.test(url)) return url;
  const links = Array.isArray(json['links']) ? json['links'].filter(isObject) : [];
  return textOf(links.find(({ rel }) => rel === 'self')?.['href']) ?? url;
}

/** `datetime`, else `start_datetime`, else `end_datetime` (T1). */
function timeOf(properties: JsonObject, fail: (what: string) => CubeError): number {
  for (const name of ['datetime', 'start_datetime', 'end_datetime']) {
    const value = properties[name];
    if (value === undefined || value === null) continue;
    const time = typeof value === 'string' ? parseInstant(value) : null;
    if (time === null) throw fail(`${name} is ${show(value)}, expected an RFC 3339 time`);
    return time;
  }
  throw fail('no datetime, start_datetime or end_datetime');
}

/** Boxes of four or six numbers; heights are left out. */
function bboxOf(value: Json | undefined, fail: (what: string) => CubeError): StacItem['bbox'] {
  if (value === undefined || value === null) return null;
  const numbers = Array.isArray(value) ? value.filter((entry) => typeof entry === 'number') : [];
  if (!Array.isArray(value) || numbers.length !== value.length || (value.length !== 4 && value.length !== 6)) {
    throw fail(`bbox is ${show(value)}, expected four or six numbers`);
  }
  const half = numbers.length / 2;
  return [numbers[0]!, numbers[1]!, numbers[half]!, numbers[half + 1]!];
}

function show(value: Json | undefined): string {
  return (JSON.stringify(value) ?? 'missing').slice(0, 80);
}

function invalid(url: string, what: string): CubeError {
  return new CubeError({ kind: 'invalid-data', url, what });
}
