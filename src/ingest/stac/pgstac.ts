import { sqlString, openDuckDb, type DuckDb } from '../../duckdb/connection.js';
import { lakeLocation, type LakeInput } from '../../build/lake-input.js';
import { CubeError, isCubeError } from '../../errors.js';
import { onAbort, throwIfAborted } from '../../io/abort.js';
import { createSources } from '../../io/sources.js';
import { openSession, withAttached } from '../../lake/attach.js';
import { catalogSecrets, hideSecrets, parseCatalog } from '../../lake/catalog.js';
import { text } from '../../lake/column.js';
import { appendStaged, createStaged } from '../../lake/stage.js';
import type { Table } from '../../lake/tables.js';
import type { Json } from '../../stac/item.js';
import { isObject, objectsOf, parseJson, textOf, type JsonObject } from '../../stac/json.js';
import { cql2TextToJson } from '../../stac/cql2/parse-text.js';
import { harvestItems } from '../../stac/search.js';
import { storedItems } from './export-stac.js';
import { assertItems } from './search-stac.js';

/** A database of Postgres with pgstac in it: a libpq connection string or URI. */
export type PgstacDatabase = { readonly database: string; readonly signal?: AbortSignal };

/** Items of a lake, or of NDJSON and whatever else `fetchStac` reads, and where they go. */
export type PgstacLoadInput = PgstacDatabase & { readonly collections?: readonly string[] } & (
    | { readonly lake: LakeInput }
    | { readonly from: string }
  );

/** What was loaded; `leftOut` have no collection or no geometry, which pgstac needs. */
export type PgstacLoadReport = { readonly items: number; readonly collections: number; readonly leftOut: number };

/** A search of pgstac: the body of a STAC API search, the filter as CQL2 text or JSON. All of CQL2 that pgstac knows is understood. */
export type PgstacSearchInput = PgstacDatabase & {
  readonly filter?: string | object;
  readonly bbox?: readonly number[];
  readonly intersects?: object;
  readonly datetime?: string;
  readonly collections?: readonly string[];
  readonly ids?: readonly string[];
  /** Default 100. */
  readonly limit?: number;
};

const ITEMS: Table<JsonObject> = {
  name: 'pgstac_items',
  comment: '',
  sortedBy: [],
  columns: [text('collection', (item) => textOf(item['collection'])), text('content', (item) => JSON.stringify(item))],
};
const BATCH = 1000;
const SERVER = 'server';

/**
 * Put items into pgstac in the place of older ones, all in one transaction; collections that it lacks are made, with nothing but
 * their names. Problem: `missing-component` where the database has no pgstac, `lake` for what Postgres says.
 */
export async function loadPgstac(input: PgstacLoadInput): Promise<PgstacLoadReport> {
  return withPgstac(input, async (database) => {
    await createStaged(database, ITEMS);
    let [items, leftOut] = [0, 0];
    let batch: JsonObject[] = [];
    const flush = async () => {
      await appendStaged(database, ITEMS, batch, input.signal);
      batch = [];
    };
    for await (const item of itemsOf(input)) {
      if (!isObject(item['geometry']) || textOf(item['collection']) === null) leftOut++;
      else if (batch.push(item) === BATCH) await flush();
    }
    await flush();
    const collections = await inTransaction(database, input.signal, async () => {
      const absent = await database.all(
        `SELECT DISTINCT collection FROM temp.staged_pgstac_items WHERE collection NOT IN (SELECT id FROM ${SERVER}.pgstac.collections) ORDER BY 1`,
      );
      for (const { collection } of absent) {
        await database.run(`INSERT INTO ${SERVER}.pgstac.collections (content) VALUES ($1)`, [
          JSON.stringify(emptyCollection(String(collection))),
        ]);
      }
      const [counted] = await database.all('SELECT count(*) AS n FROM temp.staged_pgstac_items');
      items = Number(counted!['n']);
      // Its trigger moves the rows into the partitions.
      await database.run(
        `INSERT INTO ${SERVER}.pgstac.items_staging_upsert (content) SELECT content FROM temp.staged_pgstac_items`,
      );
      return absent.length;
    });
    return { items, collections, leftOut };
  });
}

