import { crsDefinition, formatCrs } from '../grid/crs-definition.js';
import type { Crs } from '../grid/crs.js';
import { createTransform } from '../grid/transform.js';
import type { DuckDb } from '../duckdb/connection.js';
import { distinctUids, featureUids } from './feature-uid.js';
import type { LabelRow } from './filter-where.js';
import { h3Cells } from './h3-cover.js';
import type { Geometry, QuarantinedRecord } from './label.js';
import { coordinateArrays } from './raw-geometry.js';
import { boundsOf } from './ring-maths.js';
import { prepareShape } from './shape.js';
import type { Shape, ShapeFix } from './shape.js';
import { LON_LAT } from './source-crs.js';
import type { SourceRecord, SourceTable } from './source-table.js';
import { validPolygons } from './valid-polygons.js';
import type { ValidPolygons } from './valid-polygons.js';
import { formatWkb } from './wkb.js';

/** A label without its cover, and what was done to the source's geometry. */
export type HarmonisedRow = LabelRow & {
  /** In words; null where it was valid as it was. Cutting at the antimeridian is no repair. */
  readonly repair: string | null;
};

/** The records of a source as labels without covers, and what became of the others. */
export type Harmonised = {
  readonly rows: readonly HarmonisedRow[];
  readonly quarantine: readonly QuarantinedRecord[];
  readonly notes: readonly RecordNote[];
};

/** What was done to some records, by their numbers. */
export type RecordNote = { readonly what: string; readonly records: readonly number[] };

/** Of the cell of a label's point: half a metre wide. */
const POINT_RESOLUTION = 15;
/** Record numbers that a warning lists before it says how many more there are. */
const LISTED = 10;

/** Bring every record to valid lon/lat geometry with area, interior point and uid, or into the quarantine. */
export function harmonise(db: DuckDb, table: SourceTable, dataset: string, signal?: AbortSignal): Promise<Harmonised> {
  return harmoniseSome(db, table, { dataset, uids: uidsOf(table, dataset), from: 0, to: table.records.length }, signal);
}

/** The uid of each record of a table. */
export function uidsOf(table: SourceTable, dataset: string): string[] {
  const unitOf = byCrs((crs) => (crsDefinition(crs).geographic ? 'degrees' : 'metres'));
  const units = table.records.map(({ crs }) => unitOf(crs ?? table.crs));
  return distinctUids(featureUids(dataset, table.records, units), table.records);
}

/** A function of a CRS that is computed once for each. */
function byCrs<T>(compute: (crs: Crs) => T): (crs: Crs) => T {
  const known = new Map<string, T>();
  return (crs) => {
    const key = formatCrs(crs);
    const found = known.get(key) ?? compute(crs);
    known.set(key, found);
    return found;
  };
}

/** Some records of a table, from `from` to before `to`; `uids` are those of all. */
export type RecordSlice = {
  readonly dataset: string;
  readonly uids: readonly string[];
  readonly from: number;
  readonly to: number;
};

/** `harmonise` for a part of a table: what is made of a large one need not be in memory at once. */
export async function harmoniseSome(
  db: DuckDb,
  table: SourceTable,
  { dataset, uids, from, to }: RecordSlice,
  signal?: AbortSignal,
): Promise<Harmonised> {
  const records = table.records.slice(from, to);
  const transformOf = byCrs((crs) => createTransform(crs, LON_LAT));
  const shapes = records.map(({ geometry, crs = table.crs }) => prepareShape(geometry, transformOf(crs)));
  const measured = await measure(db, shapes, signal);
  const cells = h3Cells(Float64Array.from(measured.flatMap(pointOf)), POINT_RESOLUTION);
  const rows: HarmonisedRow[] = [];
  const quarantine: QuarantinedRecord[] = [];
  for (const [i, record] of records.entries()) {
    const found = measured[i]!;
    const { properties } = record;
    if (found.kind === 'unusable')
      quarantine.push({ source: table.url, record: record.record, reason: found.reason, properties });
    else {
      const row = toRow(record, found, { featureUid: uids[from + i]!, dataset, h3R15: cells[rows.length]! });
      rows.push({ ...row, repair: repairOf(shapes[i]!, found) });
    }
  }
  return { rows, quarantine, notes: notesOf(records, shapes, measured) };
}

