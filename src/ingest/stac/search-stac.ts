import { lakeLocation, type LakeInput } from '../../build/lake-input.js';
import type { DuckDb } from '../../duckdb/connection.js';
import { CubeError } from '../../errors.js';
import { onAbort, throwIfAborted } from '../../io/abort.js';
import { LAKE, openSession, withAttached } from '../../lake/attach.js';
import { cell, wkb } from '../../lake/column.js';
import { hasTable } from '../../lake/schema.js';
import { appendStaged, createStaged } from '../../lake/stage.js';
import { SCHEMA, type Table } from '../../lake/tables.js';
import { parseCql2 } from '../../stac/cql2/parse-text.js';
import { parseInterval } from '../../stac/interval.js';
import type { Json } from '../../stac/item.js';
import { assertJson, type JsonObject } from '../../stac/json.js';
import { h3Cover, h3CoverSize } from '../../vector/h3-cover.js';
import type { Geometry } from '../../vector/label.js';
import { coordinateArrays } from '../../vector/raw-geometry.js';
import { boundsOf } from '../../vector/ring-maths.js';
import { formatWkb } from '../../vector/wkb.js';
import { cql2ToSql } from './cql2-sql.js';
import { shapesOf } from './query-shapes.js';
import { placeGeometries, type SearchPlace } from './search-place.js';
import { SqlParameters } from './sql-parameters.js';
import { STORED_COLUMNS, storedItem } from './stored-item.js';
import { STAC_ITEMS } from './tables.js';

