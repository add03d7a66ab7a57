import { DuckDBDataChunk } from '@duckdb/node-api';
import type { DuckDBConnection, DuckDBType, DuckDBValue } from '@duckdb/node-api';

/** DuckDB's vector size: a data chunk holds no more rows. */
const CHUNK_ROWS = 2048;

/** Append columns to a table through data chunks; every column has the same number of rows. */
export async function appendColumns(
  connection: DuckDBConnection,
  table: string,
  columns: readonly { readonly type: DuckDBType; readonly values: readonly DuckDBValue[] }[],
): Promise<void> {
  const appender = await connection.createAppender(table);
  const rows = columns[0]?.values.length ?? 0;
  for (let start = 0; start < rows; start += CHUNK_ROWS) {
    const end = Math.min(start + CHUNK_ROWS, rows);
    const chunk = DuckDBDataChunk.create(
      columns.map(({ type }) => type),
      end - start,
    );
    chunk.setColumns(columns.map(({ values }) => values.slice(start, end)));
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}
