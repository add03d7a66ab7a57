import { CubeError } from '../errors.js';
import { sqlName, type DuckDb } from '../duckdb/connection.js';
import { LAKE } from '../lake/attach.js';
import { METADATA } from '../lake/maintain/lake-files.js';
import { runTransaction } from '../lake/transaction.js';
import { modelRelation, type ModelCompiler } from './compile.js';
import type { Model } from './project.js';

/** How a model is written. */
export type WriteModelOptions = {
  readonly runId: string;
  /** Write an incremental model anew. */
  readonly fullRefresh: boolean;
  readonly signal: AbortSignal | undefined;
};

/** What a name in the lake is; null where there is none. */
type RelationKind = 'table' | 'view' | null;

/** New rows of an incremental model, before they are in the lake. */
const STAGED = 'staged_model';

/**
 * Write one model into the attached lake, in one transaction, which is one snapshot. Gives the rows that the table holds, or null
 * for a view. To do it again gives the same.
 */
export async function writeModel(
  database: DuckDb,
  compiler: ModelCompiler,
  model: Model,
  options: WriteModelOptions,
): Promise<number | null> {
  const { name, config } = model;
  const relation = modelRelation(model);
  const existing = await relationKind(database, config.schema, config.alias);
  const isIncremental = config.materialized === 'incremental' && existing === 'table' && !options.fullRefresh;
  const query = compiler.modelSql(model, isIncremental);
  const kind = config.materialized === 'view' ? 'view' : 'table';
  const info = { run_id: options.runId, model: name };
  let rows: number | null = null;
  try {
    await runTransaction(
      database,
      { message: `model ${name} of run ${options.runId}`, info, signal: options.signal },
      async () => {
        await database.run(`CREATE SCHEMA IF NOT EXISTS ${LAKE}.${sqlName(config.schema)}`);
        for (const hook of config.preHooks) await database.run(compiler.hookSql(model, hook, isIncremental));
        if (isIncremental) await mergeRows(database, model, query);
        else {
          if (existing !== null && existing !== kind) await database.run(`DROP ${existing} ${relation}`);
          await database.run(`CREATE OR REPLACE ${kind} ${relation} AS ${query}`);
        }
        for (const hook of config.postHooks) await database.run(compiler.hookSql(model, hook, isIncremental));
        // Before the commit: behind it DuckLake reads the whole catalog again.
        if (kind === 'table') rows = await countRows(database, relation);
      },
    );
  } finally {
    await database.run(`DROP TABLE IF EXISTS temp.${STAGED}`);
  }
  return rows;
}

async function countRows(database: DuckDb, relation: string): Promise<number> {
  const [counted] = await database.all(`SELECT count(*)::DOUBLE AS rows FROM ${relation}`);
  return Number(counted?.['rows']);
}

/** What the name is in the attached lake. By the catalog's own tables: `duckdb_tables()` reads the statistics of every table first. */
async function relationKind(database: DuckDb, schema: string, name: string): Promise<RelationKind> {
  const current = (kind: 'table' | 'view') =>
    `SELECT '${kind}' AS kind FROM ${METADATA}.ducklake_${kind} r JOIN ${METADATA}.ducklake_schema s ON s.schema_id = r.schema_id
     WHERE r.end_snapshot IS NULL AND s.end_snapshot IS NULL AND s.schema_name = $1 AND r.${kind}_name = $2`;
  const [found] = await database.all(`${current('table')} UNION ALL ${current('view')}`, [schema, name]);
  const kind = found?.['kind'];
  return kind === 'table' || kind === 'view' ? kind : null;
}

// Rows of the same key go first, then all new ones come.
async function mergeRows(database: DuckDb, model: Model, query: string): Promise<void> {
  const relation = modelRelation(model);
  await database.run(`CREATE OR REPLACE TEMP TABLE ${STAGED} AS ${query}`);
  await assertSameColumns(database, model);
  const { uniqueKey } = model.config;
  if (uniqueKey.length > 0) {
    const keys = uniqueKey.map(sqlName).join(', ');
    const same = uniqueKey.map((key) => `own.${sqlName(key)} IS NOT DISTINCT FROM new.${sqlName(key)}`).join(' AND ');
    await database.run(
      `DELETE FROM ${relation} AS own USING (SELECT DISTINCT ${keys} FROM temp.${STAGED}) AS new WHERE ${same}`,
    );
  }
  await database.run(`INSERT INTO ${relation} BY NAME SELECT * FROM temp.${STAGED}`);
}

async function assertSameColumns(database: DuckDb, model: Model): Promise<void> {
  const columns = async (relation: string) => {
    const rows = await database.all(`DESCRIBE ${relation}`);
    return rows.map((row) => `${String(row['column_name'])} ${String(row['column_type'])}`).sort();
  };
  const [own, found] = [await columns(modelRelation(model)), await columns(`temp.${STAGED}`)];
  const changed = [...own, ...found].filter((column) => !own.includes(column) || !found.includes(column));
  if (changed.length === 0) return;
  throw new CubeError({
    kind: 'lake',
    what: `the columns of ${model.name} are not those of its table: ${changed.join(', ')}`,
    fix: 'run it with --full-refresh',
  });
}
