import { openDuckDb, type DuckDb } from './connection.js';

/** So long after its last use it is still there: opening takes longer than most questions. */
const LINGER_MS = 1000;

let shared: Promise<DuckDb> | null = null;
let users = 0;
let closing: NodeJS.Timeout | null = null;

/**
 * Run with a connection of one's own to a database in memory that this thread has once, however many ask at a time. Temporary tables are the
 * connection's. It closes a second after its last use.
 */
export async function withSharedDuckDb<T>(action: (database: DuckDb) => Promise<T>): Promise<T> {
  if (closing !== null) clearTimeout(closing);
  closing = null;
  users++;
  try {
    shared ??= openDuckDb();
    const connection = await (await shared).connect();
    try {
      return await action(connection);
    } finally {
      await connection.close();
    }
  } finally {
    if (--users === 0) closing = setTimeout(() => void closeShared(), LINGER_MS).unref();
  }
}

async function closeShared(): Promise<void> {
  const opened = shared;
  shared = null;
  closing = null;
  // One that did not open has told so to who asked for it.
  const database = await opened?.catch(() => null);
  await database?.close();
}
