import type { DuckDb } from '../../duckdb/connection.js';
import { throwIfAborted } from '../../io/abort.js';
import type { Json } from '../../stac/item.js';
import { isObject, parseJson, type JsonObject } from '../../stac/json.js';
import { askServer, runOnServer, serverJson, SERVER } from './pgstac-server.js';
import { slimItem } from './slim-item.js';

/** Items in one statement: a megabyte or two. */
const BATCH = 500;

/** Rows as pgstac's table of items has them, until all are there. */
const LOADED = 'heliocube_loaded_items';

/** Fields by which pgstac finds place and time of an item. */
const PLACED_BY = ['intersects', 'geometry', 'bbox', 'properties'];

type Base = { readonly item: JsonObject | null; readonly tag: Json };

/**
 * Put staged items (a table of DuckDB with `collection` and `content`, JSON text) in the place of older ones, within the caller's
 * transaction, in which their collections are there. They are made slim here: pgstac's trigger does it by a recursive function in SQL,
 * which takes nine tenths of a load. Where the database's own function makes something else of an item, the trigger does it.
 */
export async function upsertItems(database: DuckDb, staged: string, signal: AbortSignal | undefined): Promise<void> {
  const bases = await readBases(database, staged);
  if (!(await isSlimmedAlike(database, staged, bases))) {
    await database.run(`INSERT INTO ${SERVER}.pgstac.items_staging_upsert (content) SELECT content FROM ${staged}`);
    return;
  }
  await runOnServer(database, `CREATE TEMP TABLE ${LOADED} (LIKE pgstac.items) ON COMMIT DROP`);
  for (let start = 0; ; start += BATCH) {
    throwIfAborted(signal);
    const rows = await database.all(
      `SELECT content FROM ${staged} WHERE rowid >= ${start} AND rowid < ${start + BATCH} ORDER BY rowid`,
    );
    if (rows.length === 0) break;
    await runOnServer(database, insertion(rows.map(({ content }) => rowOf(parsed(content), bases))));
  }
  for (const statement of REPLACE) await runOnServer(database, statement);
}

/** Of the collections that staged items have: what their items share, and the mark that items made slim by it carry since 0.10. */
async function readBases(database: DuckDb, staged: string): Promise<ReadonlyMap<string, Base>> {
  const found = await database.all(`SELECT DISTINCT collection FROM ${staged}`);
  const names = serverJson(found.map(({ collection }) => String(collection)));
  const rows = await askServer(
    database,
    `SELECT id, base_item::text AS base, (pgstac.content_slim(jsonb_build_object('collection', id))->'pgstac:base_item')::text AS tag
     FROM pgstac.collections WHERE id IN (SELECT jsonb_array_elements_text(${names}))`,
  );
  return new Map(
    rows.map(({ id, base, tag }) => {
      const item = base === null ? null : parsed(base);
      return [String(id), { item: isObject(item) ? item : null, tag: tag === null ? null : parsed(tag) }];
    }),
  );
}

/** Whether the first item of every collection is the same by our rules and the database's. */
async function isSlimmedAlike(database: DuckDb, staged: string, bases: ReadonlyMap<string, Base>): Promise<boolean> {
  const rows = await database.all(`SELECT arg_min(content, rowid) AS content FROM ${staged} GROUP BY collection`);
  for (const { content } of rows) {
    const item = parsed(content);
    const ours = serverJson(slimmed(item, bases));
    const [same] = await askServer(database, `SELECT pgstac.content_slim(${serverJson(item)}) = ${ours} AS same`);
    if (same?.['same'] !== true) return false;
  }
  return true;
}

function rowOf(item: Json, bases: ReadonlyMap<string, Base>): JsonObject {
  const { id = null, collection = null, ...fields } = item as JsonObject;
  const head = Object.fromEntries(Object.entries(fields).filter(([name]) => PLACED_BY.includes(name)));
  return { id, collection, head, content: slimmed(item, bases) };
}

function slimmed(item: Json, bases: ReadonlyMap<string, Base>): JsonObject {
  const own = item as JsonObject;
  const { item: base, tag } = bases.get(String(own['collection'])) ?? { item: null, tag: null };
  return { ...slimItem(own, base), ...(tag === null ? {} : { 'pgstac:base_item': tag }) };
}

function insertion(rows: readonly JsonObject[]): string {
  return `INSERT INTO ${LOADED} (id, collection, geometry, datetime, end_datetime, content)
    SELECT e->>'id', e->>'collection', pgstac.stac_geom(e->'head'), pgstac.stac_datetime(e->'head'),
      pgstac.stac_end_datetime(e->'head'), e->'content'
    FROM jsonb_array_elements(${serverJson([...rows])}) AS e`;
}

/** As pgstac's trigger goes about it: partitions first, then rows that differ go, in a fixed order, and those that are not there come. */
const REPLACE = [
  `SET LOCAL TimeZone TO 'UTC'`,
  `SELECT pgstac.check_partition(p.collection, p.starts, p.ends) FROM (
     SELECT i.collection, tstzrange(min(i.datetime), max(i.datetime), '[]') AS starts,
       tstzrange(min(i.end_datetime), max(i.end_datetime), '[]') AS ends
     FROM ${LOADED} i JOIN pgstac.collections c ON c.id = i.collection
     GROUP BY i.collection, coalesce(date_trunc(c.partition_trunc::text, i.datetime), '-infinity')
     ORDER BY i.collection, min(i.datetime)) p`,
  `DELETE FROM pgstac.items i USING (
     SELECT o.collection, o.id FROM ${LOADED} s JOIN pgstac.items o ON o.id = s.id AND o.collection = s.collection
     WHERE o IS DISTINCT FROM s ORDER BY o.collection, o.id FOR UPDATE OF o) gone
   WHERE i.collection = gone.collection AND i.id = gone.id`,
  `INSERT INTO pgstac.items SELECT * FROM ${LOADED} ON CONFLICT DO NOTHING`,
];

function parsed(text: unknown): Json {
  return parseJson(new TextEncoder().encode(String(text)), 'pgstac');
}
