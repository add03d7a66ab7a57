import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqlString } from '../duckdb/connection.js';
import { isCubeError } from '../errors.js';
import { LAKE, openSession, withAttached, type LakeLocation, type LakeSession } from '../lake/attach.js';
import { withCommitRetries } from '../lake/commit-retries.js';
import { snapshotsOfRun } from '../lake/find-run.js';
import { hasTable, prepareSchema } from '../lake/schema.js';
import { appendStaged, createStaged, insertStaged } from '../lake/stage.js';
import { filled, QUARANTINE, SCHEMA, type Table } from '../lake/tables.js';
import { runTransaction } from '../lake/transaction.js';
import { inWriteQueue } from '../lake/turns.js';
import type { QuarantinedRecord } from '../vector/label.js';
import type { DedupRules } from '../sites/site-feature.js';
import { deleteDataset, readHoldings, type Holdings } from './dataset-rows.js';
import { areStoredRules, storedRules } from './dedup-rules.js';
import { ENRICHED } from './enrich/tables.js';
import type { Feature } from './feature.js';
import { findSites } from './find-sites.js';
import { limitMemory } from './memory-limit.js';
import {
  DATASETS,
  DUPLICATES,
  FEATURES,
  INGESTS,
  SITE_MEMBERS,
  SITES,
  type DatasetRow,
  type IngestRow,
} from './tables.js';
import { writeSites, type SitesWritten } from './write-sites.js';

/** Where the rows go, and how long a locked catalog is waited for. */
export type IngestSessionOptions = LakeLocation & { readonly signal?: AbortSignal | undefined };

/** What a commit left. */
export type IngestCommit = { readonly snapshotId: number; readonly sites: SitesWritten };

/** What a commit took out, and left. */
export type ForgetCommit = IngestCommit & { readonly before: Holdings };

const STAGED = [DATASETS, FEATURES, QUARANTINE, INGESTS] as const;

/**
 * Rows of data sets on their way into a lake: they are staged data set by data set, so that memory holds one at a time, and go in with
 * the sites that follow from them in one transaction.
 */
export class IngestSession {
  readonly #session: LakeSession;
  readonly #signal: AbortSignal | undefined;
  /** Where DuckDB puts what does not fit into memory. */
  readonly #spill: string;
  #staged: DatasetRow[] = [];

  private constructor(session: LakeSession, spill: string, signal: AbortSignal | undefined) {
    this.#session = session;
    this.#spill = spill;
    this.#signal = signal;
  }

  static async open({ signal, ...location }: IngestSessionOptions): Promise<IngestSession> {
    const session = await openSession(location);
    const spill = await mkdtemp(join(tmpdir(), 'heliocube-ingest-'));
    const ingest = new IngestSession(session, spill, signal);
    try {
      await session.database.run(`SET temp_directory = ${sqlString(spill)}`);
      await limitMemory(session.database);
      for (const table of STAGED) await createStaged(session.database, table as Table<never>);
      return ingest;
    } catch (error) {
      await ingest.close();
      throw error;
    }
  }

  /** Content hashes of the data sets that the lake holds, by name. */
  async known(): Promise<ReadonlyMap<string, string>> {
    const rows = await this.#rowsOf(DATASETS.name, `SELECT dataset, content_hash FROM ${LAKE}.${SCHEMA}.datasets`);
    return new Map(rows.map((row) => [String(row['dataset']), String(row['content_hash'])]));
  }

  /** The id of the run that left the sites as they are, or null. */
  async lastRun(): Promise<string | null> {
    const [row] = await this.#rowsOf(SITES.name, `SELECT run_id FROM ${LAKE}.${SCHEMA}.sites LIMIT 1`);
    return row === undefined ? null : String(row['run_id']);
  }

  /** Whether the sites that the lake holds were made by other rules. */
  async hasOtherRules(rules: DedupRules): Promise<boolean> {
    const stored = await this.#lastRules();
    return stored !== null && !areStoredRules(stored, rules);
  }

