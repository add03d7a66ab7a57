import { createHash } from 'node:crypto';
import { isCubeError } from '../../errors.js';
import { assertAccess } from '../../io/access.js';
import { resolveLocation } from '../../io/location.js';
import { unsignedUrl } from '../../io/unsigned-url.js';
import type { WholeItem } from '../../stac/collector.js';
import { parseInstant } from '../../stac/interval.js';
import type { Json } from '../../stac/item.js';
import { isObject, numberOf, objectsOf, textOf, type JsonObject } from '../../stac/json.js';
import { coordinateArrays } from '../../vector/raw-geometry.js';
import type { Geometry } from '../../vector/label.js';
import { boundsOf } from '../../vector/ring-maths.js';
import { formatWkb } from '../../vector/wkb.js';
import { s2TokensOf } from './footprints.js';
import type { StacItemRow } from './tables.js';

/** Raised whenever the same item would become another row. */
const ROW_VERSION = 1;

/** What a row has besides its item. */
export type RowContext = {
  readonly source: string;
  readonly fetchedMs: number;
  /** Levels of the S2 cells of footprints; none are wanted where it is empty. */
  readonly s2Levels: readonly number[];
};

/**
 * The row of an item. Hrefs of assets and links are absolute and lose their signatures; assets that a remote item may not name (local
 * files, private addresses) are left out, for whoever reads the row trusts the lake.
 */
export function itemRow(
  { item, json }: WholeItem,
  footprint: Geometry | null,
  { source, fetchedMs, s2Levels }: RowContext,
): StacItemRow {
  const { properties, bbox } = item;
  const usable = new Map(item.assets.map(({ key, href }) => [key, href]));
  const assets = assetsOf(json['assets'], usable);
  const links = linksOf(json['links'], item.url);
  const wkb = footprint === null ? null : formatWkb(footprint);
  const own = {
    itemId: item.id,
    collection: item.collection,
    datetimeMs: instantOf(properties['datetime']),
    startMs: instantOf(properties['start_datetime']),
    endMs: instantOf(properties['end_datetime']),
    bbox,
    cloudCover: finiteOf(properties['eo:cloud_cover']),
    platform: textOf(properties['platform']),
    gsd: finiteOf(properties['gsd']),
    stacVersion: textOf(json['stac_version']),
    stacExtensions: JSON.stringify(Array.isArray(json['stac_extensions']) ? json['stac_extensions'] : []),
    assets: JSON.stringify(assets),
    links: JSON.stringify(links),
    properties: JSON.stringify(unsignedJson(properties)),
    selfHref: textOf(links.find(({ rel }) => rel === 'self')?.['href']),
  };
  const s2Tokens = footprint === null || s2Levels.length === 0 ? null : s2TokensOf(footprint, s2Levels);
  // Without tokens the hash is that of rows which had no such column.
  const hashed = s2Tokens === null ? [ROW_VERSION, own] : [ROW_VERSION, own, s2Tokens];
  const hash = createHash('sha256').update(JSON.stringify(hashed));
  return {
    ...own,
    s2Tokens,
    wkb,
    bounds: footprint === null ? null : boundsOf(...coordinateArrays(footprint)),
    source,
    contentHash: (wkb === null ? hash : hash.update(wkb)).digest('hex'),
    fetchedMs,
  };
}

function assetsOf(assets: Json | undefined, usable: ReadonlyMap<string, string>): JsonObject {
  if (!isObject(assets)) return {};
  const kept = Object.entries(assets).flatMap(([key, asset]) => {
    const href = usable.get(key);
    if (href === undefined || !isObject(asset)) return [];
    return [[key, { ...unsignedJson(asset), href: unsignedUrl(href) }] as const];
  });
  return Object.fromEntries(kept);
}

function linksOf(links: Json | undefined, url: string): JsonObject[] {
  return objectsOf(links).flatMap((link) => {
    const { href } = link;
    if (typeof href !== 'string' || href === '') return [];
    try {
      const absolute = resolveLocation(href, url);
      assertAccess(absolute, url);
      return [{ ...unsignedJson(link), href: unsignedUrl(absolute) }];
    } catch (error) {
      if (!isCubeError(error)) throw error;
      return [];
    }
  });
}

/** Copies of an asset's address (`alternate`) may be signed as well. */
function unsignedJson(json: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => [
      key,
      typeof value === 'string' ? unsignedUrl(value) : unsignedValue(value),
    ]),
  );
}

function unsignedValue(value: Json): Json {
  if (typeof value === 'string') return unsignedUrl(value);
  if (Array.isArray(value)) return value.map(unsignedValue);
  return isObject(value) ? unsignedJson(value) : value;
}

function instantOf(value: Json | undefined): number | null {
  return typeof value === 'string' ? parseInstant(value) : null;
}

function finiteOf(value: Json | undefined): number | null {
  const number = numberOf(value);
  return number !== null && Number.isFinite(number) ? number : null;
}
