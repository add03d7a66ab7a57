import type { AssetRow, ChunkRow, FailureRow, ItemRow, LabelStatsRow, RunRecords, RunRow } from '../cube/records.js';
import { redactUrl } from '../errors.js';
import type { Label, QuarantinedRecord } from '../vector/label.js';
import { boundsOf, cell, cells, flag, geojson, json, real, reals, text, time, whole, wholes, wkb } from './column.js';
import type { Column } from './column.js';

/** The schema of the lake that holds every table of ours. */
export const SCHEMA = 'cube';

/** One table: columns in order (`run_id` VARCHAR stands before them), and the order of the rows in its files. */
export type Table<Row> = {
  readonly name: string;
  readonly comment: string;
  readonly columns: readonly Column<Row>[];
  readonly sortedBy: readonly string[];
};

/** A table with the rows of one run that belong in it; `visit` gives both to code that is generic in the row. */
export type FilledTable = {
  readonly name: string;
  readonly rowCount: number;
  visit<Result>(use: <Row>(table: Table<Row>, rows: readonly Row[]) => Result): Result;
};

const RUNS: Table<RunRow> = {
  name: 'runs',
  comment: 'One row is one build',
  sortedBy: [],
  columns: [
    text('name', (row) => row.name),
    json('spec', (row) => row.spec),
    text('plan_hash', (row) => row.planHash),
    text('code_version', (row) => row.codeVersion),
    time('started_at', (row) => row.startedAt),
    time('finished_at', (row) => row.finishedAt),
    text('status', (row) => row.status),
    text('cube_href', (row) => storedHref(row.cubeHref)),
    text('cube_snapshot', (row) => row.cubeSnapshot),
  ],
};

const ITEMS: Table<ItemRow> = {
  name: 'items',
  comment: 'One row is a STAC item that was seen; solar_day counts days since 1970-01-01',
  sortedBy: ['datetime', 'item_id'],
  columns: [
    text('item_id', (row) => row.itemId),
    text('collection', (row) => row.collection),
    time('datetime', (row) => row.datetime),
    whole('solar_day', 'INTEGER', (row) => row.solarDay),
    whole('time_index', 'INTEGER', (row) => row.timeIndex),
    geojson('geometry', (row) => row.geometry),
    ...boundsOf<ItemRow>('geometry'),
    json('properties', (row) => row.properties),
    flag('used', (row) => row.used),
    text('reason_unused', (row) => row.reasonUnused),
  ],
};

const ASSETS: Table<AssetRow> = {
  name: 'assets',
  comment: 'One row is a raster that was read: one band of one item',
  sortedBy: ['item_id', 'band'],
  columns: [
    text('item_id', (row) => row.itemId),
    text('band', (row) => row.band),
    text('href', (row) => storedHref(row.href)),
    text('crs', (row) => row.crs),
    reals('transform', (row) => row.transform),
    wholes('shape', (row) => row.shape),
    text('dtype', (row) => row.dtype),
    reals('nodata', (row) => row.nodata),
    real('scale', (row) => row.scale),
    real('offset', (row) => row.offset),
    text('etag', (row) => row.etag),
    whole('size', 'BIGINT', (row) => row.size),
  ],
};

const LABELS: Table<Label> = {
  name: 'labels',
  comment: 'One row is a photovoltaic feature that was used; geometry is lon/lat (OGC:CRS84)',
  sortedBy: ['h3_r15', 'label_id'],
  columns: [
    whole('label_id', 'BIGINT', (row) => row.labelId),
    text('feature_uid', (row) => row.featureUid),
    text('dataset', (row) => row.dataset),
    wkb('geometry', (row) => row.wkb),
    real('xmin', (row) => row.xmin),
    real('ymin', (row) => row.ymin),
    real('xmax', (row) => row.xmax),
    real('ymax', (row) => row.ymax),
    real('area_geod_m2', (row) => row.areaGeodM2),
    cells('h3_cells', (row) => row.h3Cells),
    cell('h3_r15', (row) => row.h3R15),
    real('lon', (row) => row.lon),
    real('lat', (row) => row.lat),
    json('properties', (row) => JSON.stringify(row.properties)),
  ],
};

