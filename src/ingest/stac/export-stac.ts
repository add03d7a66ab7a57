import { createWriteStream } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { lakeLocation, type LakeInput } from '../../build/lake-input.js';
import { sqlErrors, sqlName, sqlString, type DuckDb } from '../../duckdb/connection.js';
import { toJavaScript } from '../../duckdb/values.js';
import { CubeError } from '../../errors.js';
import { throwIfAborted } from '../../io/abort.js';
import { LAKE, openSession, withAttached } from '../../lake/attach.js';
import { SCHEMA } from '../../lake/tables.js';
import type { Json } from '../../stac/item.js';
import { isObject, type JsonObject } from '../../stac/json.js';
import { formatWkb } from '../../vector/wkb.js';
import { parseGeoJsonGeometry } from '../../vector/geojson-geometry.js';
import { publishOutput } from '../export/publish-output.js';
import { duckDbTypeOf, jsonTypeOf, mergeJsonTypes, type JsonType } from './json-type.js';
import { assertItems } from './search-stac.js';
import { STORED_COLUMNS, storedItem } from './stored-item.js';

/** Which items of a lake are written where. */
export type StacExportInput = {
  readonly lake: LakeInput;
  /** A file of stac-geoparquet (`.parquet`), or of one item a line (`.ndjson`). */
  readonly out: string;
  /** Replace the file that is there, when the new one is whole. */
  readonly overwrite?: boolean;
  /** All by default. One file a collection keeps assets alike. */
  readonly collections?: readonly string[];
  readonly signal?: AbortSignal;
};

/** What was written. */
export type StacExportReport = { readonly path: string; readonly items: number; readonly warnings: readonly string[] };

/** Columns that are the item's own; a property of such a name has no place (stac-geoparquet 1.1.0). */
const OWN = ['type', 'stac_version', 'stac_extensions', 'id', 'geometry', 'bbox', 'links', 'assets', 'collection'];
/** A footprint in the item's own projection: WKB, as other readers of stac-geoparquet expect it. */
const PROJECTED = 'proj:geometry';
/** Times of the common metadata are native, in UTC. */
const TIMES = new Set([
  'datetime',
  'start_datetime',
  'end_datetime',
  'created',
  'updated',
  'expires',
  'published',
  'unpublished',
]);

/**
 * Write the items of a lake as stac-geoparquet 1.1.0: properties as columns, assets as a struct by their names, native times, GeoParquet
 * geometry; or as NDJSON. In (collection, time, id) order. Problems: `exists` without `overwrite`, `no-data` where there are none.
 */
export async function exportStac(input: StacExportInput): Promise<StacExportReport> {
  const { lake, out, collections, signal } = input;
  const path = resolve(out);
  const isLines = /\.(ndjson|jsonl)$/i.test(path);
  if (!isLines && !/\.(geo)?parquet$/i.test(path)) {
    throw new CubeError({ kind: 'invalid-argument', what: `${basename(path)} is neither .parquet nor .ndjson` });
  }
  return publishOutput(path, input, async (place) => {
    const session = await openSession(lakeLocation(lake));
    const { database } = session;
    try {
      return await withAttached(session, { readOnly: true, signal }, async () => {
        await assertItems(database);
        const items = () => storedItems(database, collections, signal);
        const lines = isLines ? place.path : join(dirname(place.path), 'lines.ndjson');
        const schema = isLines ? null : await schemaOf(items());
        const written = await writeLines(lines, items(), schema === null ? (item) => item : flatRow(schema));
        if (written === 0) throw new CubeError({ kind: 'no-data', what: 'no item to write' });
        if (schema !== null) await database.run(copyStatement(lines, place.path, schema));
        throwIfAborted(signal);
        return { path, items: written, warnings: schema?.warnings ?? [] };
      });
    } finally {
      await database.close();
    }
  });
}