  /** The rules by which the sites that the lake holds were made. */
  async rules(): Promise<DedupRules> {
    return storedRules((await this.#lastRules()) ?? '{}');
  }

  /** Stage some rows of a data set. */
  async add(features: readonly Feature[], quarantine: readonly QuarantinedRecord[]): Promise<void> {
    await appendStaged(this.#session.database, FEATURES, features, this.#signal);
    await appendStaged(this.#session.database, QUARANTINE, quarantine, this.#signal);
  }

  /** Forget what is staged of a data set that failed half way. */
  async drop(dataset: string): Promise<void> {
    const name = sqlString(dataset);
    await this.#session.database.run(`DELETE FROM temp.staged_features WHERE dataset = ${name}`);
    await this.#session.database.run(
      `DELETE FROM temp.staged_quarantine WHERE starts_with(source, ${sqlString(`${dataset}/`)})`,
    );
  }

  /** Stage the row of a data set whose features are staged. */
  async finish(dataset: DatasetRow): Promise<void> {
    await appendStaged(this.#session.database, DATASETS, [dataset], this.#signal);
    this.#staged.push(dataset);
  }

  /** What the lake holds of data sets. Problem: `not-found`. */
  holdings(datasets: readonly string[]): Promise<Holdings> {
    return this.#attached(true, () => readHoldings(this.#session.database, datasets));
  }

  /** How many sites there would be without some data sets. */
  sitesWithout(datasets: readonly string[], rules: DedupRules): Promise<number> {
    const options = { without: datasets, signal: this.#signal };
    return this.#attached(true, async () => (await findSites(this.#session.database, rules, options)).groups.size);
  }

  /** Replace what the lake has of the staged data sets, and all sites. A commit whose outcome was lost lands once. */
  async commit(runId: string, run: IngestRow): Promise<IngestCommit> {
    const { database } = this.#session;
    await appendStaged(database, INGESTS, [run], this.#signal);
    const names = this.#staged.map(({ dataset }) => dataset);
    const message = `ingest ${run.datasets.join(', ') || 'nothing, other rules'}`;
    return this.#commitOnce(runId, message, { datasets: run.datasets.join(', ') }, async () => {
      await this.#replace(runId, names);
      return { sites: await writeSites(database, runId, run.rules, this.#signal) };
    });
  }

  /** Take out the data sets that the run names as forgotten, and make all sites anew. Problem: `not-found`, and then nothing is changed. */
  async forget(runId: string, run: IngestRow): Promise<ForgetCommit> {
    const { database } = this.#session;
    const { forgotten, rules } = run;
    await appendStaged(database, INGESTS, [run], this.#signal);
    const info = { forgotten: forgotten.join(', ') };
    return this.#commitOnce(runId, `forget ${info.forgotten}`, info, async () => {
      const before = await readHoldings(database, forgotten);
      await this.#replace(runId, forgotten);
      return { before, sites: await writeSites(database, runId, rules, this.#signal) };
    });
  }

  async close(): Promise<void> {
    await inWriteQueue(() => this.#session.database.close());
    await rm(this.#spill, { recursive: true, force: true });
  }

  /** One snapshot, whose `run_id` tells an attempt whether an earlier one has landed: then `work` has told what it did. */
  async #commitOnce<Done>(
    runId: string,
    message: string,
    info: Readonly<Record<string, string>>,
    work: () => Promise<Done>,
  ): Promise<Done & { readonly snapshotId: number }> {
    const { database } = this.#session;
    const transaction = { message: message.slice(0, 200), info: { run_id: runId, ...info }, signal: this.#signal };
    let done: Done | null = null;
    return withCommitRetries(this.#signal, () =>
      this.#attached(false, async () => {
        if (done === null || (await snapshotsOfRun(database, LAKE, runId)).length === 0) {
          await runTransaction(database, transaction, async () => {
            done = await work();
          });
        }
        const [snapshot] = await snapshotsOfRun(database, LAKE, runId);
        return { ...done!, snapshotId: Number(snapshot ?? 0n) };
      }),
    );
  }

  /** Rows of these data sets go, staged ones come. */
  async #replace(runId: string, names: readonly string[]): Promise<void> {
    const { database } = this.#session;
    const tables = [
      ...STAGED.map((table) => filled(table as Table<never>, [])),
      ...[SITES, SITE_MEMBERS, DUPLICATES].map((table) => filled(table, [])),
      // Empty until `cube enrich` fills them: the models read them.
      ...ENRICHED.map((table) => filled(table as Table<never>, [])),
    ];
    await prepareSchema(database, LAKE, tables);
    for (const dataset of names) await deleteDataset(database, dataset);
    for (const table of STAGED) {
      await database.run(insertStaged(filled(table as Table<never>, []), LAKE, sqlString(runId)));
    }
  }

  /** Null where there are no sites. */
  async #lastRules(): Promise<string | null> {
    const runId = await this.lastRun();
    if (runId === null) return null;
    const sql = `SELECT * FROM ${LAKE}.${SCHEMA}.ingests WHERE run_id = ${sqlString(runId)}`;
    const [row] = await this.#rowsOf(INGESTS.name, sql);
    return String(row?.['rules'] ?? '{}'); // lakes of older versions do not say: then the defaults were meant
  }

  /** Of a lake or a table that is not there yet: none. */
  #rowsOf(table: string, sql: string): Promise<Record<string, unknown>[]> {
    const { database } = this.#session;
    return this.#attached(true, async () => ((await hasTable(database, LAKE, table)) ? database.all(sql) : [])).catch(
      (error: unknown) => {
        if (isCubeError(error, 'not-found')) return []; // a lake that is made by this run
        throw error;
      },
    );
  }

  #attached<T>(readOnly: boolean, action: () => Promise<T>): Promise<T> {
    return inWriteQueue(() => withAttached(this.#session, { readOnly, signal: this.#signal }, action));
  }
}
