import { CubeError } from '../errors.js';
import type { SourceFactory } from '../io/byte-source.js';
import { parseInterval } from './interval.js';
import type { DroppedItem, ItemSearch, Json, StacItem } from './item.js';
import { matchesFilter, type ItemFilter } from './filter.js';
import { readStatic } from './read-static.js';
import { latestVersions } from './versions.js';

export type SearchQuery = {
  /** Absolute URL or path of a catalogue, collection, item, item collection, API root, .parquet or .ndjson. */
  readonly stac: string;
  readonly collections?: readonly string[];
  /** RFC 3339 instant or closed interval, open ends with "..". */
  readonly datetime?: string;
  readonly ids?: readonly string[];
  /** west, south, east, north; west > east crosses the antimeridian. */
  readonly bbox?: readonly number[];
  /** GeoJSON geometry. */
  readonly intersects?: unknown;
  /** STAC query extension: { property: { lt: 10 } }. */
  readonly query?: { readonly [property: string]: unknown };
  /** Most items to take, in (time, id) order. */
  readonly limit?: number;
};

export type SearchOptions = {
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
  readonly onProgress?: (items: number) => void;
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
  const read = await readStatic(query, sources, options);
  const unique = new Map<string, StacItem>();
  const dropped: DroppedItem[] = [];
  for (const item of read.items) {
    if (!matchesFilter(item, filter)) continue;
    const key = `${item.collection ?? ''}\n${item.id}`;
    if (!unique.has(key)) unique.set(key, item);
  }
  const versions = latestVersions([...unique.values()]);
  dropped.push(...versions.dropped);
  const sorted = versions.kept.toSorted((a, b) => a.timeMs - b.timeMs || (a.id < b.id ? -1 : 1));
  return { items: query.limit === undefined ? sorted : sorted.slice(0, query.limit), dropped, warnings: read.warnings };
}

function parseFilter({ collections, datetime, ids, bbox, intersects, query }: SearchQuery): ItemFilter {
  return {
    collections: collections === undefined ? null : new Set(collections),
    interval: datetime === undefined ? null : parseInterval(datetime),
    ids: ids === undefined ? null : new Set(ids),
    bbox: bbox === undefined ? bboxOfGeometry(intersects) : parseBbox(bbox),
    query: (query ?? {}) as { readonly [property: string]: Json },
  };
}

function parseBbox(bbox: readonly number[]): readonly [number, number, number, number] {
  if (bbox.length === 4 && bbox.every(Number.isFinite)) return [bbox[0]!, bbox[1]!, bbox[2]!, bbox[3]!];
  throw new CubeError({ kind: 'invalid-spec', path: 'source.bbox', what: 'expected west, south, east, north' });
}

function bboxOfGeometry(geometry: unknown): readonly [number, number, number, number] | null {
  if (geometry === undefined) return null;
  const xs: number[] = [];
  const ys: number[] = [];
  const visit = (value: unknown): void => {
    if (!Array.isArray(value)) return;
    if (typeof value[0] === 'number' && typeof value[1] === 'number') {
      xs.push(value[0]);
      ys.push(value[1]);
    } else value.forEach(visit);
  };
  visit((geometry as { coordinates?: unknown }).coordinates);
  if (xs.length === 0)
    throw new CubeError({ kind: 'invalid-spec', path: 'source.intersects', what: 'no GeoJSON geometry' });
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}
