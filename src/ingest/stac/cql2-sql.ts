import { CubeError } from '../../errors.js';
import type { Cql2, Cql2Value, SpatialOperator } from '../../stac/cql2/expression.js';
import { parseInstant } from '../../stac/interval.js';
import type { Json } from '../../stac/item.js';
import type { SqlParameters } from './sql-parameters.js';

/** Properties that have a column of their own; all others are asked of the JSON. */
const TEXT_COLUMNS: ReadonlyMap<string, string> = new Map([
  ['id', 'item_id'],
  ['collection', 'collection'],
  ['platform', 'platform'],
]);
const NUMBER_COLUMNS: ReadonlyMap<string, string> = new Map([
  ['eo:cloud_cover', 'cloud_cover'],
  ['gsd', 'gsd'],
]);
/** `datetime` of an item without one is the begin of its interval. */
const TIME_COLUMNS: ReadonlyMap<string, readonly [from: string, to: string]> = new Map([
  ['datetime', ['coalesce(datetime, start_datetime)', 'coalesce(datetime, end_datetime, start_datetime)']],
  ['start_datetime', ['start_datetime', 'start_datetime']],
  ['end_datetime', ['end_datetime', 'end_datetime']],
]);
const PREDICATES: Readonly<Record<SpatialOperator, string>> = {
  s_intersects: 'ST_Intersects',
  s_disjoint: 'ST_Disjoint',
  s_within: 'ST_Within',
  s_contains: 'ST_Contains',
};

/** What a translation needs beside the filter. */
export type Cql2SqlContext = {
  readonly parameters: SqlParameters;
  /** WKB of the geometries of the filter's spatial functions, cut at the antimeridian. */
  readonly shapes: ReadonlyMap<Json, Uint8Array>;
};

/**
 * A filter as an SQL condition over `stac_items`: true, false, or null where the item lacks what is asked for. Values and names of
 * properties become parameters. Comparisons of different kinds of values are null.
 */
export function cql2ToSql(filter: Cql2, context: Cql2SqlContext): string {
  const { parameters } = context;
  switch (filter.op) {
    case 'and':
    case 'or':
      return `(${filter.args.map((one) => cql2ToSql(one, context)).join(filter.op === 'and' ? ' AND ' : ' OR ')})`;
    case 'not':
      return `(NOT ${cql2ToSql(filter.arg, context)})`;
    case 'constant':
      return filter.value ? 'true' : 'false';
    case 'compare':
      return compare(filter.property, filter.comparison, filter.value, parameters);
    case 'in':
      return `(${filter.values.map((value) => compare(filter.property, '=', value, parameters)).join(' OR ')})`;
    case 'between':
      return `(${compare(filter.property, '>=', filter.low, parameters)} AND ${compare(filter.property, '<=', filter.high, parameters)})`;
    case 'like':
      return `(${textOf(filter.property, parameters)} ${filter.anyCase ? 'ILIKE' : 'LIKE'} ${parameters.add(filter.pattern)} ESCAPE '\\')`;
    case 'isNull':
      return isNull(filter.property, parameters);
    case 'spatial':
      return spatial(filter.operator, filter.geometry, context);
    case 'temporal':
      return temporal(filter, parameters);
  }
}

/** The geometries of a filter, which have to be made ready before it is translated. */
export function geometriesOf(filter: Cql2): Json[] {
  if (filter.op === 'spatial') return [filter.geometry];
  if (filter.op === 'not') return geometriesOf(filter.arg);
  return filter.op === 'and' || filter.op === 'or' ? filter.args.flatMap(geometriesOf) : [];
}

