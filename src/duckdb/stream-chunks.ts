import type { DuckDBDataChunk } from '@duckdb/node-api';
import { throwIfAborted } from '../io/abort.js';
import { sqlErrors, type DuckDb } from './connection.js';

/** The rows of a query, some two thousand at a time, as they are asked for. Failure: `lake`, with DuckDB's words. */
export async function* streamChunks(
  { connection }: DuckDb,
  sql: string,
  signal?: AbortSignal,
): AsyncGenerator<DuckDBDataChunk> {
  const result = await sqlErrors(() => connection.stream(sql));
  for (;;) {
    throwIfAborted(signal);
    const chunk: DuckDBDataChunk | null = await sqlErrors(() => result.fetchChunk());
    if (chunk === null || chunk.rowCount === 0) return;
    yield chunk;
  }
}
