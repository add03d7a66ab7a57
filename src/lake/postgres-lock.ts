import { setTimeout } from 'node:timers/promises';
import { sqlString } from '../duckdb/connection.js';
import type { DuckDb } from '../duckdb/connection.js';
import { throwIfAborted } from '../io/abort.js';
import { lockedError, type LockOptions } from './lock.js';

/** One lock a database, in which there is one lake: the bytes of "helioc". */
const KEY = '114784819834723';

/** The name of the second attachment, which only holds the lock. */
const HOLDER = 'lake_lock';

/**
 * Run the action while an advisory lock of the Postgres server is held, in a transaction of a connection of its own: whatever
 * ends the process ends the lock. Problem: `lake` where others do not end in time.
 */
export async function withPostgresLock<T>(
  database: DuckDb,
  connection: string,
  options: LockOptions,
  action: () => Promise<T>,
  /** What is thrown for a failure to reach the server, whose message may hold a password. */
  explain: (error: unknown) => unknown,
): Promise<T> {
  const holder = await database.connect();
  try {
    await beginHolding(holder, connection).catch((error: unknown) => {
      throw explain(error);
    });
    await waitForLock(holder, options);
    return await action();
  } finally {
    await holder.run('ROLLBACK').catch(() => {}); // the action's error matters more, here and below
    await holder.run(`DETACH DATABASE IF EXISTS ${HOLDER}`).catch(() => {});
    await holder.close();
  }
}

async function beginHolding(holder: DuckDb, connection: string): Promise<void> {
  await holder.run(`ATTACH IF NOT EXISTS ${sqlString(connection)} AS ${HOLDER} (TYPE postgres)`);
  await holder.run('BEGIN TRANSACTION');
  // Servers that end idle transactions would let go of the lock under our hands.
  const statement = sqlString('SET LOCAL idle_in_transaction_session_timeout = 0');
  await holder.run(`CALL postgres_execute('${HOLDER}', ${statement})`);
}

async function waitForLock(holder: DuckDb, { mode, timeoutMs, signal }: LockOptions): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  const ask = `SELECT pg_try_advisory_xact_lock${mode === 'shared' ? '_shared' : ''}(${KEY}) AS got`;
  for (let attempt = 0; ; attempt++) {
    throwIfAborted(signal);
    const [row] = await holder.all(`SELECT got FROM postgres_query('${HOLDER}', ${sqlString(ask)})`);
    if (row?.['got'] === true) return;
    if (Date.now() >= deadline) throw lockedError(mode, `it holds the advisory lock ${KEY} of the database`);
    await setTimeout(Math.min(500, 20 * 2 ** attempt) * (0.5 + Math.random())); // jitter: two waiters must not march in step
  }
}
