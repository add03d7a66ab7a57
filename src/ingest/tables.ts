import { cell, cells, day, flag, json, real, text, time, whole, wkb, type Column } from '../lake/column.js';
import type { Table } from '../lake/tables.js';
import type { DedupRules } from '../sites/site-feature.js';
import type { Feature } from './feature.js';

/** One data set as it stands in a lake. */
export type DatasetRow = {
  readonly dataset: string;
  readonly version: string | null;
  readonly doi: string;
  readonly repo: string;
  readonly license: string | null;
  readonly citation: string | null;
  readonly priority: number;
  readonly files: readonly {
    readonly name: string;
    readonly url: string | null;
    readonly size: number;
    readonly sha256: string;
  }[];
  /** Of its entry in the manifest, its files and the rules that read them: equal where nothing has to be read again. */
  readonly contentHash: string;
  readonly records: number;
  readonly features: number;
  readonly quarantined: number;
  readonly excluded: number;
  /** Milliseconds since 1970 UTC. */
  readonly ingestedMs: number;
};

/** One run of `cube ingest` or `cube lake forget` that changed the lake. */
export type IngestRow = {
  readonly manifest: string;
  readonly codeVersion: string;
  readonly startedMs: number;
  readonly finishedMs: number;
  /** Names of the data sets that it read. */
  readonly datasets: readonly string[];
  /** Names of the data sets that it took out. */
  readonly forgotten: readonly string[];
  /** By which it made the sites. */
  readonly rules: DedupRules;
};

/** See `DatasetRow`. */
export const DATASETS: Table<DatasetRow> = {
  name: 'datasets',
  comment: 'One row is a published data set that is in the lake',
  sortedBy: ['dataset'],
  columns: [
    text('dataset', (row) => row.dataset),
    text('version', (row) => row.version),
    text('doi', (row) => row.doi),
    text('repo', (row) => row.repo),
    text('license', (row) => row.license),
    text('citation', (row) => row.citation),
    whole('priority', 'INTEGER', (row) => row.priority),
    json('files', (row) => JSON.stringify(row.files)),
    text('content_hash', (row) => row.contentHash),
    whole('records', 'BIGINT', (row) => row.records),
    whole('features', 'BIGINT', (row) => row.features),
    whole('quarantined', 'BIGINT', (row) => row.quarantined),
    whole('excluded', 'BIGINT', (row) => row.excluded),
    time('ingested_at', (row) => row.ingestedMs),
  ],
};

/** See `IngestRow`. */
export const INGESTS: Table<IngestRow> = {
  name: 'ingests',
  comment: 'One row is a run of cube ingest or cube lake forget that changed the lake',
  sortedBy: [],
  columns: [
    json('manifest', (row) => row.manifest),
    text('code_version', (row) => row.codeVersion),
    time('started_at', (row) => row.startedMs),
    time('finished_at', (row) => row.finishedMs),
    json('datasets', (row) => JSON.stringify(row.datasets)),
    json('rules', (row) => JSON.stringify(row.rules)),
    json('forgotten', (row) => JSON.stringify(row.forgotten)),
  ],
};

/** Resolutions of the cells that rows carry: parents of one another, so that they nest. */
export const PARENTS = [5, 7, 9, 12] as const;

/** See `Feature`. */
export const FEATURES: Table<Feature> = {
  name: 'features',
  comment: 'One row is a feature of a published data set, harmonised; geometry is lon/lat (OGC:CRS84)',
  sortedBy: ['h3_r15', 'feature_uid'],
  columns: [
    text('feature_uid', (row) => row.featureUid),
    text('dataset', (row) => row.dataset),
    text('dataset_version', (row) => row.datasetVersion),
    text('source_file', (row) => row.sourceFile),
    text('source_split', (row) => row.sourceSplit),
    text('native_id', (row) => row.nativeId),
    whole('record', 'BIGINT', (row) => row.record),
    whole('part', 'INTEGER', (row) => row.part),
    wkb('geometry', (row) => row.wkb),
    text('geom_kind', (row) => row.geomKind),
    flag('raw_valid', (row) => row.rawValid),
    text('repair', (row) => row.repair),
    real('xmin', (row) => row.xmin),
    real('ymin', (row) => row.ymin),
    real('xmax', (row) => row.xmax),
    real('ymax', (row) => row.ymax),
    real('lon', (row) => row.lon),
    real('lat', (row) => row.lat),
    real('area_geod_m2', (row) => row.areaGeodM2),
    real('area_src_m2', (row) => row.areaSrcM2),
    text('area_src_unit', (row) => row.areaSrcUnit),
    text('area_src_kind', (row) => row.areaSrcKind),
    real('area_ratio', (row) => row.areaRatio),
    real('cap_dc_mw', (row) => row.capDcMw),
    real('cap_ac_mw', (row) => row.capAcMw),
    text('cap_kind', (row) => row.capKind),
    day('inst_start', (row) => row.instStart),
    day('inst_end', (row) => row.instEnd),
    day('observed_at', (row) => row.observedDay),
    text('mount', (row) => row.mount),
    real('tilt_deg', (row) => row.tiltDeg),
    real('azimuth_deg', (row) => row.azimuthDeg),
    text('setting', (row) => row.setting),
    real('confidence', (row) => row.confidence),
    text('conf_src', (row) => row.confSrc),
    text('country_iso3', (row) => row.countryIso3),
    text('admin1', (row) => row.admin1),
    text('license', (row) => row.license),
    cell('h3_r15', (row) => row.h3R15),
    ...PARENTS.map((resolution) => parentCell(resolution)),
    cells('h3_cover', (row) => row.h3Cover),
    text('geometry_hash', (row) => row.geometryHash),
    json('properties', (row) => JSON.stringify(row.properties)),
    json('provenance', (row) => JSON.stringify(row.provenance)),
    text('cap_dc_kind', (row) => row.capDcKind),
    text('cap_ac_kind', (row) => row.capAcKind),
  ],
};

