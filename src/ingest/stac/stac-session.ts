import { sqlName, sqlString } from '../../duckdb/connection.js';
import { throwIfAborted } from '../../io/abort.js';
import { LAKE, openSession, withAttached, type LakeLocation, type LakeSession } from '../../lake/attach.js';
import { withCommitRetries } from '../../lake/commit-retries.js';
import { snapshotsOfRun } from '../../lake/find-run.js';
import { hasTable, prepareSchema } from '../../lake/schema.js';
import { appendStaged, createStaged, insertStaged } from '../../lake/stage.js';
import { filled, SCHEMA, type Table } from '../../lake/tables.js';
import { runTransaction } from '../../lake/transaction.js';
import { inWriteQueue } from '../../lake/turns.js';
import type { WholeItem } from '../../stac/collector.js';
import type { Cql2 } from '../../stac/cql2/expression.js';
import { parseWkb } from '../../vector/wkb.js';
import { cql2ToSql } from './cql2-sql.js';
import { coversOf, footprintsOf, type Cover } from './footprints.js';
import { itemRow } from './item-row.js';
import { shapesOf } from './query-shapes.js';
import { readSiteExtents, type SiteExtent } from './site-boxes.js';
import { SqlParameters } from './sql-parameters.js';
import { ITEM_H3, STAC_FETCHES, STAC_ITEMS, type ItemCellRow, type StacFetchRow, type StacItemRow } from './tables.js';

/** What a fetch changed; `snapshotId` is null where nothing had changed. */
export type StacCommit = {
  readonly snapshotId: number | null;
  readonly added: number;
  readonly replaced: number;
  readonly unchanged: number;
};

const STAGED = [STAC_ITEMS, ITEM_H3, STAC_FETCHES] as const;
/** Rows whose filter is asked before they are staged. */
const BATCH: Table<StacItemRow> = { ...STAC_ITEMS, name: 'stac_batch' };
/** Of the lake (l) and what is staged (s): the same item. */
const SAME = 'l.item_id = s.item_id AND l.collection IS NOT DISTINCT FROM s.collection';

/** Items on their way into a lake: staged search by search, then put in with their cells by one transaction. */
export class StacSession {
  readonly #session: LakeSession;
  readonly #signal: AbortSignal | undefined;
  readonly #staged = new Set<string>();
  readonly #s2Levels: readonly number[];

  private constructor(session: LakeSession, s2Levels: readonly number[], signal: AbortSignal | undefined) {
    this.#session = session;
    this.#s2Levels = s2Levels;
    this.#signal = signal;
  }

  /** Rows get the tokens of the S2 cells of these levels. */
  static async open(
    location: LakeLocation,
    s2Levels: readonly number[],
    signal: AbortSignal | undefined,
  ): Promise<StacSession> {
    return StacSession.over(await openSession(location), s2Levels, signal);
  }

  /** In a session that is open already; `close` ends that too. */
  static async over(
    session: LakeSession,
    s2Levels: readonly number[],
    signal: AbortSignal | undefined,
  ): Promise<StacSession> {
    for (const table of STAGED) await createStaged(session.database, table as Table<never>);
    return new StacSession(session, s2Levels, signal);
  }

  /** The sites that the lake holds. Problem: `no-data`. */
  sites(): Promise<SiteExtent[]> {
    return this.#attached(true, () => readSiteExtents(this.#session.database));
  }

