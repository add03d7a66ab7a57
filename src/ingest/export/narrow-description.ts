import type { DuckDb } from '../../duckdb/connection.js';
import { LAKE } from '../../lake/attach.js';
import { hasTable } from '../../lake/schema.js';
import { describeSource, type SourceColumn } from './survey-source.js';

/** What a description says of a lake that rows out of it need not share: whose data they are, and of when. */
type Told<Dataset extends { readonly dataset: string }> = {
  readonly datasets: readonly Dataset[];
  readonly days: Days;
};

type Days = readonly [first: string | null, last: string | null];

/**
 * The data sets that the rows of a query come from, and the days that they tell: of sites and features by their uids, since
 * a site has attributes of all its members; else by a column `dataset`. All of the lake where the rows say nothing of it.
 */
export async function narrowDescription<Dataset extends { readonly dataset: string }>(
  database: DuckDb,
  source: string,
  lake: Told<Dataset>,
): Promise<Told<Dataset>> {
  const columns = await describeSource(database, source);
  const query = await datasetQuery(database, source, columns);
  const names = query === null ? [] : (await database.all(query)).map(({ dataset }) => dataset);
  const datasets = lake.datasets.filter(({ dataset }) => names.includes(dataset));
  return {
    datasets: datasets.length === 0 ? lake.datasets : datasets,
    days: (await daysOf(database, source, columns)) ?? lake.days,
  };
}

async function datasetQuery(
  database: DuckDb,
  source: string,
  columns: readonly SourceColumn[],
): Promise<string | null> {
  const has = (name: string) => columns.some((column) => column.name === name && column.type === 'VARCHAR');
  for (const [uid, table] of [
    ['site_uid', 'site_members'],
    ['feature_uid', 'features'],
  ] as const) {
    if (has(uid) && (await hasTable(database, LAKE, table))) {
      return `SELECT DISTINCT dataset FROM ${table} WHERE ${uid} IN (SELECT ${uid} FROM (\n${source}\n))`;
    }
  }
  return has('dataset') ? `SELECT DISTINCT dataset FROM (\n${source}\n)` : null;
}

/** Null where the rows have no days. */
async function daysOf(database: DuckDb, source: string, columns: readonly SourceColumn[]): Promise<Days | null> {
  const own = (names: readonly string[]) =>
    names.filter((name) => columns.some((column) => column.name === name && column.type === 'DATE'));
  const [first, last] = [own(['inst_start', 'observed_at']), own(['inst_end', 'inst_start', 'observed_at'])];
  if (first.length === 0) return null;
  const all = (name: 'min' | 'max', days: readonly string[]) => days.map((day) => `${name}(${day})`).join(', ');
  const [row] = await database.all(`SELECT CAST(least(${all('min', first)}) AS VARCHAR) AS first,
    CAST(greatest(${all('max', last)}) AS VARCHAR) AS last FROM (\n${source}\n)`);
  return [textOrNull(row!['first']), textOrNull(row!['last'])];
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
