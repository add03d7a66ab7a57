import { sqlString } from './connection.js';

/**
 * Rows of Parquet files, for FROM. DuckDB would take brackets and stars in their paths for patterns, and folders named `a=b` for columns;
 * here a path is a path, and the columns are those of the files.
 */
export function parquetRows(...paths: readonly string[]): string {
  return `read_parquet([${paths.map(literalPath).join(', ')}], hive_partitioning => false)`;
}

/** A path as an SQL string that no function of DuckDB takes for a pattern. */
export function literalPath(path: string): string {
  return sqlString(path.replaceAll(/[*?[]/g, '[$&]'));
}
