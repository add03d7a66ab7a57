import { type DuckDb } from '../../duckdb/connection.js';
import { CubeError, isCubeError } from '../../errors.js';
import { LAKE } from '../../lake/attach.js';
import { sourceSql, type ExportSource } from './export-source.js';
import { describeSource } from './survey-source.js';

/** DuckDB's words for SQL that it cannot make sense of, as opposed to a lake that cannot be read. */
const SENSELESS = /^DuckDB: (Parser|Binder|Catalog|Syntax) Error: /;

/**
 * What was wrong with the source of an export of which `describeSource` failed: `not-found` for a table, `invalid-argument` for a query
 * or a condition. Any other error as it is.
 */
export async function explainSource(
  database: DuckDb,
  { table, sql, where }: Pick<ExportSource, 'table' | 'sql' | 'where'>,
  error: unknown,
): Promise<unknown> {
  if (!isCubeError(error, 'lake') || !SENSELESS.test(error.problem.what)) return error;
  const rows = sourceSql({ lake: LAKE, ...(sql === undefined ? { table: table! } : { sql }) });
  const ofRows = where === undefined ? error : await failureOf(database, rows);
  if (ofRows === null)
    return wrong(`the condition "${where}"`, error, 'give one SQL condition on the columns of the rows');
  if (sql !== undefined) return wrong('the query', ofRows, 'give one SELECT over tables of the lake');
  return new CubeError({
    kind: 'not-found',
    url: `table ${table}`,
    what: `expected a table of the lake, found ${await tablesOf(database)}`,
    fix: 'name one of them',
  });
}

async function failureOf(database: DuckDb, rows: string): Promise<unknown> {
  try {
    await describeSource(database, rows);
    return null;
  } catch (error) {
    return error;
  }
}

function wrong(what: string, error: unknown, fix: string): CubeError {
  const words = isCubeError(error, 'lake') ? error.problem.what.replaceAll(/\s*\n\s*/g, ' ') : String(error);
  return new CubeError({ kind: 'invalid-argument', what: `${what} is wrong: ${words}`, fix }, { cause: error });
}

/** Names as `table` takes them. */
async function tablesOf(database: DuckDb): Promise<string> {
  const rows = await database.all(
    `SELECT if(table_schema = current_schema(), '', table_schema || '.') || table_name AS name
     FROM information_schema.tables WHERE table_catalog = '${LAKE}' ORDER BY table_schema <> current_schema(), name`,
  );
  return rows.length === 0 ? 'none' : rows.map(({ name }) => String(name)).join(', ');
}
