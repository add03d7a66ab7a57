import { availableParallelism } from 'node:os';
import type { DuckDb } from '../duckdb/connection.js';
import { CubeError } from '../errors.js';
import { splitParts } from '../sites/split-parts.js';
import { geometryHashes, sourceId } from '../vector/feature-uid.js';
import { h3Covers } from '../vector/h3-cover.js';
import { harmonise, harmoniseSome, uidsOf, type HarmonisedRow, type RecordNote } from '../vector/harmonise.js';
import type { QuarantinedRecord } from '../vector/label.js';
import { LON_LAT } from '../vector/source-crs.js';
import type { SourceRecord, SourceTable } from '../vector/source-table.js';
import type { FieldMapper, Misread } from './apply-field-map.js';
import type { Attributes } from './attributes.js';
import { AxesCheck } from './axes-check.js';
import type { Feature } from './feature.js';
import type { KeepColumns } from './kept-columns.js';

/** Parts of one record that lie farther apart (metres) are features of their own. */
const PART_GAP_M = 1000;
/** H3 resolution of the covers: 3.5 cells for a plant, and no duplicate is missed. */
const COVER_RESOLUTION = 9;
/** Records that are in memory as features at a time. */
const BATCH = 16_384;

/** What is known of the source of a table. */
export type FeatureSource = {
  readonly dataset: string;
  readonly version: string | null;
  /** Name within the data set. */
  readonly file: string;
  readonly license: string | null;
  readonly mapper: FieldMapper;
  /** The source's columns that rows keep. */
  readonly keep: KeepColumns;
  /** West, south, east, north in degrees, where the manifest says it. */
  readonly extent: readonly [number, number, number, number] | null;
  /** Keeps some of the rows; the others are counted as excluded. */
  readonly filter: ((rows: readonly HarmonisedRow[]) => Promise<readonly HarmonisedRow[]>) | null;
};

/** What became of some records of a table: each is in features, in the quarantine, or excluded. */
export type HarmonisedFeatures = {
  readonly features: readonly Feature[];
  readonly quarantine: readonly QuarantinedRecord[];
  /** Records that the manifest's `where` leaves out. */
  readonly excluded: number;
  readonly misread: readonly Misread[];
  readonly notes: readonly RecordNote[];
};

/**
 * Bring the records of a source into the harmonised schema, some thousand at a time: valid lon/lat geometry, geodesic area, units converted
 * once, nulls where nothing is known. Problem: `invalid-data` where longitude and latitude are swapped, after the last batch.
 */
export async function* harmoniseFeatures(
  db: DuckDb,
  table: SourceTable,
  source: FeatureSource,
  signal?: AbortSignal,
): AsyncGenerator<HarmonisedFeatures> {
  const dataset = `${source.dataset}/${source.file}`;
  const uids = uidsOf(table, dataset);
  const axes = new AxesCheck(table, source.extent);
  for (let from = 0; from < table.records.length; from += BATCH) {
    signal?.throwIfAborted();
    const to = Math.min(from + BATCH, table.records.length);
    const found = await harmoniseSome(db, table, { dataset, uids, from, to }, signal);
    axes.add(found);
    const kept = source.filter === null || found.rows.length === 0 ? found.rows : await source.filter(found.rows);
    const misread: Misread[] = [];
    const records = new Map(table.records.slice(from, to).map((record) => [record.record, record]));
    const split = await splitRows(db, kept, signal);
    const geometries = split.map(({ row }) => row.geometry);
    const covers = h3Covers(geometries, COVER_RESOLUTION, { threads: availableParallelism() });
    const hashes = geometryHashes(geometries);
    const features = split.map(({ row, part, share }, i) => {
      const record = records.get(row.labelId)!;
      const read = source.mapper.read(row.properties, (one) => part === 1 && misread.push(one));
      const own = shareOut(read, share);
      return toFeature(row, { part, record, source, own, h3Cover: covers[i]!, geometryHash: hashes[i]! });
    });
    yield {
      features,
      quarantine: found.quarantine.map((one) => ({ ...one, source: dataset })),
      excluded: found.rows.length - kept.length,
      misread,
      notes: found.notes,
    };
  }
  axes.assertRight();
}

/** `share` is that of the record's area which the part has: 1 where it is the whole. */
type SplitRow = { readonly row: HarmonisedRow; readonly part: number; readonly share: number };

