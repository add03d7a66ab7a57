import { randomUUID } from 'node:crypto';
import { lakeLocation, type LakeInput } from '../../build/lake-input.js';
import { sqlName, type DuckDb } from '../../duckdb/connection.js';
import { parquetRows } from '../../duckdb/parquet-files.js';
import { CubeError, isCubeError } from '../../errors.js';
import { LAKE, openSession, withAttached, type LakeSession } from '../../lake/attach.js';
import { withCommitRetries } from '../../lake/commit-retries.js';
import { snapshotsOfRun } from '../../lake/find-run.js';
import { SCHEMA } from '../../lake/tables.js';
import { runTransaction } from '../../lake/transaction.js';
import { inWriteQueue } from '../../lake/turns.js';
import { openTableSource, type TableSource } from './open-table-source.js';

/** What is brought into a lake, and as which table. */
export type ImportOptions = {
  /** Folder of an Iceberg table, the `.metadata.json` of one of its versions, or a Parquet file. */
  readonly source: string;
  /** Made where it is absent. */
  readonly lake: LakeInput;
  /** `TABLE` of the schema `main`, or `SCHEMA.TABLE`. */
  readonly table: string;
  /** Columns that hold WKB, to become geometries; those of GeoParquet are geometries already. */
  readonly geometry?: readonly string[];
  /** Take the place of a table of that name. */
  readonly overwrite?: boolean;
  readonly signal?: AbortSignal;
};

/** What an import left. */
export type ImportReport = {
  readonly format: TableSource['format'];
  /** With its schema. */
  readonly table: string;
  readonly rows: number;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly snapshotId: number;
  /** Whether a table of that name was there before. */
  readonly replaced: boolean;
};

type Target = { readonly schema: string; readonly table: string };

/**
 * Bring a table into a lake, with all its rows or not at all, in one snapshot. Problems: those of `openTableSource`; `exists` without
 * `overwrite`; `unsupported` for geometries in another CRS than longitude and latitude; `invalid-argument` for the schema of our own tables and for geometry columns that are none; `invalid-data` for WKB that
 * is none.
 */
export async function importTable(options: ImportOptions): Promise<ImportReport> {
  const target = targetOf(options.table);
  const source = await openTableSource(options.source, options.signal);
  try {
    const session = await openSession(lakeLocation(options.lake));
    try {
      const select = await selectRows(session.database, source, options.geometry ?? []);
      return await commit(session, source, target, select, options);
    } finally {
      await inWriteQueue(() => session.database.close());
    }
  } finally {
    await source.close();
  }
}

function targetOf(text: string): Target {
  const parts = text.split('.');
  const [schema, table] = parts.length === 1 ? ['main', parts[0]!] : [parts[0]!, parts[1]!];
  if (parts.length > 2 || schema === '' || table === '')
    throw new CubeError({ kind: 'invalid-argument', what: `"${text}" is neither TABLE nor SCHEMA.TABLE` });
  if (schema.toLowerCase() === SCHEMA) {
    const what = `the schema ${SCHEMA} holds the tables that builds and ingests write`;
    throw new CubeError({ kind: 'invalid-argument', what, fix: 'import into another schema' });
  }
  return { schema, table };
}

/** The SELECT of what goes in, checked against the columns that there are. */
async function selectRows(
  database: DuckDb,
  { path, parquet }: TableSource,
  geometry: readonly string[],
): Promise<string> {
  const rows = parquetRows(parquet);
  const described = await database.all(`DESCRIBE SELECT * FROM ${rows}`).catch((error: unknown) => {
    if (!isCubeError(error, 'lake')) throw error;
    throw new CubeError({ kind: 'invalid-data', url: path, what: error.problem.what }, { cause: error });
  });
  const types = new Map(described.map((row) => [String(row['column_name']), String(row['column_type'])]));
  assertDegrees(types, path);
  for (const name of geometry) {
    const type = types.get(name);
    if (type === 'BLOB') continue;
    const what = type === undefined ? `no column ${name}` : `the column ${name} is ${type}, and WKB is BLOB`;
    const fix = `columns: ${[...types].map(([column, of]) => `${column} ${of}`).join(', ')}`;
    throw new CubeError({ kind: 'invalid-argument', what: `${what} in ${path}`, fix });
  }
  for (const name of geometry) {
    const column = sqlName(name);
    const [bad] = await database.all(
      `SELECT count(*)::DOUBLE AS n FROM ${rows} WHERE ${column} IS NOT NULL AND TRY(ST_GeomFromWKB(${column})) IS NULL`,
    );
    if (Number(bad!['n']) === 0) continue;
    const what = `${String(bad!['n'])} values of the column ${name} are no WKB`;
    throw new CubeError({ kind: 'invalid-data', url: path, what });
  }
  if (geometry.length === 0) return `SELECT * FROM ${rows}`;
  const made = geometry.map((name) => `ST_GeomFromWKB(${sqlName(name)}) AS ${sqlName(name)}`);
  return `SELECT * REPLACE (${made.join(', ')}) FROM ${rows}`;
}

