import type { DuckDBDataChunk } from '@duckdb/node-api';
import { sqlErrors } from '../../duckdb/connection.js';
import { throwIfAborted } from '../../io/abort.js';
import type { ExportJob } from './export-job.js';

/** The rows of a query, some two thousand at a time, as they are asked for. */
export async function* streamChunks(
  { database, signal }: Pick<ExportJob, 'database' | 'signal'>,
  sql: string,
): AsyncGenerator<DuckDBDataChunk> {
  const result = await sqlErrors(() => database.connection.stream(sql));
  for (;;) {
    throwIfAborted(signal);
    const chunk: DuckDBDataChunk | null = await sqlErrors(() => result.fetchChunk());
    if (chunk === null || chunk.rowCount === 0) return;
    yield chunk;
  }
}
