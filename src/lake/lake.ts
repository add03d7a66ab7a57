import type { Lake, RunRecords } from '../cube/records.js';
import { CubeError, isCubeError } from '../errors.js';
import { LAKE, openSession, withAttached, withoutSecrets } from './attach.js';
import type { LakeLocation, LakeSession } from './attach.js';
import { commitRun } from './commit.js';
import { findRun } from './find-run.js';
import { hasTable } from './schema.js';
import { SCHEMA } from './tables.js';
import { inWriteQueue } from './turns.js';

/** Where a lake is and how it is opened. */
export type LakeOptions = LakeLocation & {
  readonly signal?: AbortSignal;
  /** How long a commit waits for another process that holds a DuckDB catalog; 60 s where not given. */
  readonly lockTimeoutMs?: number;
};

/**
 * Open a lake for writing, creating it where it is absent. Nothing stays locked between calls: each attaches the
 * catalog, works and lets go, so other processes can read and write meanwhile. Fails with `lake` where the catalog is
 * something else, is held by another process, or where `dataPath` does not hold the files that it names.
 */
export async function openLake(options: LakeOptions): Promise<Lake> {
  const session = await openSession(options);
  const lake = new DuckLake(session, options);
  try {
    await lake.assertReadable();
    return lake;
  } catch (error) {
    await lake.close();
    throw error;
  }
}

class DuckLake implements Lake {
  readonly #session: LakeSession;
  readonly #options: LakeOptions;

  constructor(session: LakeSession, options: LakeOptions) {
    this.#session = session;
    this.#options = options;
  }

  commit(records: RunRecords, options: { signal?: AbortSignal } = {}) {
    const { lockTimeoutMs, signal = options.signal } = this.#options;
    return inWriteQueue(() =>
      commitRun(this.#session, records, { signal: options.signal ?? signal, lockTimeoutMs }).catch((error: unknown) => {
        throw withoutSecrets(error, this.#session);
      }),
    );
  }

  hasRun(runId: string): Promise<boolean> {
    return this.#attached(async () => (await findRun(this.#session.database, LAKE, runId)) !== null);
  }

  /** One value is read from a data file: the catalog alone answers for a folder that is gone. */
  assertReadable(): Promise<void> {
    return this.#attached(async () => {
      const { database, dataPath } = this.#session;
      if (!(await hasTable(database, LAKE, 'runs'))) return;
      try {
        await database.all(`SELECT run_id FROM ${LAKE}.${SCHEMA}.runs LIMIT 1`);
      } catch (error) {
        if (!isCubeError(error, 'lake')) throw error;
        const what = `the data files that the catalog names cannot be read below ${dataPath}: ${error.problem.what}`;
        throw new CubeError({ kind: 'lake', what, fix: 'give the data folder that belongs to this catalog' });
      }
    });
  }

  async close(): Promise<void> {
    await inWriteQueue(() => this.#session.database.close());
  }

  #attached<T>(action: () => Promise<T>): Promise<T> {
    const { signal, lockTimeoutMs } = this.#options;
    return inWriteQueue(() => withAttached(this.#session, { readOnly: false, signal, lockTimeoutMs }, action));
  }
}
