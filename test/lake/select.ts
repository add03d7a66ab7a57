import { afterAll } from 'vitest';
import { sqlErrors } from '../../src/duckdb/connection.js';
import { toJavaScript } from '../../src/duckdb/values.js';
import { openSession, withAttached } from '../../src/lake/attach.js';
import type { LakeLocation, LakeSession } from '../../src/lake/attach.js';

/** Rows of a query over the lake, attached anew for each query by one DuckDB (starting one costs more than the query). */
export function selectFrom(location: LakeLocation): (sql: string) => Promise<unknown[][]> {
  let session: Promise<LakeSession> | null = null;
  afterAll(async () => (await session)?.database.close());
  return async (sql) => {
    session ??= openSession(location);
    const opened = await session;
    return withAttached(opened, { readOnly: true }, async () => {
      await opened.database.run('USE lake.cube');
      try {
        return await sqlErrors(async () => (await opened.database.connection.run(sql)).convertRows(toJavaScript));
      } finally {
        await opened.database.run('USE memory.main');
      }
    });
  };
}
