import { cell, flag, json, real, reals, text, texts, time, whole, wkb } from '../../lake/column.js';
import type { Table } from '../../lake/tables.js';

/** An item as it stands in a lake. JSON is text. Times are milliseconds since 1970 UTC. */
export type StacItemRow = {
  readonly itemId: string;
  readonly collection: string | null;
  readonly datetimeMs: number | null;
  readonly startMs: number | null;
  readonly endMs: number | null;
  readonly wkb: Uint8Array | null;
  /** Of the geometry: -180 to 180 for a footprint that is cut at the antimeridian. */
  readonly bounds: {
    readonly xmin: number;
    readonly ymin: number;
    readonly xmax: number;
    readonly ymax: number;
  } | null;
  /** west, south, east, north as the item has it; west > east crosses the antimeridian. */
  readonly bbox: readonly number[] | null;
  readonly cloudCover: number | null;
  readonly platform: string | null;
  readonly gsd: number | null;
  readonly stacVersion: string | null;
  readonly stacExtensions: string;
  readonly assets: string;
  readonly links: string;
  readonly properties: string;
  readonly selfHref: string | null;
  /** S2 cells that the footprint touches; null where none were asked for. */
  readonly s2Tokens: readonly string[] | null;
  readonly source: string;
  /** Of all that the item says: an item with the same one is not written again. */
  readonly contentHash: string;
  readonly fetchedMs: number;
};

/** A cell that the footprint of an item touches. */
export type ItemCellRow = {
  readonly itemId: string;
  readonly collection: string | null;
  readonly h3: bigint;
  readonly resolution: number;
  /** Whether no finer cells of the item are here: they are enough to find it. */
  readonly finest: boolean;
};

/** One run of `cube stac fetch` that changed the lake. */
export type StacFetchRow = {
  readonly sources: string;
  readonly codeVersion: string;
  readonly startedMs: number;
  readonly finishedMs: number;
};

/** See `StacItemRow`. */
export const STAC_ITEMS: Table<StacItemRow> = {
  name: 'stac_items',
  comment: 'One row is a STAC item, by collection and item_id; geometry is lon/lat (OGC:CRS84)',
  sortedBy: ['collection', 'datetime', 'item_id'],
  columns: [
    text('item_id', (row) => row.itemId),
    text('collection', (row) => row.collection),
    time('datetime', (row) => row.datetimeMs),
    time('start_datetime', (row) => row.startMs),
    time('end_datetime', (row) => row.endMs),
    wkb('geometry', (row) => row.wkb),
    real('xmin', (row) => row.bounds?.xmin ?? null),
    real('ymin', (row) => row.bounds?.ymin ?? null),
    real('xmax', (row) => row.bounds?.xmax ?? null),
    real('ymax', (row) => row.bounds?.ymax ?? null),
    reals('bbox', (row) => row.bbox),
    real('cloud_cover', (row) => row.cloudCover),
    text('platform', (row) => row.platform),
    real('gsd', (row) => row.gsd),
    text('stac_version', (row) => row.stacVersion),
    json('stac_extensions', (row) => row.stacExtensions),
    json('assets', (row) => row.assets),
    json('links', (row) => row.links),
    json('properties', (row) => row.properties),
    text('self_href', (row) => row.selfHref),
    texts('s2_tokens', (row) => row.s2Tokens),
    text('source', (row) => row.source),
    text('content_hash', (row) => row.contentHash),
    time('fetched_at', (row) => row.fetchedMs),
  ],
};

/** See `ItemCellRow`. */
export const ITEM_H3: Table<ItemCellRow> = {
  name: 'item_h3',
  comment: 'One row is an H3 cell that the footprint of an item touches',
  sortedBy: ['h3'],
  columns: [
    text('item_id', (row) => row.itemId),
    text('collection', (row) => row.collection),
    cell('h3', (row) => row.h3),
    whole('resolution', 'INTEGER', (row) => row.resolution),
    flag('finest', (row) => row.finest),
  ],
};

/** See `StacFetchRow`. */
export const STAC_FETCHES: Table<StacFetchRow> = {
  name: 'stac_fetches',
  comment: 'One row is a run of cube stac fetch that changed the lake',
  sortedBy: [],
  columns: [
    json('sources', (row) => row.sources),
    text('code_version', (row) => row.codeVersion),
    time('started_at', (row) => row.startedMs),
    time('finished_at', (row) => row.finishedMs),
  ],
};
