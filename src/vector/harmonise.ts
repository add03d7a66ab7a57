import { crsDefinition } from '../grid/crs-definition.js';
import { createTransform } from '../grid/transform.js';
import type { DuckDb } from '../duckdb/connection.js';
import { distinctUids, featureUid } from './feature-uid.js';
import type { LabelRow } from './filter-where.js';
import { h3Cell } from './h3-cover.js';
import type { Geometry, QuarantinedRecord } from './label.js';
import { coordinateArrays } from './raw-geometry.js';
import { boundsOf } from './ring-maths.js';
import { prepareShape } from './shape.js';
import type { Shape } from './shape.js';
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
  readonly warnings: readonly string[];
};

/** Record numbers that a warning lists before it says how many more there are. */
const LISTED = 10;

/** Bring every record to valid lon/lat geometry with area, interior point and uid, or into the quarantine. */
export async function harmonise(
  db: DuckDb,
  table: SourceTable,
  dataset: string,
  signal?: AbortSignal,
): Promise<Harmonised> {
  const transform = createTransform(table.crs, LON_LAT);
  const shapes = table.records.map(({ geometry }) => prepareShape(geometry, transform));
  const measured = await measure(db, shapes, signal);
  const unit = crsDefinition(table.crs).geographic ? 'degrees' : 'metres';
  const uids = distinctUids(
    table.records.map((record) => featureUid(dataset, record, unit)),
    table.records,
  );
  const rows: HarmonisedRow[] = [];
  const quarantine: QuarantinedRecord[] = [];
  for (const [i, record] of table.records.entries()) {
    const found = measured[i]!;
    if (found.kind === 'unusable')
      quarantine.push({
        source: table.url,
        record: record.record,
        reason: found.reason,
        properties: record.properties,
      });
    else rows.push({ ...toRow(record, found, { featureUid: uids[i]!, dataset }), repair: repairOf(shapes[i]!, found) });
  }
  return { rows, quarantine, warnings: warningsOf(table.records, shapes, measured) };
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
  ids: { featureUid: string; dataset: string },
): LabelRow {
  const geometry: Geometry = found.kind === 'points' ? found : { kind: 'polygons', polygons: found.polygons };
  const point = found.kind === 'points' ? { lon: found.points[0]!, lat: found.points[1]! } : found.point;
  return {
    labelId: record.record,
    ...ids,
    wkb: formatWkb(geometry),
    geometry,
    ...boundsOf(...coordinateArrays(geometry)),
    areaGeodM2: found.kind === 'points' ? 0 : found.areaM2,
    h3R15: h3Cell(point.lon, point.lat, 15),
    ...point,
    properties: record.properties,
  };
}

function repairOf(shape: Shape, found: Measured): string | null {
  const done = shape.kind === 'shape' ? [...shape.fixes] : [];
  const all = [...(isRepaired(found) ? ['made valid'] : []), ...done];
  return all.length === 0 ? null : all.join(', ');
}

function warningsOf(
  records: readonly SourceRecord[],
  shapes: readonly Shape[],
  measured: readonly Measured[],
): string[] {
  const numbersWhere = (test: (i: number) => boolean) => records.flatMap(({ record }, i) => (test(i) ? [record] : []));
  const hasFix = (i: number, fix: 'ring closed' | 'ring without area left out') => {
    const shape = shapes[i]!;
    return shape.kind === 'shape' && shape.fixes.includes(fix);
  };
  const kept = (i: number) => measured[i]!.kind !== 'unusable';
  const groups: [string, number[]][] = [
    ['invalid geometry repaired', numbersWhere((i) => isRepaired(measured[i]!))],
    ['open rings closed', numbersWhere((i) => kept(i) && hasFix(i, 'ring closed'))],
    ['rings without area left out', numbersWhere((i) => kept(i) && hasFix(i, 'ring without area left out'))],
    ['cut at the antimeridian', numbersWhere((i) => kept(i) && crosses(shapes[i]!))],
    ['put into the quarantine', numbersWhere((i) => !kept(i))],
  ];
  return groups
    .filter(([, numbers]) => numbers.length > 0)
    .map(([what, numbers]) => `${countOf(numbers)} ${what}: ${list(numbers)}`);
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
