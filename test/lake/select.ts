import { afterAll } from 'vitest';
import { sqlErrors } from '../../src/duckdb/connection.js';
import { toJavaScript } from '../../src/duckdb/values.js';
import { openSession, withAttached } from '../../src/lake/attach.js';
import type { LakeLocation, LakeSession } from '../../src/lake/attach.js';
import { hasTable } from '../../src/lake/schema.js';

/** Rows of a query over the lake, attached anew for each query by one DuckDB (starting one costs more than the query). */
export function selectFrom(location: LakeLocation): (sql: string) => Promise<unknown[][]> {
  let session: Promise<LakeSession> | null = null;
  afterAll(async () => (await session)?.database.close());
  return async (sql) => {
    session ??= openSession(location);
    const opened = await session;
    return withAttached(opened, { readOnly: true }, async () => {
      const built = await hasTable(opened.database, 'lake', 'runs');
      await opened.database.run(built ? 'USE lake.cube' : 'USE lake');
      try {
        return await sqlErrors(async () => (await opened.database.connection.run(sql)).convertRows(toJavaScript));
      } finally {
        await opened.database.run('USE memory.main');
      }
    });
  };
}