function compare(property: string, comparison: string, value: Cql2Value, parameters: SqlParameters): string {
  const time = TIME_COLUMNS.get(property);
  if (time !== undefined || value.kind === 'time') {
    const instant = value.kind === 'text' ? parseInstant(value.value) : value.kind === 'time' ? value.value : null;
    if (instant === null) throw new CubeError({ kind: 'invalid-argument', what: `CQL2: "${property}" is a time` });
    return `(epoch_ms(${time?.[0] ?? instantOf(property, parameters)}) ${comparison} ${parameters.add(instant)})`;
  }
  const placeholder = () => parameters.add(value.value);
  switch (value.kind) {
    case 'number':
      return `(${numberOf(property, parameters)} ${comparison} ${placeholder()})`;
    case 'text':
      return `(${textOf(property, parameters)} ${comparison} ${placeholder()})`;
    case 'flag':
      return `(${flagOf(property, parameters)} ${comparison} ${placeholder()})`;
  }
}

function textOf(property: string, parameters: SqlParameters): string {
  return TEXT_COLUMNS.get(property) ?? ofType(property, `= 'VARCHAR'`, 'VARCHAR', parameters);
}

function numberOf(property: string, parameters: SqlParameters): string {
  const types = `IN ('UBIGINT', 'BIGINT', 'HUGEINT', 'DOUBLE')`;
  return NUMBER_COLUMNS.get(property) ?? ofType(property, types, 'DOUBLE', parameters);
}

function flagOf(property: string, parameters: SqlParameters): string {
  return ofType(property, `= 'BOOLEAN'`, 'BOOLEAN', parameters);
}

function instantOf(property: string, parameters: SqlParameters): string {
  return `TRY_CAST(${ofType(property, `= 'VARCHAR'`, 'VARCHAR', parameters)} AS TIMESTAMP)`;
}

/** The value of a property where it is of that kind, else null. */
function ofType(property: string, jsonTypes: string, type: string, parameters: SqlParameters): string {
  const path = parameters.add(pointerTo(property));
  return `(CASE WHEN json_type(properties, ${path}) ${jsonTypes} THEN TRY_CAST(json_extract_string(properties, ${path}) AS ${type}) END)`;
}

/** RFC 6901: names may hold anything. */
function pointerTo(property: string): string {
  return `/${property.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function isNull(property: string, parameters: SqlParameters): string {
  if (property === 'geometry') return '(geometry IS NULL)';
  const column = property === 'datetime' ? 'datetime' : (TEXT_COLUMNS.get(property) ?? TIME_COLUMNS.get(property)?.[0]);
  if (column !== undefined && property !== 'platform') return `(${column} IS NULL)`;
  return `(coalesce(json_type(properties, ${parameters.add(pointerTo(property))}), 'NULL') = 'NULL')`;
}

function spatial(operator: SpatialOperator, geometry: Json, { parameters, shapes }: Cql2SqlContext): string {
  const wkb = shapes.get(geometry);
  if (wkb === undefined) throw new CubeError({ kind: 'worker', what: 'a geometry of the filter was not made ready' });
  return `${PREDICATES[operator]}(geometry, ST_GeomFromWKB(${parameters.add(wkb)}))`;
}

/** Instants are intervals without length (OGC 21-065r2, §7.9). Ends are compared in milliseconds. */
function temporal(
  { operator, property, fromMs, toMs }: Extract<Cql2, { op: 'temporal' }>,
  parameters: SqlParameters,
): string {
  const own = instantOf.bind(null, property, parameters);
  const [from, to] = (TIME_COLUMNS.get(property) ?? [own(), own()]).map((column) => `epoch_ms(${column})`);
  const bound = (ms: number) => (Number.isFinite(ms) ? parameters.add(ms) : `'${ms > 0 ? '' : '-'}inf'::DOUBLE`);
  const [low, high] = [bound(fromMs), bound(toMs)];
  switch (operator) {
    case 't_intersects':
      return `(${from} <= ${high} AND ${to} >= ${low})`;
    case 't_disjoint':
      return `(${from} > ${high} OR ${to} < ${low})`;
    case 't_before':
      return `(${to} < ${low})`;
    case 't_after':
      return `(${from} > ${high})`;
    case 't_during':
      return `(${from} > ${low} AND ${to} < ${high})`;
    case 't_equals':
      return `(${from} = ${low} AND ${to} = ${high})`;
  }
}
