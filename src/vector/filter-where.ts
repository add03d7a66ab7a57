import { BIGINT, BLOB, blobValue, BOOLEAN, DOUBLE, UBIGINT, VARCHAR } from '@duckdb/node-api';
import type { DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { CubeError, isCubeError } from '../errors.js';
import { sqlName } from '../duckdb/connection.js';
import type { DuckDb } from '../duckdb/connection.js';
import type { Json } from '../stac/item.js';
import { appendColumns } from './append-chunks.js';
import type { Label } from './label.js';
import type { SourceTable } from './source-table.js';

/** A label before its H3 cover is computed: only those that pass `where` need one. */
export type LabelRow = Omit<Label, 'h3Cells'>;

/** What marks a missing value in text columns of otherwise numeric data. */
const MISSING = new Set(['', 'NA', 'N/A', 'NaN', 'nan', 'null', 'NULL']);

type Column = {
  readonly name: string;
  readonly type: DuckDBType;
  readonly values: DuckDBValue[];
  readonly sql?: string;
};

/**
 * The labels for which an SQL expression is true. It sees label_id, feature_uid, dataset, geometry, xmin, ymin, xmax, ymax,
 * area_geod_m2, h3_r15, lon, lat and the source's columns; where names clash the former win. A source column is BIGINT,
 * DOUBLE, BOOLEAN, DATE, TIMESTAMP or VARCHAR, as its values are (numbers with marks such as NA: DOUBLE, null for the
 * marks). Files cannot be reached. An expression that DuckDB refuses is `invalid-spec`.
 */
export async function filterWhere<Row extends LabelRow>(
  db: DuckDb,
  where: string,
  labels: readonly Row[],
  temporal: SourceTable['temporal'],
): Promise<Row[]> {
  const columns = [...harmonised(labels), ...sourceColumns(where, labels, temporal)];
  await db.run(
    `CREATE OR REPLACE TEMP TABLE label_columns (${columns.map(({ name, type }) => `${sqlName(name)} ${String(type)}`).join(', ')})`,
  );
  await appendColumns(db.connection, 'label_columns', columns);
  await db.run('SET enable_external_access = false');
  const list = columns
    .map(({ name, sql }) => (sql === undefined ? sqlName(name) : `${sql} AS ${sqlName(name)}`))
    .join(', ');
  const kept = await evaluate(
    db,
    `SELECT label_id FROM (SELECT ${list} FROM label_columns) AS labels WHERE (\n${where}\n)`,
    labels,
  );
  return labels.filter(({ labelId }) => kept.has(labelId));
}

async function evaluate(db: DuckDb, sql: string, labels: readonly LabelRow[]): Promise<ReadonlySet<number>> {
  try {
    const statements = await db.connection.extractStatements(sql);
    if (statements.count !== 1)
      throw new CubeError({ kind: 'invalid-spec', path: 'labels.where', what: 'more than one statement' });
    const rows = await db.all(sql);
    return new Set(rows.map((row) => Number(row['label_id'])));
  } catch (error) {
    if (isCubeError(error) && error.problem.kind !== 'lake') throw error;
    const what = isCubeError(error, 'lake') ? error.problem.what : String(error);
    const names = [...new Set(labels.slice(0, 100).flatMap(({ properties }) => Object.keys(properties)))].slice(0, 40);
    const fix = `columns of the source: ${names.join(', ')}`;
    throw new CubeError({ kind: 'invalid-spec', path: 'labels.where', what, fix }, { cause: error });
  }
}

function harmonised(labels: readonly LabelRow[]): Column[] {
  const column = (name: string, type: DuckDBType, value: (label: LabelRow) => DuckDBValue): Column => ({
    name,
    type,
    values: labels.map(value),
  });
  return [
    column('label_id', BIGINT, ({ labelId }) => BigInt(labelId)),
    column('feature_uid', VARCHAR, ({ featureUid }) => featureUid),
    column('dataset', VARCHAR, ({ dataset }) => dataset),
    { ...column('geometry', BLOB, ({ wkb }) => blobValue(wkb)), sql: 'ST_GeomFromWKB(geometry)' },
    column('xmin', DOUBLE, ({ xmin }) => xmin),
    column('ymin', DOUBLE, ({ ymin }) => ymin),
    column('xmax', DOUBLE, ({ xmax }) => xmax),
    column('ymax', DOUBLE, ({ ymax }) => ymax),
    column('area_geod_m2', DOUBLE, ({ areaGeodM2 }) => areaGeodM2),
    column('h3_r15', UBIGINT, ({ h3R15 }) => h3R15),
    column('lon', DOUBLE, ({ lon }) => lon),
    column('lat', DOUBLE, ({ lat }) => lat),
  ];
}

/** Only columns whose name occurs in the expression are worth loading. DuckDB's names ignore case: the first one wins. */
function sourceColumns(where: string, labels: readonly LabelRow[], temporal: SourceTable['temporal']): Column[] {
  const text = where.toLowerCase();
  const taken = new Set(harmonised([]).map(({ name }) => name));
  const names = new Set(labels.flatMap(({ properties }) => Object.keys(properties)));
  const columns: Column[] = [];
  for (const name of names) {
    const lower = name.toLowerCase();
    const used = text.includes(lower) || text.includes(lower.replaceAll('"', '""'));
    if (name === '' || !used || taken.has(lower)) continue;
    taken.add(lower);
    columns.push(
      toColumn(
        name,
        labels.map(({ properties }) => properties[name] ?? null),
        temporal.get(name),
      ),
    );
  }
  return columns;
}

function toColumn(name: string, values: readonly Json[], time: 'DATE' | 'TIMESTAMP' | undefined): Column {
  const some = values.filter((value) => value !== null);
  if (time !== undefined)
    return { name, type: VARCHAR, values: values.map(toText), sql: `TRY_CAST(${sqlName(name)} AS ${time})` };
  if (some.length > 0 && some.every((value) => typeof value === 'boolean'))
    return { name, type: BOOLEAN, values: values.map((value) => value === true || (value === false ? false : null)) };
  if (some.some((value) => typeof value === 'number') && some.every(isNumberOrMark)) return numericColumn(name, values);
  const numbers = some.filter((value) => !isMark(value));
  if (numbers.length > 0 && numbers.every(isNumberText))
    return numericColumn(
      name,
      values.map((value) => (typeof value === 'string' && !isMark(value) ? Number(value) : value)),
    );
  return { name, type: VARCHAR, values: values.map(toText) };
}

function numericColumn(name: string, values: readonly Json[]): Column {
  const numbers = values.map((value) => (typeof value === 'number' ? value : null));
  if (numbers.some((value) => value !== null && !Number.isSafeInteger(value)))
    return { name, type: DOUBLE, values: numbers };
  return { name, type: BIGINT, values: numbers.map((value) => (value === null ? null : BigInt(value))) };
}

function isNumberOrMark(value: Json): boolean {
  return typeof value === 'number' || isMark(value);
}

function isMark(value: Json): boolean {
  return typeof value === 'string' && MISSING.has(value.trim());
}

/** Codes such as 007 and digits beyond a double stay text. */
function isNumberText(value: Json): boolean {
  if (typeof value !== 'string' || !/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(value)) return false;
  return /[.eE]/.test(value) || Number.isSafeInteger(Number(value));
}

function toText(value: Json): string | null {
  if (value === null) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