  /** The items whose filter is not false; one that lacks what it asks for stays. */
  async passing(items: readonly WholeItem[], filter: Cql2): Promise<readonly WholeItem[]> {
    const { database } = this.#session;
    const rows = await this.#rows(items, '', 0);
    await createStaged(database, BATCH);
    await appendStaged(database, BATCH, rows, this.#signal);
    const parameters = new SqlParameters();
    const condition = cql2ToSql(filter, { parameters, shapes: await shapesOf(database, filter) });
    const columns = BATCH.columns.map(({ name, expression }) => `${expression} AS ${sqlName(name)}`);
    const found = await database.all(
      `SELECT item_id, collection FROM (SELECT ${columns.join(', ')} FROM temp.staged_stac_batch) WHERE (${condition}) IS NOT FALSE`,
      parameters.values,
    );
    await database.run('DROP TABLE temp.staged_stac_batch');
    const kept = new Set(found.map((row) => keyOf(String(row['item_id']), row['collection'])));
    return items.filter(({ item }) => kept.has(keyOf(item.id, item.collection)));
  }

  /** Stage items; those that are staged already, by a source of higher priority, are left out. Returns how many were new. */
  async add(items: readonly WholeItem[], source: string, fetchedMs: number): Promise<number> {
    const fresh = items.filter(({ item }) => !this.#staged.has(keyOf(item.id, item.collection)));
    for (const { item } of fresh) this.#staged.add(keyOf(item.id, item.collection));
    const rows = await this.#rows(fresh, source, fetchedMs);
    await appendStaged(this.#session.database, STAC_ITEMS, rows, this.#signal);
    return fresh.length;
  }

  /** Put the staged items into the lake in the place of older ones. Where all are there as they are, nothing is written. */
  commit(runId: string, fetch: StacFetchRow): Promise<StacCommit> {
    const { database } = this.#session;
    let counts: Omit<StacCommit, 'snapshotId'> | null = null;
    return withCommitRetries(this.#signal, () =>
      this.#attached(false, async () => {
        // A commit whose outcome was lost has landed, or it has not.
        const [landed] = await snapshotsOfRun(database, LAKE, runId);
        if (landed !== undefined && counts !== null) return { snapshotId: Number(landed), ...counts };
        await createStaged(database, STAC_FETCHES);
        await appendStaged(database, STAC_FETCHES, [fetch], this.#signal);
        counts = await this.#compare();
        const changed = counts.added + counts.replaced;
        if (changed === 0) return { snapshotId: null, ...counts };
        await this.#stageCells();
        const message = `fetch ${changed} STAC items`;
        await runTransaction(database, { message, info: { run_id: runId }, signal: this.#signal }, () =>
          this.#replace(runId),
        );
        const [snapshot] = await snapshotsOfRun(database, LAKE, runId);
        return { snapshotId: Number(snapshot ?? 0n), ...counts };
      }),
    );
  }

  close(): Promise<void> {
    return inWriteQueue(() => this.#session.database.close());
  }

  async #rows(items: readonly WholeItem[], source: string, fetchedMs: number): Promise<StacItemRow[]> {
    const inputs = items.map(({ item }) => ({ geometry: item.geometry, bbox: item.bbox }));
    const footprints = await footprintsOf(this.#session.database, inputs, this.#signal);
    return items.map((whole, i) => itemRow(whole, footprints[i]!, { source, fetchedMs, s2Levels: this.#s2Levels }));
  }

  /** Stage the cells of the items that are new or changed. */
  async #stageCells(): Promise<void> {
    const { database } = this.#session;
    await createStaged(database, ITEM_H3);
    const rows = await database.all(
      `SELECT s.item_id, s.collection, s.geometry FROM temp.staged_stac_items s JOIN temp.compared_items l ON ${SAME}
       WHERE s.geometry IS NOT NULL AND l.state <> 'unchanged'`,
    );
    const cells: ItemCellRow[] = [];
    for (const row of rows) {
      throwIfAborted(this.#signal);
      const geometry = parseWkb(row['geometry'] as Uint8Array);
      if (geometry.kind === 'unusable') continue;
      cells.push(...cellRows(row, coversOf(geometry)));
    }
    await appendStaged(database, ITEM_H3, cells, this.#signal);
  }

  /** How many of the staged items are new, changed or as they were; the table `temp.changed_items` gets the keys of the first two. */
  async #compare(): Promise<Omit<StacCommit, 'snapshotId'>> {
    const { database } = this.#session;
    const exists = await hasTable(database, LAKE, STAC_ITEMS.name);
    const lake = `${LAKE}.${SCHEMA}.${STAC_ITEMS.name}`;
    const state = exists
      ? `(SELECT CASE WHEN bool_or(l.content_hash = s.content_hash) THEN 'unchanged' ELSE 'replaced' END FROM ${lake} l WHERE ${SAME} HAVING count(*) > 0)`
      : 'NULL';
    await database.run(
      `CREATE OR REPLACE TEMP TABLE compared_items AS
       SELECT s.item_id, s.collection, coalesce(${state}, 'added') AS state FROM temp.staged_stac_items s`,
    );
    const rows = await database.all('SELECT state, count(*) AS n FROM temp.compared_items GROUP BY state');
    const count = (wanted: string) => Number(rows.find(({ state: found }) => found === wanted)?.['n'] ?? 0);
    return { added: count('added'), replaced: count('replaced'), unchanged: count('unchanged') };
  }

  async #replace(runId: string): Promise<void> {
    const { database } = this.#session;
    const tables = STAGED.map((table) => filled(table as Table<never>, []));
    await prepareSchema(database, LAKE, tables);
    const isSame = (state: string) =>
      `EXISTS (SELECT 1 FROM temp.compared_items l WHERE l.item_id = t.item_id
         AND l.collection IS NOT DISTINCT FROM t.collection AND l.state ${state})`;
    for (const { name } of [STAC_ITEMS, ITEM_H3]) {
      await database.run(`DELETE FROM ${LAKE}.${SCHEMA}.${name} AS t WHERE ${isSame("= 'replaced'")}`);
    }
    await database.run(`DELETE FROM temp.staged_${STAC_ITEMS.name} AS t WHERE ${isSame("= 'unchanged'")}`);
    for (const table of tables) await database.run(insertStaged(table, LAKE, sqlString(runId)));
  }

  #attached<T>(readOnly: boolean, action: () => Promise<T>): Promise<T> {
    return inWriteQueue(() => withAttached(this.#session, { readOnly, signal: this.#signal }, action));
  }
}

function cellRows(row: Readonly<Record<string, unknown>>, covers: readonly Cover[]): ItemCellRow[] {
  const finest = Math.max(...covers.map(({ resolution }) => resolution));
  const { item_id: itemId, collection } = row;
  const item = { itemId: String(itemId), collection: typeof collection === 'string' ? collection : null };
  return covers.flatMap(({ resolution, cells }) =>
    cells.map((h3) => ({ ...item, h3, resolution, finest: resolution === finest })),
  );
}

function keyOf(id: string, collection: unknown): string {
  return JSON.stringify([collection ?? null, id]);
}