/** Which items of a lake are wanted; what is left out asks for nothing. */
export type StacSearchInput = SearchPlace & {
  readonly lake: LakeInput;
  /** The footprint covers a whole site, label, cell or geometry; otherwise it is enough that they share a point. */
  readonly covers?: boolean;
  /** RFC 3339 instant or closed interval, as `datetime` of a STAC search. */
  readonly datetime?: string;
  /** Percent; items that do not say stay. */
  readonly maxCloudCover?: number;
  readonly collections?: readonly string[];
  readonly ids?: readonly string[];
  /** CQL2 text, or CQL2-JSON as text or data. Items that lack what it asks for are left out. */
  readonly filter?: unknown;
  /** Most items to take, the newest first. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
};

/** What a search of a lake gives: STAC items, the newest first, then by collection and id. */
export type StacSearchResult = {
  /** How many match, whatever the limit. */
  readonly matched: number;
  readonly items: readonly JsonObject[];
};

/** Coarser cells are those of scenes as large as continents. */
const RESOLUTIONS = [0, 1, 2, 3, 4, 5] as const;
/** A place of more cells meets so many items that the cells do not help. */
const MAX_CELLS = 50_000;

const SHAPES: Table<Geometry> = {
  name: 'wanted_shapes',
  comment: '',
  sortedBy: [],
  columns: [wkb('geometry', formatWkb)],
};
const CELLS: Table<bigint> = { name: 'wanted_cells', comment: '', sortedBy: [], columns: [cell('h3', (h3) => h3)] };

/**
 * Search the items that `fetchStac` put into a lake, by SQL: cells and boxes find candidates, polygons decide. Problems:
 * `no-data` for a lake without items and a site that it lacks, `invalid-argument`, `unsupported` for what is not understood of CQL2.
 */
export async function searchStac(input: StacSearchInput): Promise<StacSearchResult> {
  const { signal, limit } = input;
  if (limit !== undefined && !(Number.isSafeInteger(limit) && limit >= 0))
    throw new CubeError({ kind: 'invalid-argument', what: `limit ${limit} is no whole number from 0 on` });
  const session = await openSession(lakeLocation(input.lake));
  const { database } = session;
  try {
    return await withAttached(session, { readOnly: true, signal }, async () => {
      const off = onAbort(signal, () => database.connection.interrupt());
      try {
        return await search(database, input);
      } catch (error) {
        throwIfAborted(signal);
        throw error;
      } finally {
        off();
      }
    });
  } finally {
    await database.close();
  }
}

/** Problem: `no-data` where the attached lake has no items. */
export async function assertItems(database: DuckDb): Promise<void> {
  if (await hasTable(database, LAKE, STAC_ITEMS.name)) return;
  throw new CubeError({ kind: 'no-data', what: 'the lake has no STAC items', fix: 'run cube stac fetch first' });
}

async function search(database: DuckDb, input: StacSearchInput): Promise<StacSearchResult> {
  await assertItems(database);
  const parameters = new SqlParameters();
  const geometries = await placeGeometries(database, input, input.signal);
  const from = await filteredItems(database, input.filter, parameters);
  const near = geometries === null ? null : await stagePlace(database, geometries, parameters);
  const conditions = [...(near?.conditions ?? []), ...conditionsOf(input, parameters)];
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  // ST_Intersects and ST_Covers stand alone in their join, because only then DuckDB joins by an R-tree of boxes.
  const candidates = `SELECT i.* FROM ${from} AS i ${near?.join ?? ''} ${where}`;
  const meets = input.covers === true ? 'ST_Covers' : 'ST_Intersects';
  const matching =
    near === null
      ? 'SELECT * FROM candidates'
      : `SELECT * FROM candidates WHERE row IN (
          SELECT c.row FROM candidates c JOIN (SELECT ST_GeomFromWKB(geometry) AS shape FROM temp.staged_${SHAPES.name}) w
          ON ${meets}(c.geometry, w.shape))`;
  const rows = await database.all(
    `WITH candidates AS MATERIALIZED (SELECT row_number() OVER () AS row, * FROM (${candidates})),
      matching AS (${matching})
     SELECT ${STORED_COLUMNS}, count(*) OVER () AS matched FROM matching i
     ORDER BY coalesce(i.datetime, i.start_datetime) DESC NULLS LAST, i.collection, i.item_id
     ${input.limit === undefined ? '' : `LIMIT ${Math.max(1, input.limit)}`}`,
    parameters.values,
  );
  const items = input.limit === 0 ? [] : rows.map(storedItem);
  return { matched: Number(rows[0]?.['matched'] ?? 0n), items };
}

/** Boxes and cells that items at the place have; the shapes are in a table. */
async function stagePlace(
  database: DuckDb,
  geometries: readonly Geometry[],
  parameters: SqlParameters,
): Promise<{ readonly conditions: readonly string[]; readonly join: string }> {
  await createStaged(database, SHAPES);
  await appendStaged(database, SHAPES, geometries);
  const conditions = [boxCondition(geometries, parameters)];
  const size = geometries.reduce((sum, geometry) => sum + h3CoverSize(geometry, RESOLUTIONS.at(-1)!), 0);
  if (size > MAX_CELLS) return { conditions, join: '' };
  const cells = new Set(RESOLUTIONS.flatMap((resolution) => geometries.flatMap((one) => h3Cover(one, resolution))));
  await createStaged(database, CELLS);
  await appendStaged(database, CELLS, [...cells]);
  const join = `JOIN (SELECT DISTINCT h.item_id, h.collection FROM ${LAKE}.${SCHEMA}.item_h3 h
      JOIN temp.staged_${CELLS.name} w ON w.h3 = h.h3 WHERE h.finest) AS near
    ON near.item_id = i.item_id AND near.collection IS NOT DISTINCT FROM i.collection`;
  return { conditions, join };
}

/** One box on each side of the meridian of Greenwich, so that a place across the antimeridian is not the whole world. */
function boxCondition(geometries: readonly Geometry[], parameters: SqlParameters): string {
  const rings = geometries.flatMap(coordinateArrays);
  const sides = [rings.filter((ring) => ring[0]! < 0), rings.filter((ring) => ring[0]! >= 0)];
  const boxes = sides.filter((side) => side.length > 0).map((side) => boundsOf(...side));
  const meets = boxes.map(
    ({ xmin, ymin, xmax, ymax }) =>
      `(i.xmin <= ${parameters.add(xmax)} AND i.xmax >= ${parameters.add(xmin)} AND i.ymin <= ${parameters.add(ymax)} AND i.ymax >= ${parameters.add(ymin)})`,
  );
  return `(${meets.join(' OR ')})`;
}

function conditionsOf(
  { datetime, maxCloudCover, collections, ids }: StacSearchInput,
  parameters: SqlParameters,
): string[] {
  const conditions: string[] = [];
  const oneOf = (column: string, values: readonly string[]) =>
    `${column} IN (${['NULL', ...values.map((value) => parameters.add(value))].join(', ')})`;
  if (collections !== undefined) conditions.push(oneOf('i.collection', collections));
  if (ids !== undefined) conditions.push(oneOf('i.item_id', ids));
  if (maxCloudCover !== undefined)
    conditions.push(`(i.cloud_cover IS NULL OR i.cloud_cover <= ${parameters.add(maxCloudCover)})`);
  if (datetime !== undefined) conditions.push(timeCondition(datetime, parameters));
  return conditions;
}

/** STAC search: an item without `datetime` matches when any of its range lies in the closed interval. */
function timeCondition(datetime: string, parameters: SqlParameters): string {
  const { fromMs, toMs } = parseInterval(datetime, 'datetime');
  const instant = (ms: number) => `make_timestamp(CAST(${parameters.add(BigInt(ms) * 1000n)} AS BIGINT))`;
  const [from, to] = [fromMs === -Infinity ? null : instant(fromMs), toMs === Infinity ? null : instant(toMs)];
  const within = (start: string, end: string) =>
    [...(from === null ? [] : [`${end} >= ${from}`]), ...(to === null ? [] : [`${start} <= ${to}`]), 'true'].join(
      ' AND ',
    );
  const [start, end] = ['coalesce(i.start_datetime, i.end_datetime)', 'coalesce(i.end_datetime, i.start_datetime)'];
  return `((i.datetime IS NOT NULL AND ${within('i.datetime', 'i.datetime')}) OR (i.datetime IS NULL AND ${within(start, end)}))`;
}

/** The items that a filter leaves; it names columns barely, so it stands where nothing is joined. */
async function filteredItems(database: DuckDb, filter: unknown, parameters: SqlParameters): Promise<string> {
  const table = `${LAKE}.${SCHEMA}.${STAC_ITEMS.name}`;
  if (filter === undefined) return table;
  if (typeof filter !== 'string') assertJson(filter, 'the filter');
  const parsed = parseCql2(filter as Json);
  const shapes = await shapesOf(database, parsed);
  return `(SELECT * FROM ${table} WHERE ${cql2ToSql(parsed, { parameters, shapes })})`;
}
