import type { DuckDBValue } from '@duckdb/node-api';
import { randomUUID } from 'node:crypto';
import { sqlString, type DuckDb } from '../../duckdb/connection.js';
import { streamChunks } from '../../duckdb/stream-chunks.js';
import { blobBytes } from '../../duckdb/values.js';
import { CubeError } from '../../errors.js';
import { LAKE, openSession, withAttached, type LakeLocation, type LakeSession } from '../../lake/attach.js';
import { withCommitRetries } from '../../lake/commit-retries.js';
import { snapshotsOfRun } from '../../lake/find-run.js';
import { hasTable, prepareSchema } from '../../lake/schema.js';
import { dropStaged, insertStaged, stageTables } from '../../lake/stage.js';
import { filled, SCHEMA, type FilledTable, type Table } from '../../lake/tables.js';
import { runTransaction } from '../../lake/transaction.js';
import { inWriteQueue } from '../../lake/turns.js';
import { parseWkb } from '../../vector/wkb.js';
import type { PlacedSite } from './admin-shares.js';
import type { ScoreInputs } from './score-site.js';
import { readScoreInputs } from './score-step.js';
import { ENRICHED, ENRICHMENTS, type EnrichmentRow } from './tables.js';

/** The sites of a lake. */
export type LakeSites = {
  readonly sites: readonly PlacedSite[];
  /** Hash of their ids and geometries, in order of the ids. */
  readonly hash: string;
};

const SITES = `${LAKE}.${SCHEMA}.sites`;
const HASH = `SELECT md5(coalesce(string_agg(md5(site_uid || ' ' || hex(ST_AsWKB(geometry))), '' ORDER BY site_uid), '')) AS hash FROM ${SITES}`;

/** Reads the sites of a lake and puts tables about them back. Nothing stays attached between calls. */
export class EnrichSession {
  readonly #session: LakeSession;
  readonly #signal: AbortSignal | undefined;

  private constructor(session: LakeSession, signal: AbortSignal | undefined) {
    this.#session = session;
    this.#signal = signal;
  }

  static async open(location: LakeLocation, signal?: AbortSignal): Promise<EnrichSession> {
    return new EnrichSession(await openSession(location), signal);
  }

  /** For work beside the lake, such as reading files. */
  get database(): DuckDb {
    return this.#session.database;
  }

  /** Every site, in order of the ids. Problem: `no-data` where the lake has no sites. */
  readSites(): Promise<LakeSites> {
    const { database } = this.#session;
    return this.#attached(true, async () => {
      if (!(await hasTable(database, LAKE, 'sites'))) throw noSites();
      const sites: PlacedSite[] = [];
      const sql = `SELECT site_uid, ST_AsWKB(geometry) FROM ${SITES} ORDER BY site_uid`;
      for await (const chunk of streamChunks(database, sql)) for (const row of chunk.getRows()) sites.push(toSite(row));
      if (sites.length === 0) throw noSites();
      return { sites, hash: await siteHash(database) };
    });
  }

  /** What is known of every site for its scores; null where the lake has no tables of enrichment. */
  readScoreInputs(): Promise<readonly ScoreInputs[] | null> {
    return this.#attached(true, () => readScoreInputs(this.#session.database));
  }

  /** Content keys of what the lake holds, by kind. */
  known(): Promise<ReadonlyMap<string, string>> {
    const { database } = this.#session;
    return this.#attached(true, async () => {
      if (!(await hasTable(database, LAKE, ENRICHMENTS.name))) return new Map();
      const rows = await database.all(`SELECT kind, content_key FROM ${LAKE}.${SCHEMA}.${ENRICHMENTS.name}`);
      return new Map(rows.map((row) => [String(row['kind']), String(row['content_key'])]));
    });
  }

  /** The run that wrote the newest table of enrichment, or null. */
  newestRun(): Promise<string | null> {
    const { database } = this.#session;
    return this.#attached(true, async () => {
      if (!(await hasTable(database, LAKE, ENRICHMENTS.name))) return null;
      const order = 'ORDER BY enriched_at DESC, kind DESC LIMIT 1';
      const [row] = await database.all(`SELECT run_id FROM ${LAKE}.${SCHEMA}.${ENRICHMENTS.name} ${order}`);
      return row === undefined ? null : String(row['run_id']);
    });
  }

  /**
   * Replace a table as a whole, in one transaction; a commit whose outcome was lost lands once. The answer is the run's id. Problem:
   * `conflict` where the sites are no longer those with that hash, which the rows are about.
   */
  async commit(table: FilledTable, ledger: EnrichmentRow, sitesHash: string): Promise<string> {
    const { database } = this.#session;
    const runId = randomUUID();
    const tables = [table, filled(ENRICHMENTS, [ledger])];
    await stageTables(database, tables, this.#signal);
    const write = async () => {
      if ((await siteHash(database)) !== sitesHash) throw changedSites();
      const others = ENRICHED.map((one) => filled(one as Table<never>, []));
      await prepareSchema(database, LAKE, [...tables, ...others.filter(({ name }) => name !== table.name)]);
      await database.run(`DELETE FROM ${LAKE}.${SCHEMA}.${table.name}`);
      await database.run(`DELETE FROM ${LAKE}.${SCHEMA}.${ENRICHMENTS.name} WHERE kind = ${sqlString(ledger.kind)}`);
      for (const one of tables) if (one.rowCount > 0) await database.run(insertStaged(one, LAKE, sqlString(runId)));
    };
    const info = { run_id: runId, enrichment: ledger.kind };
    const transaction = { message: `enrich ${ledger.kind}`, info, signal: this.#signal };
    try {
      await withCommitRetries(this.#signal, () =>
        this.#attached(false, async () => {
          if ((await snapshotsOfRun(database, LAKE, runId)).length > 0) return;
          await runTransaction(database, transaction, write);
        }),
      );
    } finally {
      await dropStaged(database, tables);
    }
    return runId;
  }

  close(): Promise<void> {
    return inWriteQueue(() => this.#session.database.close());
  }

  #attached<T>(readOnly: boolean, action: () => Promise<T>): Promise<T> {
    return inWriteQueue(() => withAttached(this.#session, { readOnly, signal: this.#signal }, action));
  }
}

async function siteHash(database: DuckDb): Promise<string> {
  const [row] = await database.all(HASH);
  return String(row!['hash']);
}

function toSite([uid, wkb]: DuckDBValue[]): PlacedSite {
  const geometry = parseWkb(blobBytes(wkb));
  if (geometry.kind === 'unusable')
    throw new CubeError({ kind: 'lake', what: `site ${String(uid)}: ${geometry.reason}` });
  return { siteUid: String(uid), geometry };
}

function noSites(): CubeError {
  return new CubeError({ kind: 'no-data', what: 'the lake has no sites', fix: 'run cube ingest first' });
}

function changedSites(): CubeError {
  return new CubeError({ kind: 'conflict', what: 'the sites of the lake have changed meanwhile', fix: 'run it again' });
}
