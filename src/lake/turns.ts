/** Tails of the queues of this process, by name; a queue that has run empty is forgotten. */
const tails = new Map<string, Promise<unknown>>();

/**
 * The one queue of this process for everything that writes to a lake. It is one for all lakes on purpose: DDL from
 * several connections of a process hangs a SQLite catalog and breaks a DuckDB one (duckdb/ducklake#1404), and serial
 * commits are the faster ones anyway.
 */
export function inWriteQueue<T>(action: () => Promise<T>): Promise<T> {
  return inTurn('write', action);
}

/**
 * One user at a time for a DuckDB file. Between processes a lock of the file sees to that, but POSIX locks do not hold
 * within a process: a second database there would open the file that the first one is writing, and free its lock.
 */
export function inFileTurn<T>(path: string, action: () => Promise<T>): Promise<T> {
  return inTurn(`file ${path}`, action);
}

// Every action starts when those queued before it have ended, well or badly.
function inTurn<T>(queue: string, action: () => Promise<T>): Promise<T> {
  const result = (tails.get(queue) ?? Promise.resolve()).then(action);
  const tail = result
    .catch(() => {})
    .then(() => {
      if (tails.get(queue) === tail) tails.delete(queue);
    });
  tails.set(queue, tail);
  return result;
}
