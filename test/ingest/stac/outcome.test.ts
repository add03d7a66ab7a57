import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sqlString, type DuckDb } from '../../../src/duckdb/connection.js';
import type { StacFetchRow } from '../../../src/ingest/stac/tables.js';
import { StacSession } from '../../../src/ingest/stac/stac-session.js';
import { LAKE, openSession } from '../../../src/lake/attach.js';
import { queryLakeRows } from '../../../src/lake/query.js';
import { ItemCollector, type WholeItem } from '../../../src/stac/collector.js';
import type { ItemFilter } from '../../../src/stac/filter.js';
import type { Json } from '../../../src/stac/item.js';
import { failingCommits } from '../../lake/failing-commits.js';
import { temporaryFolder } from '../../lake/temporary.js';
import { makeItem } from '../../stac/make-item.js';

const root = temporaryFolder();
const FETCH: StacFetchRow = { sources: '[]', codeVersion: 'test', startedMs: 0, finishedMs: 1 };
const ALL: ItemFilter = { collections: null, interval: null, ids: null, bbox: null, intersects: null, query: {} };
const LOST = { times: 1, what: 'DuckDB: server closed the connection unexpectedly', landed: true };

const locationOf = (name: string) => ({ catalog: join(root, `${name}.ducklake`), dataPath: join(root, name) });

function wholeItems(items: Readonly<Record<string, number>>): readonly WholeItem[] {
  const collector = new ItemCollector(ALL, undefined, true);
  for (const [id, cover] of Object.entries(items)) {
    const item: object = makeItem(id, { properties: { 'eo:cloud_cover': cover } });
    collector.add(item as Json, 'https://example.com/items.json');
  }
  return collector.whole();
}

/** Fetch items, by id and cloud cover, as the run into the lake of that name, through `wrap`. */
async function commitItems(
  name: string,
  runId: string,
  items: Readonly<Record<string, number>>,
  wrap: (database: DuckDb) => DuckDb = (database) => database,
) {
  const lake = await openSession(locationOf(name));
  const session = await StacSession.over({ ...lake, database: wrap(lake.database) }, [], undefined);
  try {
    await session.add(wholeItems(items), 'test', 0);
    return await session.commit(runId, FETCH);
  } finally {
    await session.close();
  }
}

const rowsOf = (name: string) =>
  queryLakeRows(locationOf(name), 'SELECT item_id, cloud_cover, run_id FROM stac_items ORDER BY 1');

it('says what it brought when the answer to COMMIT was lost', async () => {
  const wrap = (database: DuckDb) => failingCommits(database, LOST);
  const first = await commitItems('lost', 'one', { a: 1, b: 2 }, wrap);
  expect(first).toEqual({ snapshotId: 1, added: 2, replaced: 0, unchanged: 0 });
  const second = await commitItems('lost', 'two', { a: 1, b: 3, c: 4 }, wrap);
  expect(second).toEqual({ snapshotId: 2, added: 1, replaced: 1, unchanged: 1 });
  expect(await rowsOf('lost')).toEqual([
    { item_id: 'a', cloud_cover: 1, run_id: 'one' },
    { item_id: 'b', cloud_cover: 3, run_id: 'two' },
    { item_id: 'c', cloud_cover: 4, run_id: 'two' },
  ]);
  expect(await queryLakeRows(locationOf('lost'), 'SELECT count(*) AS n FROM stac_fetches')).toEqual([{ n: 2n }]);
});

it('brings all when COMMIT failed before it was carried out', async () => {
  const wrap = (database: DuckDb) => failingCommits(database, { ...LOST, times: 2, landed: false });
  const counts = await commitItems('failed', 'one', { a: 1 }, wrap);
  expect(counts).toEqual({ snapshotId: 1, added: 1, replaced: 0, unchanged: 0 });
  expect(await rowsOf('failed')).toHaveLength(1);
});

it('compares anew when another writer had replaced an item meanwhile', async () => {
  await commitItems('rival', 'one', { a: 1, b: 2, c: 3 });
  let met = 0;
  const withRival = (database: DuckDb): DuckDb => ({
    connection: database.connection,
    connect: () => database.connect(),
    all: (sql, parameters) => database.all(sql, parameters),
    close: () => database.close(),
    async run(sql, parameters) {
      if (sql === 'COMMIT' && met++ === 0) {
        const rival = await database.connect();
        const table = `${LAKE}.cube.stac_items`;
        await rival.run(`UPDATE ${table} SET run_id = 'rival', content_hash = 'x' WHERE item_id IN ('b', 'c')`);
        await rival.close();
      }
      return database.run(sql, parameters);
    },
  });
  const counts = await commitItems('rival', 'two', { a: 1, b: 20, c: 3 }, withRival);
  expect(met).toBe(2);
  // The rival's rows are replaced, and what it left alone is still known to be unchanged.
  expect(counts).toEqual({ snapshotId: 3, added: 0, replaced: 2, unchanged: 1 });
  const sql = `SELECT item_id, cloud_cover FROM stac_items WHERE run_id = ${sqlString('two')} ORDER BY 1`;
  expect(await queryLakeRows(locationOf('rival'), sql)).toEqual([
    { item_id: 'b', cloud_cover: 20 },
    { item_id: 'c', cloud_cover: 3 },
  ]);
});
