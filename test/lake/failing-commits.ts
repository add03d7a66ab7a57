import type { DuckDb } from '../../src/duckdb/connection.js';
import { CubeError } from '../../src/errors.js';

/** How often COMMIT fails, in which words, and whether it was carried out all the same. */
export type CommitFailure = { readonly times: number; readonly what: string; readonly landed: boolean };

/** A database whose first COMMITs fail with the message, after (`landed`) or instead of being carried out. */
export function failingCommits(database: DuckDb, failure: CommitFailure): DuckDb {
  let left = failure.times;
  return {
    connection: database.connection,
    connect: () => database.connect(),
    all: (sql, parameters) => database.all(sql, parameters),
    close: () => database.close(),
    async run(sql, parameters) {
      if (sql !== 'COMMIT' || left === 0) return database.run(sql, parameters);
      left--;
      if (failure.landed) await database.run(sql);
      throw new CubeError({ kind: 'lake', what: failure.what });
    },
  };
}
