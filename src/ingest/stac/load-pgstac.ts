import { lakeLocation, type LakeInput } from '../../build/lake-input.js';
import type { DuckDb } from '../../duckdb/connection.js';
import { createSources } from '../../io/sources.js';
import { openSession, withAttached } from '../../lake/attach.js';
import { text } from '../../lake/column.js';
import { appendStaged, createStaged } from '../../lake/stage.js';
import type { Table } from '../../lake/tables.js';
import { parseInstant } from '../../stac/interval.js';
import { isObject, textOf, type JsonObject } from '../../stac/json.js';
import { harvestItems } from '../../stac/search.js';
import { storedItems } from './export-stac.js';
import {
  askServer,
  inTransaction,
  runOnServer,
  SERVER,
  serverJson,
  withPgstac,
  type PgstacDatabase,
} from './pgstac-server.js';
import { assertItems } from './search-stac.js';
import { upsertItems } from './upsert-items.js';

/** Items of a lake; or items and collections of NDJSON and whatever else `fetchStac` reads; and where they go. */
export type PgstacLoadInput = PgstacDatabase & { readonly collections?: readonly string[] } & (
    | { readonly lake: LakeInput }
    | { readonly from: string }
  );

/** What was loaded. */
export type PgstacLoadReport = {
  readonly items: number;
  /** Collections that were made or replaced. */
  readonly collections: number;
  /** Items without what pgstac needs: a collection, a geometry, and a time or an interval in order. */
  readonly leftOut: number;
  /** What was odd in what was read. */
  readonly warnings: readonly string[];
};

const ITEMS: Table<JsonObject> = {
  name: 'pgstac_items',
  comment: '',
  sortedBy: [],
  columns: [text('collection', (item) => textOf(item['collection'])), text('content', (item) => JSON.stringify(item))],
};
const STAGED = 'temp.staged_pgstac_items';
const BATCH = 1000;

type Read = { readonly collections: readonly JsonObject[]; readonly warnings: readonly string[] };

/**
 * Put collections and items into pgstac in the place of older ones, all in one transaction. Collections that neither it nor the
 * source has are made, with nothing but their names. Problems: `missing-component` where the database has no pgstac, `lake` for
 * what Postgres says, those of reading.
 */
export async function loadPgstac(input: PgstacLoadInput): Promise<PgstacLoadReport> {
  const { signal } = input;
  return withPgstac(input, async (database) => {
    await createStaged(database, ITEMS);
    let [items, leftOut] = [0, 0];
    let batch: JsonObject[] = [];
    const flush = async () => {
      items += batch.length;
      await appendStaged(database, ITEMS, batch, signal);
      batch = [];
    };
    const read = await readItems(input, async (item) => {
      if (!isLoadable(item)) leftOut++;
      else if (batch.push(item) === BATCH) await flush();
    });
    await flush();
    const collections = await inTransaction(database, signal, async () => {
      const written = await writeCollections(database, read.collections);
      await upsertItems(database, STAGED, signal);
      return written;
    });
    return { items, collections, leftOut, warnings: read.warnings };
  });
}

async function readItems(input: PgstacLoadInput, take: (item: JsonObject) => Promise<void>): Promise<Read> {
  return 'from' in input ? readFrom(input, take) : readLake(input, take);
}

async function readFrom(
  { from, collections, signal }: PgstacLoadInput & { readonly from: string },
  take: (item: JsonObject) => Promise<void>,
): Promise<Read> {
  const sources = createSources();
  try {
    const query = { stac: from, ...(collections === undefined ? {} : { collections }) };
    const read = await harvestItems(query, sources, signal === undefined ? {} : { signal });
    for (const { json } of read.items) await take(json);
    return read;
  } finally {
    await sources.close();
  }
}

async function readLake(
  { lake, collections, signal }: PgstacLoadInput & { readonly lake: LakeInput },
  take: (item: JsonObject) => Promise<void>,
): Promise<Read> {
  const session = await openSession(lakeLocation(lake));
  try {
    await withAttached(session, { readOnly: true, signal }, async () => {
      await assertItems(session.database);
      for await (const item of storedItems(session.database, collections, signal)) await take(item);
    });
    return { collections: [], warnings: [] };
  } finally {
    await session.database.close();
  }
}

/** How many collections were made or replaced: those of the source that say something new, and those that items lack. */
async function writeCollections(database: DuckDb, given: readonly JsonObject[]): Promise<number> {
  let written = 0;
  const write = async (collection: JsonObject) => {
    const content = serverJson(collection);
    const [same] = await askServer(
      database,
      `SELECT count(*) AS n FROM pgstac.collections WHERE id = ${content}->>'id' AND content = ${content}`,
    );
    if (Number(same!['n']) > 0) return;
    await runOnServer(database, `SELECT pgstac.upsert_collection(${content})`);
    written++;
  };
  for (const collection of given) await write(collection);
  const absent = await database.all(
    `SELECT DISTINCT collection FROM ${STAGED} WHERE collection NOT IN (SELECT id FROM ${SERVER}.pgstac.collections) ORDER BY 1`,
  );
  for (const { collection } of absent) await write(emptyCollection(String(collection)));
  return written;
}

/** Whether pgstac takes an item; it would refuse all of a load for one that it does not take. */
function isLoadable({ collection, geometry, properties }: JsonObject): boolean {
  if (textOf(collection) === null || !isObject(geometry) || !isObject(properties)) return false;
  const { start_datetime: start, end_datetime: end } = properties;
  if (typeof start !== 'string' || typeof end !== 'string') return typeof properties['datetime'] === 'string';
  const [from, to] = [parseInstant(start), parseInstant(end)];
  return from !== null && to !== null && from <= to;
}

function emptyCollection(id: string): JsonObject {
  return {
    type: 'Collection',
    stac_version: '1.0.0',
    id,
    description: id,
    license: 'other',
    links: [],
    extent: { spatial: { bbox: [[-180, -90, 180, 90]] }, temporal: { interval: [[null, null]] } },
  };
}
