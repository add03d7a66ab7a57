import type { SourceFactory } from '../../io/byte-source.js';
import { throwIfAborted } from '../../io/abort.js';
import { isLocal } from '../../io/location.js';
import type { WholeItem } from '../../stac/collector.js';
import { boxesMeet, splitBox, type LonLatBox } from '../../stac/item-box.js';
import { numberOf } from '../../stac/json.js';
import { harvestItems, type SearchOptions, type SearchQuery } from '../../stac/search.js';
import type { StacSource } from './source.js';

/** Boxes in one request: their polygon stays far below what APIs take, and few requests cover all. */
const BOXES_A_REQUEST = 64;

/** Collections whose items tell their cloud cover, so that an API may be asked for it. */
const CLOUDY = /^(sentinel-2|landsat|hls)/i;

/** One search; `places` are those of the catalogue's boxes that it covers, null: everywhere. */
export type HarvestRequest = {
  readonly query: Omit<SearchQuery, 'limit'>;
  readonly places: readonly LonLatBox[] | null;
};

/**
 * The searches that bring the items of a catalogue at its places. An API is asked for 64 boxes at once, as one MultiPolygon; files
 * and static catalogues are read once, and every item is looked at here.
 */
export function planHarvest(source: StacSource, places: readonly LonLatBox[] | null): HarvestRequest[] {
  const { href, collections, datetime, maxCloudCover } = source;
  const plain = { stac: href, ...(datetime === null ? {} : { datetime }) };
  if (!isSearched(href)) return [{ query: { ...plain, ...(collections === null ? {} : { collections }) }, places }];
  const groups = collections === null ? [{}] : cloudGroups(collections, maxCloudCover);
  const parts = places === null ? [null] : partsOf(places);
  return groups.flatMap((group) =>
    parts.map((part) => ({ query: { ...plain, ...group, ...placeOf(part) }, places: part })),
  );
}

/** Read the items of a request that meet one of its places. */
export async function runHarvest(
  { query, places }: HarvestRequest,
  sources: SourceFactory,
  options: SearchOptions,
): Promise<{ readonly items: readonly WholeItem[]; readonly warnings: readonly string[] }> {
  throwIfAborted(options.signal);
  const { items, warnings } = await harvestItems(query, sources, options);
  const meets = ({ item }: WholeItem) => item.bbox !== null && places!.some((place) => boxesMeet(item.bbox!, place));
  return { items: places === null ? items : items.filter(meets), warnings };
}

/** Percent, or null where the item does not say. */
export function cloudCoverOf({ item }: WholeItem): number | null {
  return numberOf(item.properties['eo:cloud_cover']);
}

/** Of each place the `maxItems` least cloudy items (unknown last), of equals the newest. In the order they came. */
export function bestOfPlaces(
  items: readonly WholeItem[],
  places: readonly LonLatBox[] | null,
  maxItems: number | null,
): readonly WholeItem[] {
  if (maxItems === null) return items;
  const ranked = items.toSorted(
    (a, b) =>
      (cloudCoverOf(a) ?? Infinity) - (cloudCoverOf(b) ?? Infinity) ||
      b.item.timeMs - a.item.timeMs ||
      (a.item.id < b.item.id ? -1 : 1),
  );
  const kept = new Set<WholeItem>();
  for (const place of places ?? [null]) {
    let taken = 0;
    for (const one of ranked) {
      if (taken === maxItems) break;
      if (place !== null && (one.item.bbox === null || !boxesMeet(one.item.bbox, place))) continue;
      kept.add(one);
      taken++;
    }
  }
  return items.filter((one) => kept.has(one));
}

/** An http(s) root that is not a file: an API, as far as its name tells. A static catalogue answers the same to every request. */
export function isSearched(href: string): boolean {
  return !isLocal(href) && /^https?:/i.test(href) && !/\.[a-z]\w*$/i.test(new URL(href).pathname);
}

function cloudGroups(collections: readonly string[], maxCloudCover: number | null): Partial<SearchQuery>[] {
  if (maxCloudCover === null) return [{ collections }];
  const cloudy = collections.filter((name) => CLOUDY.test(name));
  const others = collections.filter((name) => !CLOUDY.test(name));
  return [
    ...(cloudy.length === 0 ? [] : [{ collections: cloudy, query: { 'eo:cloud_cover': { lte: maxCloudCover } } }]),
    ...(others.length === 0 ? [] : [{ collections: others }]),
  ];
}

function partsOf(places: readonly LonLatBox[]): (readonly LonLatBox[])[] {
  const count = Math.ceil(places.length / BOXES_A_REQUEST);
  return Array.from({ length: count }, (_, i) => places.slice(i * BOXES_A_REQUEST, (i + 1) * BOXES_A_REQUEST));
}

function placeOf(places: readonly LonLatBox[] | null): Partial<SearchQuery> {
  if (places === null) return {};
  if (places.length === 1) return { bbox: places[0]! };
  const coordinates = places.flatMap(splitBox).map(([west, south, east, north]) => [
    [
      [west, south],
      [east, south],
      [east, north],
      [west, north],
      [west, south],
    ],
  ]);
  return { intersects: { type: 'MultiPolygon', coordinates } };
}
