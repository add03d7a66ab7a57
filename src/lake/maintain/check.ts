import { sqlName } from '../../duckdb/connection.js';
import type { DuckDb } from '../../duckdb/connection.js';
import { isCubeError } from '../../errors.js';
import { LAKE, openSession, withAttached, type LakeLocation, type LakeSession } from '../attach.js';
import { describeCatalog } from '../catalog.js';
import { isUnfinished } from '../roll-back-sqlite.js';
import { readRowCounts, readSizes } from './check-files.js';
import { readOrphans } from './list-files.js';
import { METADATA, placeOfFile, readLakeFiles, readScheduledFiles, type LakeFile } from './lake-files.js';
import { readTables } from './table-sums.js';

/** Which lake is looked at, and how closely. */
export type CheckLakeOptions = LakeLocation & {
  /** Open every data file and compare the rows that its footer has; else names and sizes are enough. */
  readonly deep?: boolean;
  readonly signal?: AbortSignal;
  readonly lockTimeoutMs?: number;
};

/** Something that is wrong with a lake. */
export type LakeFault = {
  readonly kind:
    | 'missing' // the catalog names a file that is not there
    | 'size' // … that has another size
    | 'rows' // … that has other rows, or cannot be read
    | 'twice' // … that it names for two things
    | 'doomed' // … that it needs and has also marked for deletion
    | 'unreadable' // no value of a table can be read
    | 'huge' // a column of whole numbers of 128 bits, which Parquet files hold as rounded doubles
    | 'absolute'; // a file whose name is not relative to the data path: the lake cannot be moved
  /** The file, table or column. */
  readonly where: string;
  readonly what: string;
};

/** What a check found. */
export type LakeCheck = {
  readonly lake: string;
  readonly dataPath: string;
  readonly snapshots: number;
  readonly files: number;
  readonly bytes: number;
  readonly faults: readonly LakeFault[];
  /** Files below the data path that the catalog does not know: what killed writers left, or another program's. No fault. */
  readonly orphans: readonly string[];
  /** Files that wait for a cleanup. */
  readonly scheduled: number;
};

/** Compare what a catalog says with the files that are there, for every snapshot. Nothing is written. Problem: `lake`, `io`. */
export async function checkLake(options: CheckLakeOptions): Promise<LakeCheck> {
  const session = await openSession(options);
  try {
    const { signal, lockTimeoutMs } = options;
    return await withAttached(session, { readOnly: true, signal, lockTimeoutMs }, () =>
      checkAttached(session, options.deep === true),
    );
  } finally {
    await session.database.close();
  }
}

async function checkAttached(session: LakeSession, deep: boolean): Promise<LakeCheck> {
  const { database, catalog, dataPath } = session;
  const [count] = await database.all(`SELECT count(*)::DOUBLE AS n FROM ${LAKE}.snapshots()`);
  const files = (await readLakeFiles(database)).map((file) => ({ file, place: placeOfFile(dataPath, file) }));
  const scheduled = await readScheduledFiles(database);
  const doomed = new Set(scheduled.map((file) => placeOfFile(dataPath, file)));
  const faults = [
    ...(await fileFaults(session, files)),
    ...(deep ? await rowFaults(database, files) : []),
    ...namedTwice(files.map(({ place }) => place)),
    ...files
      .filter(({ place }) => doomed.has(place))
      .map(({ place }) => fault('doomed', place, 'it is marked for deletion')),
    ...(await hugeColumns(database)),
    ...(await unreadableTables(database)),
  ];
  return {
    lake: describeCatalog(catalog),
    dataPath,
    snapshots: Number(count?.['n']),
    files: files.length,
    bytes: files.reduce((sum, { file }) => sum + file.bytes, 0),
    faults,
    orphans: (await readOrphans(session)).map(({ place }) => place),
    scheduled: scheduled.length,
  };
}

type Placed = { readonly file: LakeFile; readonly place: string };

async function fileFaults(session: LakeSession, files: readonly Placed[]): Promise<LakeFault[]> {
  const sizes = await readSizes(
    session,
    files.map(({ place }) => place),
  );
  return files.flatMap(({ file, place }) => {
    const size = sizes.get(place) ?? null;
    const found: LakeFault[] = [];
    if (size === null) found.push(fault('missing', place, `snapshots from ${file.begin} on need it`));
    else if (size !== file.bytes) found.push(fault('size', place, `it has ${size} bytes, expected ${file.bytes}`));
    if (!file.isRelative) found.push(fault('absolute', place, 'its name is not relative to the data path'));
    return found;
  });
}

async function rowFaults(database: DuckDb, files: readonly Placed[]): Promise<LakeFault[]> {
  const counts = await readRowCounts(database, files);
  return files.flatMap(({ file, place }) => {
    if (file.kind !== 'data' || counts.get(place) === file.rows) return [];
    const found = counts.get(place);
    const what = found === undefined ? 'it cannot be read as Parquet' : `it has ${found} rows, expected ${file.rows}`;
    return [fault('rows', place, what)];
  });
}

function namedTwice(places: readonly string[]): LakeFault[] {
  const seen = new Set<string>();
  return places.flatMap((place) => {
    if (!seen.has(place)) {
      seen.add(place);
      return [];
    }
    return [fault('twice', place, 'two entries of the catalog name it')];
  });
}

/** `sum(BIGINT)` is one: digits beyond 2^53 are lost in silence. */
async function hugeColumns(database: DuckDb): Promise<LakeFault[]> {
  const rows = await database.all(
    `SELECT t.table_name, c.column_name FROM ${METADATA}.ducklake_column c JOIN ${METADATA}.ducklake_table t USING (table_id)
     WHERE c.end_snapshot IS NULL AND t.end_snapshot IS NULL AND c.column_type IN ('int128', 'uint128') ORDER BY ALL`,
  );
  return rows.map((row) =>
    fault(
      'huge',
      `${String(row['table_name'])}.${String(row['column_name'])}`,
      'HUGEINT is kept as DOUBLE: cast it to BIGINT',
    ),
  );
}

/** One row of each table: the catalog alone answers for a folder that is gone. */
async function unreadableTables(database: DuckDb): Promise<LakeFault[]> {
  const faults: LakeFault[] = [];
  for (const { schema, table } of await readTables(database)) {
    try {
      await database.all(`SELECT * FROM ${LAKE}.${sqlName(schema)}.${sqlName(table)} LIMIT 1`);
    } catch (error) {
      if (!isCubeError(error, 'lake') || isUnfinished(error)) throw error; // that is no fault: the check is run again
      faults.push(fault('unreadable', `${schema}.${table}`, error.problem.what));
    }
  }
  return faults;
}

function fault(kind: LakeFault['kind'], where: string, what: string): LakeFault {
  return { kind, where, what };
}