/** A site; its rows are made by SQL. */
export const SITES: Table<never> = {
  name: 'sites',
  comment: 'One row is an installation: its canonical feature, and what other features tell of it',
  sortedBy: ['h3_r15', 'site_uid'],
  columns: made({
    site_uid: 'VARCHAR',
    dataset: 'VARCHAR',
    geometry: 'GEOMETRY',
    geom_kind: 'VARCHAR',
    xmin: 'DOUBLE',
    ymin: 'DOUBLE',
    xmax: 'DOUBLE',
    ymax: 'DOUBLE',
    lon: 'DOUBLE',
    lat: 'DOUBLE',
    area_geod_m2: 'DOUBLE',
    cap_dc_mw: 'DOUBLE',
    cap_ac_mw: 'DOUBLE',
    cap_kind: 'VARCHAR',
    inst_start: 'DATE',
    inst_end: 'DATE',
    observed_at: 'DATE',
    mount: 'VARCHAR',
    tilt_deg: 'DOUBLE',
    azimuth_deg: 'DOUBLE',
    setting: 'VARCHAR',
    confidence: 'DOUBLE',
    country_iso3: 'VARCHAR',
    admin1: 'VARCHAR',
    h3_r15: 'UBIGINT',
    h3_r5: 'UBIGINT',
    h3_r7: 'UBIGINT',
    h3_r9: 'UBIGINT',
    h3_r12: 'UBIGINT',
    members: 'INTEGER',
    datasets: 'INTEGER',
    provenance: 'JSON',
    group_uid: 'VARCHAR',
  }),
};

/** Every feature and the site that it belongs to; made by SQL. */
export const SITE_MEMBERS: Table<never> = {
  name: 'site_members',
  comment: 'One row is a feature, and how it belongs to its site',
  sortedBy: ['site_uid', 'feature_uid'],
  columns: made({
    site_uid: 'VARCHAR',
    feature_uid: 'VARCHAR',
    dataset: 'VARCHAR',
    relation: 'VARCHAR',
    iou: 'DOUBLE',
    iomin: 'DOUBLE',
  }),
};

/** Every pair of features that have to do with each other; made by SQL. */
export const DUPLICATES: Table<never> = {
  name: 'duplicates',
  comment: 'One row is a pair of features that have to do with each other, and what was measured',
  sortedBy: ['a_uid', 'b_uid'],
  columns: made({
    a_uid: 'VARCHAR',
    b_uid: 'VARCHAR',
    a_dataset: 'VARCHAR',
    b_dataset: 'VARCHAR',
    class: 'VARCHAR',
    iou: 'DOUBLE',
    iomin: 'DOUBLE',
    gap_m: 'DOUBLE',
    merged: 'BOOLEAN',
  }),
};

/** Columns without staged values. */
function made(types: Readonly<Record<string, string>>): Column<never>[] {
  return Object.entries(types).map(([name, lakeType]) => ({ name, lakeType, expression: name, staged: null }));
}

/**
 * The cell of a resolution that holds `h3_r15`, by SQL: bits 52 to 55 are the resolution, and digits of three bits beyond it are 7
 * (h3geo.org/docs/core-library/h3Indexing).
 */
function parentCell(resolution: number): Column<Feature> {
  const name = `h3_r${resolution}`;
  const kept = ~(0xfn << 52n) & 0xffffffffffffffffn;
  const unused = (1n << BigInt(3 * (15 - resolution))) - 1n;
  const set = (BigInt(resolution) << 52n) | unused;
  return { name, lakeType: 'UBIGINT', expression: `(h3_r15 & ${kept}) | ${set}`, staged: null };
}
