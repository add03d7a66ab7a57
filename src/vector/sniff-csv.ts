import { sqlString } from '../duckdb/connection.js';
import type { DuckDb } from '../duckdb/connection.js';
import { CubeError, isCubeError } from '../errors.js';
import { fileErrors } from './sql-records.js';

/** How a CSV file is written, as its whole text tells. */
export type SniffedCsv = {
  /** Of the columns; those that occur twice have a number behind them. */
  readonly names: readonly string[];
  /** Lines above the header that are not read. */
  readonly skipped: number;
  /** A table expression of its rows, all text, which looks for nothing again. */
  readonly from: string;
};

/**
 * Find out how a file with a header line is written, in one reading. No line is a comment: an id may begin with #. Problem: `invalid-data`.
 */
export async function sniffCsv(db: DuckDb, path: string): Promise<SniffedCsv> {
  const read = "all_varchar = true, header = true, comment = ''";
  const [found] = await fileErrors(path, () =>
    db.all(
      `SELECT Delimiter AS delim, Quote AS quote, Escape AS escape, NewLineDelimiter AS new_line, CAST(SkipRows AS INTEGER) AS skip,
         list_transform(Columns, c -> c.name) AS names
       FROM sniff_csv(${sqlString(path)}, ${read}, sample_size = -1)`,
    ),
  ).catch((error: unknown) => explainCsv(error, path));
  const row = found!;
  const names = (row['names'] as readonly unknown[]).map(String);
  const skipped = Number(row['skip']);
  const option = (name: string) => `${name} = ${sqlString(row[name] === '(empty)' ? '' : String(row[name]))}`;
  const options = [read, option('delim'), option('quote'), option('escape'), `skip = ${skipped}`];
  // DuckDB says "Mix" of a file of several kinds, and takes no such word.
  if (/^[\\rn]+$/.test(String(row['new_line']))) options.push(option('new_line'));
  const columns = names.map((name) => `${sqlString(name)}: 'VARCHAR'`).join(', ');
  const from = `read_csv(${sqlString(path)}, auto_detect = false, ${options.join(', ')}, columns = {${columns}})`;
  return { names, skipped, from };
}

/** DuckDB advises its own options, which nobody here can set. */
function explainCsv(error: unknown, url: string): never {
  if (!isCubeError(error, 'invalid-data')) throw error;
  const { what } = error.problem;
  if (/not utf-8 encoded/.test(what)) {
    const line = /CSV Error on Line: (\d+)/.exec(what)?.[1] ?? '1';
    throw new CubeError({ kind: 'invalid-data', url, what: `line ${line} is not UTF-8: save the file as UTF-8` }, { cause: error }); // prettier-ignore
  }
  if (/detect the CSV parsing dialect/.test(what)) {
    throw new CubeError({ kind: 'invalid-data', url, what: 'lines of different numbers of fields, or a quote without an end' }, { cause: error }); // prettier-ignore
  }
  throw error;
}
