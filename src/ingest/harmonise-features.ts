import type { DuckDb } from '../duckdb/connection.js';
import { CubeError } from '../errors.js';
import { splitParts } from '../sites/split-parts.js';
import { geometryHash, sourceId } from '../vector/feature-uid.js';
import { h3Cover } from '../vector/h3-cover.js';
import { harmonise, type HarmonisedRow } from '../vector/harmonise.js';
import type { QuarantinedRecord } from '../vector/label.js';
import { LON_LAT } from '../vector/source-crs.js';
import type { SourceRecord, SourceTable } from '../vector/source-table.js';
import type { Attributes } from './attributes.js';
import type { FieldMapper, Misread } from './apply-field-map.js';
import type { Feature } from './feature.js';
import { assertAxes } from './assert-axes.js';

/** Parts of one record that lie farther apart (metres) are features of their own. */
const PART_GAP_M = 1000;
/** H3 resolution of the covers: 3.5 cells for a plant, and no duplicate is missed. */
const COVER_RESOLUTION = 9;

/** What is known of the source of a table. */
export type FeatureSource = {
  readonly dataset: string;
  readonly version: string | null;
  /** Name within the data set. */
  readonly file: string;
  readonly license: string | null;
  readonly mapper: FieldMapper;
  /** West, south, east, north in degrees, where the manifest says it. */
  readonly extent: readonly [number, number, number, number] | null;
  /** Keeps some of the rows; the others are counted as excluded. */
  readonly filter: ((rows: readonly HarmonisedRow[]) => Promise<readonly HarmonisedRow[]>) | null;
};

/** What became of the records of a table: each is in features, in the quarantine, or excluded. */
export type HarmonisedFeatures = {
  readonly records: number;
  readonly features: readonly Feature[];
  readonly quarantine: readonly QuarantinedRecord[];
  /** Records that the manifest's `where` leaves out. */
  readonly excluded: number;
  readonly misread: readonly Misread[];
  readonly warnings: readonly string[];
};

/**
 * Bring the records of a source into the harmonised schema: valid lon/lat geometry, geodesic area, units converted once, nulls where
 * nothing is known. Problem: `invalid-data` where longitude and latitude are swapped.
 */
export async function harmoniseFeatures(
  db: DuckDb,
  table: SourceTable,
  source: FeatureSource,
  signal?: AbortSignal,
): Promise<HarmonisedFeatures> {
  const found = await harmonise(db, table, `${source.dataset}/${source.file}`, signal);
  assertAxes(table, found, source.extent);
  const kept = source.filter === null ? found.rows : await source.filter(found.rows);
  const records = new Map(table.records.map((record) => [record.record, record]));
  const misread: Misread[] = [];
  const features: Feature[] = [];
  const split = await splitRows(db, kept, signal);
  for (const { row, part } of split) {
    signal?.throwIfAborted();
    const attributes = source.mapper.read(row.properties, (one) => part === 1 && misread.push(one));
    features.push(toFeature(row, part, withId(attributes, records.get(row.labelId)!), source));
  }
  return {
    records: table.records.length,
    features,
    quarantine: found.quarantine.map((one) => ({ ...one, source: `${source.dataset}/${source.file}` })),
    excluded: found.rows.length - kept.length,
    misread,
    warnings: [...table.warnings, ...found.warnings],
  };
}

type SplitRow = { readonly row: HarmonisedRow; readonly part: number };

/** Rows whose parts lie far apart become several, measured again. */
async function splitRows(db: DuckDb, rows: readonly HarmonisedRow[], signal?: AbortSignal): Promise<SplitRow[]> {
  const groups = rows.map(({ geometry }) =>
    geometry.kind === 'polygons' ? splitParts(geometry.polygons, PART_GAP_M) : [[]],
  );
  const parts: SourceRecord[] = rows.flatMap(({ labelId, properties }, i) =>
    groups[i]!.length < 2
      ? []
      : groups[i]!.map((polygons) => ({
          record: labelId,
          geometry: { kind: 'polygons' as const, polygons },
          id: null,
          properties,
        })),
  );
  if (parts.length === 0) return rows.map((row) => ({ row, part: 1 }));
  const table: SourceTable = { url: '', crs: LON_LAT, records: parts, temporal: new Map(), warnings: [] };
  const measured = await harmonise(db, table, '', signal);
  if (measured.quarantine.length > 0) {
    throw new CubeError({
      kind: 'invalid-data',
      url: '',
      what: `parts of record ${measured.quarantine[0]!.record}: ${measured.quarantine[0]!.reason}`,
    });
  }
  const byRecord = new Map<number, HarmonisedRow[]>();
  for (const one of measured.rows) byRecord.set(one.labelId, [...(byRecord.get(one.labelId) ?? []), one]);
  return rows.flatMap((row, i) => {
    if (groups[i]!.length < 2) return [{ row, part: 1 }];
    return byRecord.get(row.labelId)!.map((one, place) => ({
      row: { ...one, featureUid: `${row.featureUid}:${place + 1}`, dataset: row.dataset, repair: row.repair },
      part: place + 1,
    }));
  });
}

function withId(attributes: Attributes, record: SourceRecord): Attributes {
  if (attributes.nativeId !== null) return attributes;
  const id = sourceId(record);
  return { ...attributes, nativeId: id === null ? null : String(id) };
}

function toFeature(row: HarmonisedRow, part: number, attributes: Attributes, source: FeatureSource): Feature {
  const { labelId, geometry, areaGeodM2, repair, dataset: _, ...rest } = row;
  const area = geometry.kind === 'points' ? null : areaGeodM2;
  return {
    ...attributes,
    ...rest,
    dataset: source.dataset,
    datasetVersion: source.version,
    sourceFile: source.file,
    license: source.license,
    record: labelId,
    part,
    geomKind: geometry.kind === 'points' ? 'point' : 'polygon',
    rawValid: repair === null,
    repair,
    areaGeodM2: area,
    areaRatio: area === null || attributes.areaSrcM2 === null ? null : attributes.areaSrcM2 / area,
    h3Cover: h3Cover(geometry, COVER_RESOLUTION),
    geometryHash: geometryHash(geometry),
  };
}