/** Search pgstac: `items` in its own order, `matched` where it counts them. Problems: those of `loadPgstac`. */
export async function searchPgstac(
  input: PgstacSearchInput,
): Promise<{ readonly items: readonly JsonObject[]; readonly matched: number | null }> {
  const { database: _database, signal, filter, limit = 100, ...rest } = input;
  const body = {
    ...rest,
    limit,
    ...(filter === undefined ? {} : { filter: filterJson(filter), 'filter-lang': 'cql2-json' }),
  };
  // Hexadecimal: nothing that somebody typed stands in the statement.
  const hex = Buffer.from(JSON.stringify(body)).toString('hex');
  const statement = `SELECT pgstac.search(convert_from(decode('${hex}', 'hex'), 'UTF8')::jsonb)::text AS found`;
  return withPgstac(input, (database) =>
    inTransaction(database, signal, async () => {
      const [row] = await database.all(`SELECT found FROM postgres_query('${SERVER}', ${sqlString(statement)})`);
      const found = parseJson(new TextEncoder().encode(String(row?.['found'])), 'pgstac');
      const collection = isObject(found) ? found : {};
      const matched = collection['numberMatched'];
      return { items: objectsOf(collection['features']), matched: typeof matched === 'number' ? matched : null };
    }),
  );
}

function filterJson(filter: string | object): Json {
  if (typeof filter !== 'string') return filter as Json;
  return filter.trimStart().startsWith('{')
    ? parseJson(new TextEncoder().encode(filter), 'the filter')
    : cql2TextToJson(filter);
}

async function* itemsOf(input: PgstacLoadInput): AsyncGenerator<JsonObject> {
  const { signal, collections } = input;
  if ('from' in input) {
    const sources = createSources();
    try {
      const wanted = collections === undefined ? {} : { collections };
      const { items } = await harvestItems(
        { stac: input.from, ...wanted },
        sources,
        signal === undefined ? {} : { signal },
      );
      for (const { json } of items) yield json;
    } finally {
      await sources.close();
    }
    return;
  }
  const session = await openSession(lakeLocation(input.lake));
  try {
    const items = await withAttached(session, { readOnly: true, signal }, async () => {
      await assertItems(session.database);
      const all: JsonObject[] = [];
      for await (const item of storedItems(session.database, collections, signal)) all.push(item);
      return all;
    });
    yield* items;
  } finally {
    await session.database.close();
  }
}

/** DuckDB with the database attached; messages hold no password. */
async function withPgstac<T>(
  { database: connection, signal }: PgstacDatabase,
  action: (database: DuckDb) => Promise<T>,
): Promise<T> {
  const catalog = parseCatalog(/^postgres(ql)?:/.test(connection) ? connection : `postgres:${connection}`);
  if (catalog.kind !== 'postgres')
    throw new CubeError({ kind: 'invalid-argument', what: 'the database is no Postgres' });
  const secrets = catalogSecrets(catalog);
  const database = await openDuckDb({ extensions: ['postgres_scanner'] });
  const off = onAbort(signal, () => database.connection.interrupt());
  try {
    await database.run(`ATTACH ${sqlString(catalog.connection)} AS ${SERVER} (TYPE postgres)`);
    await assertPgstac(database);
    return await action(database);
  } catch (error) {
    throwIfAborted(signal);
    if (!isCubeError(error, 'lake')) throw error;
    throw new CubeError({ ...error.problem, what: hideSecrets(error.problem.what, secrets) });
  } finally {
    off();
    await database.close();
  }
}

async function assertPgstac(database: DuckDb): Promise<void> {
  const [row] = await database.all(
    `SELECT n FROM postgres_query('${SERVER}', 'SELECT count(*) AS n FROM pg_namespace WHERE nspname = ''pgstac''')`,
  );
  if (Number(row?.['n']) > 0) return;
  throw new CubeError({
    kind: 'missing-component',
    component: 'pgstac',
    what: 'the database has no schema pgstac',
    fix: 'install PostGIS on the server and run `pypgstac migrate` (PyPI: pypgstac) on the database',
  });
}

/** One transaction of one connection, with the search path that pgstac's functions expect. */
async function inTransaction<T>(
  database: DuckDb,
  signal: AbortSignal | undefined,
  action: () => Promise<T>,
): Promise<T> {
  await database.run('BEGIN TRANSACTION');
  try {
    await database.run(`CALL postgres_execute('${SERVER}', 'SET LOCAL search_path TO pgstac, public')`);
    const result = await action();
    throwIfAborted(signal);
    await database.run('COMMIT');
    return result;
  } catch (error) {
    await database.run('ROLLBACK').catch(() => {}); // a failed COMMIT has ended the transaction already
    throw error;
  }
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