const CHUNKS: Table<ChunkRow> = {
  name: 'chunks',
  comment:
    'One row is a chunk of the cube; bytes and sha256 are those of the encoded chunk, storage says whether it is a reference',
  sortedBy: ['array', 'time_index', 'y_index', 'x_index'],
  columns: [
    text('array', (row) => row.array),
    whole('time_index', 'INTEGER', (row) => row.timeIndex),
    whole('y_index', 'INTEGER', (row) => row.yIndex),
    whole('x_index', 'INTEGER', (row) => row.xIndex),
    text('state', (row) => row.state),
    whole('bytes', 'BIGINT', (row) => row.bytes),
    text('sha256', (row) => row.sha256),
    real('valid_fraction', (row) => row.validFraction),
    real('masked_fraction', (row) => row.maskedFraction),
    real('failed_fraction', (row) => row.failedFraction),
    text('storage', (row) => row.storage ?? null),
    text('storage_reason', (row) => row.storageReason ?? null),
  ],
};

const FAILURES: Table<FailureRow> = {
  name: 'failures',
  comment: 'One row is a read that failed for good',
  sortedBy: ['array', 'time_index', 'y_index', 'x_index'],
  columns: [
    text('array', (row) => row.array),
    whole('time_index', 'INTEGER', (row) => row.timeIndex),
    whole('y_index', 'INTEGER', (row) => row.yIndex),
    whole('x_index', 'INTEGER', (row) => row.xIndex),
    text('item_id', (row) => row.itemId),
    text('band', (row) => row.band),
    text('kind', (row) => row.kind),
    whole('attempts', 'BIGINT', (row) => row.attempts),
    json('problem', (row) => JSON.stringify(row.problem, storedProblem)),
  ],
};

const LABEL_STATS: Table<LabelStatsRow> = {
  name: 'label_stats',
  comment: 'One row is label x time x band; count and coverage are sums of pixel fractions, time is UTC',
  sortedBy: ['label_id', 'time', 'band'],
  columns: [
    whole('label_id', 'BIGINT', (row) => row.labelId),
    time('time', (row) => row.time),
    text('band', (row) => row.band),
    real('count', (row) => row.count),
    real('sum', (row) => row.sum),
    real('mean', (row) => row.mean),
    real('stdev', (row) => row.stdev),
    real('min', (row) => row.min),
    real('max', (row) => row.max),
    real('median', (row) => row.median),
    real('coverage', (row) => row.coverage),
  ],
};

/** A name for a version of a cube and the state of the lake that belongs to it. `run_id` is the run that made the version. */
export type TagRow = {
  readonly name: string;
  readonly cubeHref: string;
  readonly cubeSnapshot: string;
  readonly lakeSnapshot: number;
  /** Milliseconds since 1970 UTC. */
  readonly taggedMs: number;
};

/** The table of tags; it is there once one is tied to the lake. */
export const TAGS: Table<TagRow> = {
  name: 'tags',
  comment: 'One row is a tag of an Icechunk repository, and the snapshot of the lake that belongs to it',
  sortedBy: [],
  columns: [
    text('name', (row) => row.name),
    text('cube_href', (row) => storedHref(row.cubeHref)),
    text('cube_snapshot', (row) => row.cubeSnapshot),
    whole('lake_snapshot', 'BIGINT', (row) => row.lakeSnapshot),
    time('tagged_at', (row) => row.taggedMs),
  ],
};

/** Records of any source that could not be used. */
export const QUARANTINE: Table<QuarantinedRecord> = {
  name: 'quarantine',
  comment: 'One row is a record that could not be used, with the reason',
  sortedBy: ['source', 'record'],
  columns: [
    text('source', (row) => storedHref(row.source)),
    whole('record', 'BIGINT', (row) => row.record),
    text('reason', (row) => row.reason),
    json('properties', (row) => JSON.stringify(row.properties)),
  ],
};

/** Every table of the lake with the rows of one run. */
export function filledTables(records: RunRecords): FilledTable[] {
  return [
    filled(RUNS, [records.run]),
    filled(ITEMS, records.items),
    filled(ASSETS, records.assets),
    filled(LABELS, records.labels),
    filled(CHUNKS, records.chunks),
    filled(FAILURES, records.failures),
    filled(LABEL_STATS, records.labelStats),
    filled(QUARANTINE, records.quarantine),
  ];
}

/** A table with rows. */
export function filled<Row>(table: Table<Row>, rows: readonly Row[]): FilledTable {
  return { name: table.name, rowCount: rows.length, visit: (use) => use(table, rows) };
}

// Signatures and passwords of URLs stay out of the lake; plain paths may hold ? and # and pass.
function storedHref<Href extends string | null>(href: Href): Href | string {
  return href !== null && /^[a-z][a-z0-9+.-]*:\/\//i.test(href) ? redactUrl(href) : href;
}

function storedProblem(key: string, value: unknown): unknown {
  return key === 'url' && typeof value === 'string' ? storedHref(value) : value;
}
