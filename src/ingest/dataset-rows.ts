import { sqlString, type DuckDb } from '../duckdb/connection.js';
import { CubeError } from '../errors.js';
import { LAKE } from '../lake/attach.js';
import { hasTable } from '../lake/schema.js';
import { QUARANTINE, SCHEMA } from '../lake/tables.js';
import { DATASETS, FEATURES, SITES } from './tables.js';

/** Rows of a data set, by table. Of sites, members and pairs no row is one data set's: they are made anew. */
export type DatasetRows = {
  readonly dataset: string;
  readonly rows: { readonly datasets: number; readonly features: number; readonly quarantine: number };
};

/** What a lake holds of some data sets, and how many sites of all of them. */
export type Holdings = { readonly datasets: readonly DatasetRows[]; readonly sites: number };

/** Delete every row of a data set in the attached lake, whose tables are there. */
export async function deleteDataset(database: DuckDb, dataset: string): Promise<void> {
  for (const [table, condition] of Object.entries(conditions(dataset)))
    await database.run(`DELETE FROM ${LAKE}.${SCHEMA}.${table} WHERE ${condition}`);
}

/** Count the rows of data sets in the attached lake, in the order of their names. Problem: `not-found` for one that it does not have. */
export async function readHoldings(database: DuckDb, names: readonly string[]): Promise<Holdings> {
  const present = (await hasTable(database, LAKE, DATASETS.name))
    ? await database.all(`SELECT dataset FROM ${LAKE}.${SCHEMA}.${DATASETS.name} ORDER BY dataset`)
    : [];
  const known = present.map(({ dataset }) => String(dataset));
  for (const name of names) if (!known.includes(name)) throw unknownDataset(name, known);
  const datasets = [];
  for (const dataset of [...new Set(names)].sort()) datasets.push(await countDataset(database, dataset));
  return { datasets, sites: await countRows(database, SITES.name, 'true') };
}

async function countDataset(database: DuckDb, dataset: string): Promise<DatasetRows> {
  const { datasets, features, quarantine } = conditions(dataset);
  const rows = {
    datasets: await countRows(database, DATASETS.name, datasets),
    features: await countRows(database, FEATURES.name, features),
    quarantine: await countRows(database, QUARANTINE.name, quarantine),
  };
  return { dataset, rows };
}

/** By table, which of its rows are a data set's. The source of a quarantined record is the data set and the file. */
function conditions(dataset: string): Readonly<Record<'datasets' | 'features' | 'quarantine', string>> {
  const own = `dataset = ${sqlString(dataset)}`;
  return { features: own, datasets: own, quarantine: `starts_with(source, ${sqlString(`${dataset}/`)})` };
}

async function countRows(database: DuckDb, table: string, condition: string): Promise<number> {
  const [row] = await database.all(`SELECT count(*) AS n FROM ${LAKE}.${SCHEMA}.${table} WHERE ${condition}`);
  return Number(row!['n']);
}

function unknownDataset(name: string, known: readonly string[]): CubeError {
  return new CubeError({
    kind: 'not-found',
    url: `data set ${name}`,
    what: `expected a data set of the lake, found ${known.join(', ') || 'none'}`,
    fix: known.length === 0 ? 'nothing has been ingested, or all of it is forgotten' : 'name one of them',
  });
}