/** Notes as sentences; those of one kind become one. */
export function describeNotes(notes: readonly RecordNote[]): string[] {
  const byKind = new Map<string, number[]>();
  for (const { what, records } of notes) {
    const known = byKind.get(what) ?? [];
    byKind.set(what, known);
    for (const record of records) known.push(record);
  }
  return [...byKind].map(([what, records]) => `${countOf(records)} ${what}: ${list(records)}`);
}

type Measured = ValidPolygons | { readonly kind: 'points'; readonly points: Float64Array };

async function measure(db: DuckDb, shapes: readonly Shape[], signal: AbortSignal | undefined): Promise<Measured[]> {
  const results: Measured[] = [];
  const inputs = shapes.flatMap((shape) =>
    shape.kind === 'shape' && shape.geometry.kind === 'polygons'
      ? [{ polygons: shape.geometry.polygons, crosses: shape.crosses }]
      : [],
  );
  const polygons = inputs.length === 0 ? [] : await validPolygons(db, inputs, signal);
  let next = 0;
  for (const shape of shapes) {
    if (shape.kind === 'unusable') results.push(shape);
    else if (shape.geometry.kind === 'points') results.push(shape.geometry);
    else results.push(polygons[next++]!);
  }
  return results;
}

function toRow(
  record: SourceRecord,
  found: Exclude<Measured, { kind: 'unusable' }>,
  ids: { featureUid: string; dataset: string; h3R15: bigint },
): LabelRow {
  const geometry: Geometry = found.kind === 'points' ? found : { kind: 'polygons', polygons: found.polygons };
  const [lon, lat] = pointOf(found) as [number, number];
  return {
    labelId: record.record,
    ...ids,
    wkb: formatWkb(geometry),
    geometry,
    ...boundsOf(...coordinateArrays(geometry)),
    areaGeodM2: found.kind === 'points' ? 0 : found.areaM2,
    lon,
    lat,
    properties: record.properties,
  };
}

/** An interior point: lon, lat; none of what cannot be used. */
function pointOf(found: Measured): number[] {
  if (found.kind === 'unusable') return [];
  return found.kind === 'points' ? [found.points[0]!, found.points[1]!] : [found.point.lon, found.point.lat];
}

function repairOf(shape: Shape, found: Measured): string | null {
  const done = shape.kind === 'shape' ? [...shape.fixes] : [];
  const all = [...(isRepaired(found) ? ['made valid'] : []), ...done];
  return all.length === 0 ? null : all.join(', ');
}

/** What is told of records with a fix. */
const FIX_NOTES: readonly (readonly [fix: ShapeFix, what: string])[] = [
  ['ring closed', 'open rings closed'],
  ['ring without area left out', 'rings without area left out'],
  ['points and lines left out', 'points and lines beside polygons left out'],
];

function notesOf(
  records: readonly SourceRecord[],
  shapes: readonly Shape[],
  measured: readonly Measured[],
): RecordNote[] {
  const numbersWhere = (test: (i: number) => boolean) => records.flatMap(({ record }, i) => (test(i) ? [record] : []));
  const hasFix = (i: number, fix: ShapeFix) => {
    const shape = shapes[i]!;
    return shape.kind === 'shape' && shape.fixes.includes(fix);
  };
  const kept = (i: number) => measured[i]!.kind !== 'unusable';
  const notes: RecordNote[] = [
    { what: 'invalid geometry repaired', records: numbersWhere((i) => isRepaired(measured[i]!)) },
    ...FIX_NOTES.map(([fix, what]) => ({ what, records: numbersWhere((i) => kept(i) && hasFix(i, fix)) })),
    { what: 'cut at the antimeridian', records: numbersWhere((i) => kept(i) && crosses(shapes[i]!)) },
    { what: 'put into the quarantine', records: numbersWhere((i) => !kept(i)) },
  ];
  return notes.filter((note) => note.records.length > 0);
}

function isRepaired(found: Measured): boolean {
  return found.kind === 'valid' && found.repaired;
}

function crosses(shape: Shape): boolean {
  return shape.kind === 'shape' && shape.crosses;
}

function countOf(numbers: readonly number[]): string {
  return `${numbers.length} record${numbers.length === 1 ? '' : 's'}`;
}

function list(numbers: readonly number[]): string {
  const more = numbers.length - LISTED;
  return `${numbers.slice(0, LISTED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