/** Rows whose parts lie far apart become several, measured again. */
async function splitRows(db: DuckDb, rows: readonly HarmonisedRow[], signal?: AbortSignal): Promise<SplitRow[]> {
  const groups = rows.map(({ geometry }) => splitParts(geometry, PART_GAP_M));
  const parts: SourceRecord[] = rows.flatMap(({ labelId, properties }, i) =>
    groups[i]!.length < 2 ? [] : groups[i]!.map((geometry) => ({ record: labelId, geometry, id: null, properties })),
  );
  if (parts.length === 0) return rows.map((row) => ({ row, part: 1, share: 1 }));
  const table: SourceTable = { url: '', crs: LON_LAT, records: parts, temporal: new Map(), warnings: [] };
  const measured = await harmonise(db, table, '', signal);
  const broken = measured.quarantine[0];
  if (broken !== undefined) {
    throw new CubeError({ kind: 'invalid-data', url: '', what: `parts of record ${broken.record}: ${broken.reason}` });
  }
  const byRecord = new Map<number, HarmonisedRow[]>();
  for (const one of measured.rows) byRecord.set(one.labelId, [...(byRecord.get(one.labelId) ?? []), one]);
  return rows.flatMap((row, i) => {
    if (groups[i]!.length < 2) return [{ row, part: 1, share: 1 }];
    const found = byRecord.get(row.labelId)!;
    const total = found.reduce((sum, { areaGeodM2 }) => sum + areaGeodM2, 0);
    return found.map((one, place) => ({
      row: { ...one, featureUid: `${row.featureUid}:${place + 1}`, dataset: row.dataset, repair: row.repair },
      part: place + 1,
      share: total > 0 ? one.areaGeodM2 / total : 1 / found.length,
    }));
  });
}

/** What grows with extent is told of the whole record: a part has its share of it, so that sums over features are those of records. */
function shareOut(own: Attributes, share: number): Attributes {
  if (share === 1) return own;
  const part = (value: number | null) => (value === null ? null : value * share);
  const kind = (value: Attributes['capKind']) => (value === null ? null : 'estimated');
  return {
    ...own,
    areaSrcM2: part(own.areaSrcM2),
    capDcMw: part(own.capDcMw),
    capAcMw: part(own.capAcMw),
    capKind: kind(own.capKind),
    capDcKind: kind(own.capDcKind),
    capAcKind: kind(own.capAcKind),
  };
}

type FeatureContext = {
  readonly part: number;
  readonly record: SourceRecord;
  readonly source: FeatureSource;
  readonly own: Attributes;
  readonly h3Cover: readonly bigint[];
  readonly geometryHash: string;
};

// Column by column: objects of one shape, which spreading does not make.
function toFeature(row: HarmonisedRow, context: FeatureContext): Feature {
  const { part, record, source, own, h3Cover, geometryHash } = context;
  const { geometry, repair, properties } = row;
  const isPoint = geometry.kind === 'points';
  const area = isPoint ? null : row.areaGeodM2;
  return {
    featureUid: row.featureUid,
    dataset: source.dataset,
    datasetVersion: source.version,
    sourceFile: source.file,
    sourceSplit: own.sourceSplit ?? record.split ?? null,
    nativeId: own.nativeId ?? idOf(record),
    record: row.labelId,
    part,
    wkb: row.wkb,
    geomKind: isPoint ? 'point' : 'polygon',
    rawValid: repair === null,
    repair,
    xmin: row.xmin,
    ymin: row.ymin,
    xmax: row.xmax,
    ymax: row.ymax,
    lon: row.lon,
    lat: row.lat,
    areaGeodM2: area,
    areaSrcM2: own.areaSrcM2,
    areaSrcUnit: own.areaSrcUnit,
    areaSrcKind: own.areaSrcKind,
    areaRatio: area === null || own.areaSrcM2 === null ? null : own.areaSrcM2 / area,
    capDcMw: own.capDcMw,
    capAcMw: own.capAcMw,
    capKind: own.capKind,
    capDcKind: own.capDcKind,
    capAcKind: own.capAcKind,
    instStart: own.instStart,
    instEnd: own.instEnd,
    observedDay: own.observedDay,
    mount: own.mount,
    tiltDeg: own.tiltDeg,
    azimuthDeg: own.azimuthDeg,
    setting: own.setting,
    confidence: own.confidence,
    confSrc: own.confSrc,
    countryIso3: own.countryIso3,
    admin1: own.admin1,
    license: source.license,
    h3R15: row.h3R15,
    h3Cover,
    geometryHash,
    properties: source.keep(properties),
    provenance: own.provenance,
  };
}

function idOf(record: SourceRecord): string | null {
  const id = sourceId(record);
  return id === null ? null : String(id);
}