/** A lake keeps no CRS: coordinates in metres would be taken for longitudes and latitudes from then on. */
function assertDegrees(types: ReadonlyMap<string, string>, path: string): void {
  for (const [name, type] of types) {
    if (!type.startsWith('GEOMETRY(') || /^GEOMETRY\('(?:OGC:CRS84|EPSG:4326)'\)$/i.test(type)) continue;
    throw new CubeError({
      kind: 'unsupported',
      feature: `column ${name} of type ${shortened(type)}: geometries of a lake are longitude and latitude (OGC:CRS84)`,
      url: path,
      fix: "bring them there first, such as by geopandas' to_crs('OGC:CRS84')",
    });
  }
}

/** A CRS that has no code is all of its PROJJSON. */
function shortened(type: string): string {
  return type.length <= 80 ? type : `${type.slice(0, 80)}…`;
}

function commit(
  session: LakeSession,
  { format }: TableSource,
  target: Target,
  select: string,
  { overwrite = false, signal }: ImportOptions,
): Promise<ImportReport> {
  const { database } = session;
  const runId = randomUUID();
  const name = `${LAKE}.${sqlName(target.schema)}.${sqlName(target.table)}`;
  const told = `${target.schema}.${target.table}`;
  let replaced = false;
  const write = async () => {
    const found = await kindOf(database, target);
    replaced = found !== null;
    if (replaced && !overwrite) throw existsError(told);
    await database.run(`CREATE SCHEMA IF NOT EXISTS ${LAKE}.${sqlName(target.schema)}`);
    if (found !== null) await database.run(`DROP ${found} ${name}`);
    await database.run(`CREATE TABLE ${name} AS ${select}`);
  };
  const attempt = async (): Promise<ImportReport> => {
    // A commit whose outcome was lost has landed, or it has not.
    if ((await snapshotsOfRun(database, LAKE, runId)).length === 0)
      await runTransaction(database, { message: `import ${told}`, info: { run_id: runId }, signal }, write);
    const [snapshot] = await snapshotsOfRun(database, LAKE, runId);
    const [count] = await database.all(`SELECT count(*)::DOUBLE AS n FROM ${name}`);
    const columns = await database.all(`DESCRIBE ${name}`);
    return {
      format,
      table: told,
      rows: Number(count!['n']),
      columns: columns.map((row) => ({ name: String(row['column_name']), type: String(row['column_type']) })),
      snapshotId: Number(snapshot ?? 0n),
      replaced,
    };
  };
  return withCommitRetries(signal, () =>
    inWriteQueue(() => withAttached(session, { readOnly: false, signal }, attempt)),
  );
}

/** What bears the name, or null. */
async function kindOf(database: DuckDb, { schema, table }: Target): Promise<'TABLE' | 'VIEW' | null> {
  const [found] = await database.all(
    `SELECT table_type FROM information_schema.tables
     WHERE table_catalog = ? AND lower(table_schema) = lower(?) AND lower(table_name) = lower(?)`,
    [LAKE, schema, table],
  );
  if (found === undefined) return null;
  return found['table_type'] === 'VIEW' ? 'VIEW' : 'TABLE';
}

function existsError(table: string): CubeError {
  const what = 'the lake has a table of that name';
  return new CubeError({ kind: 'exists', path: table, what, fix: 'use another name, or --overwrite' });
}
