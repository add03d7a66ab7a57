/**
 * Tail of the one queue of this process. It is global on purpose: DDL from several connections of one process hangs a
 * SQLite catalog and breaks a DuckDB one (duckdb/ducklake#1404), and serial commits are the faster ones anyway.
 */
let tail: Promise<unknown> = Promise.resolve();

/** Run the action after every action that was queued before it has ended, well or badly. */
export function inWriteQueue<T>(action: () => Promise<T>): Promise<T> {
  const result = tail.then(action);
  tail = result.catch(() => {});
  return result;
}