/** The items of the attached lake, a batch of rows at a time. */
export async function* storedItems(
  database: DuckDb,
  collections: readonly string[] | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<JsonObject> {
  const where =
    collections === undefined ? '' : `WHERE i.collection IN (${['', ...collections].map(sqlString).join(', ')})`;
  const sql = `SELECT ${STORED_COLUMNS} FROM ${LAKE}.${SCHEMA}.stac_items i ${where} ORDER BY i.collection, coalesce(i.datetime, i.start_datetime), i.item_id`;
  const result = await sqlErrors(() => database.connection.stream(sql));
  const batches = result.yieldConvertedRowObjects(toJavaScript);
  for (;;) {
    throwIfAborted(signal);
    const batch = await sqlErrors(() => batches.next());
    if (batch.done === true) return;
    for (const row of batch.value) yield storedItem(row);
  }
}

/** Columns beside the item's own, by name, and the types of all. */
type Schema = {
  readonly properties: ReadonlyMap<string, JsonType>;
  readonly assets: JsonType;
  readonly links: JsonType;
  readonly warnings: readonly string[];
};

async function schemaOf(items: AsyncIterable<JsonObject>): Promise<Schema> {
  const properties = new Map<string, JsonType>();
  let [assets, links]: [JsonType, JsonType] = [{ kind: 'unknown' }, { kind: 'unknown' }];
  for await (const item of items) {
    for (const [name, value] of Object.entries(propertiesOf(item))) {
      properties.set(name, mergeJsonTypes(properties.get(name) ?? { kind: 'unknown' }, jsonTypeOf(value)));
    }
    assets = mergeJsonTypes(assets, jsonTypeOf(item['assets']));
    links = mergeJsonTypes(links, jsonTypeOf(item['links']));
  }
  const taken = new Set(OWN);
  const warnings: string[] = [];
  for (const [name, type] of properties) {
    const isFree = !taken.has(name.toLowerCase());
    if (isFree) taken.add(name.toLowerCase());
    else warnings.push(`property "${name}" is left out: there is a column of that name`);
    if (!isFree || type.kind === 'unknown') properties.delete(name);
  }
  return { properties, assets, links, warnings };
}

function propertiesOf(item: JsonObject): JsonObject {
  return isObject(item['properties']) ? item['properties'] : {};
}

/** An item as one row: geometry as WKB in hexadecimal, the box as a struct. */
function flatRow({ properties }: Schema): (item: JsonObject) => JsonObject {
  return (item) => {
    const own = propertiesOf(item);
    const lifted = [...properties.keys()].map((name): [string, Json] => {
      const value = own[name] ?? null;
      return [name, name === PROJECTED ? hexWkb(value) : value];
    });
    const { bbox, geometry = null } = item;
    const [xmin, ymin, xmax, ymax] = Array.isArray(bbox) ? bbox : [];
    return {
      ...Object.fromEntries(lifted),
      type: 'Feature',
      stac_version: item['stac_version'] ?? null,
      stac_extensions: item['stac_extensions'] ?? null,
      id: item['id'] ?? null,
      geometry: hexWkb(geometry),
      bbox: xmin === undefined ? null : { xmin, ymin: ymin!, xmax: xmax!, ymax: ymax! },
      links: item['links'] ?? null,
      assets: item['assets'] ?? null,
      collection: item['collection'] ?? null,
    };
  };
}

function hexWkb(geometry: Json): string | null {
  const parsed = parseGeoJsonGeometry(geometry);
  return parsed.kind === 'unusable' ? null : Buffer.from(formatWkb(parsed)).toString('hex');
}

async function writeLines(
  path: string,
  items: AsyncIterable<JsonObject>,
  row: (item: JsonObject) => JsonObject,
): Promise<number> {
  let count = 0;
  const lines = async function* () {
    for await (const item of items) {
      count++;
      yield `${JSON.stringify(row(item))}\n`;
    }
  };
  await pipeline(Readable.from(lines()), createWriteStream(path));
  return count;
}

function copyStatement(lines: string, table: string, { properties, assets, links }: Schema): string {
  const columns: [name: string, type: string][] = [
    ['type', 'VARCHAR'],
    ['stac_version', 'VARCHAR'],
    ['stac_extensions', 'VARCHAR[]'],
    ['id', 'VARCHAR'],
    ['geometry', 'VARCHAR'],
    ['bbox', 'STRUCT(xmin DOUBLE, ymin DOUBLE, xmax DOUBLE, ymax DOUBLE)'],
    ['links', links.kind === 'list' ? duckDbTypeOf(links) : 'JSON[]'],
    ['assets', duckDbTypeOf(assets)],
    ['collection', 'VARCHAR'],
    ...[...properties].map(([name, type]): [string, string] => [
      name,
      isTime(name, type) || name === PROJECTED ? 'VARCHAR' : duckDbTypeOf(type),
    ]),
  ];
  const types = columns.map(([name, type]) => `${sqlString(name)}: ${sqlString(type)}`).join(', ');
  const values = columns.map(([name]) => {
    if (name === 'geometry') return 'ST_GeomFromHEXWKB(geometry) AS geometry';
    if (name === PROJECTED) return `unhex(${sqlName(name)}) AS ${sqlName(name)}`;
    const type = properties.get(name);
    const isNative = type !== undefined && isTime(name, type);
    return isNative ? `CAST(${sqlName(name)} AS TIMESTAMPTZ) AS ${sqlName(name)}` : sqlName(name);
  });
  return `COPY (
    SELECT ${values.join(', ')} FROM read_json(${sqlString(lines)}, format = 'newline_delimited', columns = {${types}}, maximum_object_size = 268435456)
  ) TO ${sqlString(table)} (FORMAT parquet, COMPRESSION zstd, KV_METADATA {'stac-geoparquet': '{"version":"1.1.0"}'})`;
}

function isTime(name: string, type: JsonType): boolean {
  return TIMES.has(name) && type.kind === 'text';
}
