import { isAbsolute } from 'node:path';
import { CubeError, isCubeError, redactUrl } from '../errors.js';
import { assertAccess } from '../io/access.js';
import { resolveLocation, schemeOf } from '../io/location.js';
import { parseInstant } from './interval.js';
import { itemBox, type LonLatBox } from './item-box.js';
import type { BrokenAsset, Json, RasterAsset, StacItem } from './item.js';
import { assertJson, isObject, objectsOf, textOf, type JsonObject } from './json.js';
import { parseBands } from './parse-bands.js';
import { parseProjection } from './parse-projection.js';

/** What is known of an item from outside. */
export type ItemContext = {
  /** `item_assets` of the collection: fields that assets of the same key lack. */
  readonly itemAssets?: JsonObject;
  /** The item came in an API's answer: relative hrefs are relative to its `self` link, not to the answer. */
  readonly fromApi?: boolean;
};

/**
 * Parse a STAC item (1.0, 1.1, and older ones that differ in nothing we read). `url` is where it was read: relative
 * hrefs are relative to it, and a remote item may not name local files or private addresses. An asset that breaks these
 * rules is put into `brokenAssets`. Error: `invalid-data` naming the item and the field.
 */
export function parseItem(json: unknown, url: string, context: ItemContext = {}): StacItem {
  assertJson(json, url);
  if (!isObject(json)) throw invalid(url, 'an item must be an object');
  const id = textOf(json['id']);
  if (id === null || id === '') throw invalid(url, `id is ${show(json['id'])}, expected a text`);
  const fail = (what: string) => invalid(url, `item ${id}: ${what}`);
  const { properties, collection = null, geometry = null, assets = {} } = json;
  if (json['type'] !== 'Feature') throw fail(`type is ${show(json['type'])}, expected "Feature"`);
  if (!isObject(properties)) throw fail(`properties is ${show(properties)}, expected an object`);
  if (!isObject(assets)) throw fail(`assets is ${show(assets)}, expected an object`);
  if (collection !== null && typeof collection !== 'string') throw fail(`collection is ${show(collection)}`);
  if (geometry !== null && !isObject(geometry)) throw fail(`geometry is ${show(geometry)}, expected GeoJSON or null`);
  const parsed = parseAssets(assets, { properties, base: baseOf(json, url, context), url, context });
  return {
    id,
    collection,
    url: redactUrl(url),
    timeMs: timeOf(properties, fail),
    geometry,
    bbox: itemBox(parseBox(json['bbox'], fail), geometry),
    properties,
    ...parsed,
  };
}

type AssetContext = {
  readonly properties: JsonObject;
  readonly base: string;
  readonly url: string;
  readonly context: ItemContext;
};

function parseAssets(assets: JsonObject, context: AssetContext): Pick<StacItem, 'assets' | 'brokenAssets'> {
  const usable: RasterAsset[] = [];
  const broken: BrokenAsset[] = [];
  for (const [key, value] of Object.entries(assets)) {
    try {
      usable.push(parseAsset(key, value, context));
    } catch (error) {
      if (!isCubeError(error)) throw error;
      broken.push({ key, problem: error.problem });
    }
  }
  return broken.length === 0 ? { assets: usable } : { assets: usable, brokenAssets: broken };
}

function parseAsset(key: string, value: Json, { properties, base, url, context }: AssetContext): RasterAsset {
  const fail = (what: string) => invalid(url, `asset "${key}": ${what}`);
  if (!isObject(value)) throw fail(`is ${show(value)}, expected an object`);
  const shared = context.itemAssets?.[key];
  const asset: JsonObject = isObject(shared) ? { ...shared, ...value } : value;
  const written = textOf(asset['href']);
  if (written === null || written === '') throw fail(`href is ${show(asset['href'])}, expected a URL or a path`);
  const { roles } = asset;
  return {
    key,
    href: resolveHref(written, base, url, fail),
    mediaType: textOf(asset['type']),
    roles: Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [],
    title: textOf(asset['title']),
    bands: parseBands(asset, properties),
    classes: hasClasses(asset),
    ...parseProjection(asset, properties),
  };
}

function resolveHref(written: string, base: string, url: string, fail: (what: string) => CubeError): string {
  let href: string;
  try {
    href = resolveLocation(written, base);
  } catch (error) {
    if (!isCubeError(error, 'invalid-argument')) throw error;
    throw fail(error.problem.what);
  }
  assertAccess(href, url);
  return href;
}

/** `classification:*` on the asset or on one of its bands. */
function hasClasses(asset: JsonObject): boolean {
  const has = (object: JsonObject) => 'classification:classes' in object || 'classification:bitfields' in object;
  const lists = ['bands', 'raster:bands', 'eo:bands'].map((name) => asset[name]);
  return has(asset) || lists.some((list) => Array.isArray(list) && list.some((band) => isObject(band) && has(band)));
}

/** Relative hrefs are relative to where the item was read; its `self` link counts where there is no such place. */
function baseOf(json: JsonObject, url: string, { fromApi = false }: ItemContext): string {
  if (!fromApi && (schemeOf(url) !== null || isAbsolute(url))) return url;
  const self = textOf(objectsOf(json['links']).find(({ rel }) => rel === 'self')?.['href']);
  return self !== null && /^https?:/.test(self) && URL.canParse(self) ? self : url;
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
function parseBox(value: Json | undefined, fail: (what: string) => CubeError): LonLatBox | null {
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
