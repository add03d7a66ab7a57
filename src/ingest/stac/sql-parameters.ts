import type { SqlParameter } from '../../duckdb/connection.js';

/** Collects the values of one statement; text from outside gets into SQL by no other way. */
export class SqlParameters {
  readonly values: SqlParameter[] = [];

  /** The placeholder that stands for a value. */
  add(value: SqlParameter): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}
