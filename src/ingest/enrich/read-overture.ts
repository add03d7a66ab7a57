import { openDuckDb, sqlString, type DuckDb } from '../../duckdb/connection.js';
import { CubeError } from '../../errors.js';
import { throwIfAborted } from '../../io/abort.js';
import { isLocal } from '../../io/location.js';
import { LON_LAT } from '../../vector/source-crs.js';
import type { SourceRecord, SourceTable } from '../../vector/source-table.js';
import { describeColumns, queryOf, readSqlRecords } from '../../vector/sql-records.js';
import type { OvertureFile } from './overture-catalog.js';
import { boxesMeet, type SiteCell } from './site-cells.js';

/** Columns of Overture that are taken, where the file has them. */
const TAKEN = ['id', 'division_id', 'subtype', 'class', 'country', 'region'];

/** Degrees: the boxes of features are FLOAT, which at 180 is rounded by half of this. */
const ROUNDING = 0.00002;

/**
 * Features of Overture's Parquet files whose boxes meet those of sites, each once, in order of their ids. Row groups elsewhere are not read:
 * every cell is a question with constants that Parquet's statistics of the struct `bbox` answer. `where` is SQL over the file's columns.
 * Problems: `invalid-data` for a file that is not of Overture's schema, `missing-component` without DuckDB's httpfs.
 */
export async function readOverture(
  files: readonly OvertureFile[],
  cells: readonly SiteCell[],
  where: string | null,
  signal?: AbortSignal,
): Promise<SourceTable> {
  const remote = files.some(({ href }) => !isLocal(href));
  const db = await openDuckDb({ extensions: remote ? ['spatial', 'httpfs'] : ['spatial'] });
  const found = new Map<string, SourceRecord>();
  const url = files[0]?.href ?? '';
  try {
    await db.run('SET enable_geoparquet_conversion = false');
    if (remote) await db.run('SET parquet_metadata_cache = true');
    const select = await selectOf(db, files, url);
    for (const cell of cells) {
      throwIfAborted(signal);
      const near = files.filter(({ box }) => box === null || boxesMeet(box, cell.box));
      if (near.length === 0) continue;
      for (const record of await readCell(db, { ...select, near, cell, where, url })) {
        const id = String(record.properties['id']);
        if (!found.has(id)) found.set(id, record);
      }
    }
  } finally {
    await db.close();
  }
  const ordered = [...found.values()].sort((a, b) =>
    String(a.properties['id']) < String(b.properties['id']) ? -1 : 1,
  );
  const records = ordered.map((one, i) => ({ ...one, id: String(one.properties['id']), record: i + 1 }));
  return { url, crs: LON_LAT, records, temporal: new Map(), warnings: [] };
}

type Select = { readonly list: string; readonly geometryType: string };

async function selectOf(db: DuckDb, files: readonly OvertureFile[], url: string): Promise<Select> {
  if (files.length === 0) return { list: '', geometryType: '' };
  const columns = await describeColumns(queryOf(db), tableOf([files[0]!]), url);
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  const bbox = types.get('bbox') ?? '';
  const geometryType = types.get('geometry') ?? '';
  const isSchema = types.has('id') && ['xmin', 'xmax', 'ymin', 'ymax'].every((name) => bbox.includes(name));
  if (!isSchema || !/^(BLOB|GEOMETRY)/.test(geometryType)) {
    const what = `columns are ${[...types.keys()].join(', ')}; expected id, geometry and a struct bbox`;
    throw new CubeError({ kind: 'invalid-data', url, what: `not of Overture's schema: ${what}` });
  }
  const list = TAKEN.filter((name) => types.has(name));
  if ((types.get('names') ?? '').includes('primary')) list.push('names.primary AS name');
  return { list: list.join(', '), geometryType };
}

type CellQuestion = Select & {
  readonly near: readonly OvertureFile[];
  readonly cell: SiteCell;
  readonly where: string | null;
  readonly url: string;
};

async function readCell(db: DuckDb, question: CellQuestion): Promise<SourceRecord[]> {
  const { list, geometryType, near, cell, where, url } = question;
  const boxes = cell.boxes.map((box) => `(${box.join(', ')})`).join(', ');
  await db.run('CREATE OR REPLACE TEMP TABLE site_boxes (west DOUBLE, south DOUBLE, east DOUBLE, north DOUBLE)');
  await db.run(`INSERT INTO site_boxes VALUES ${boxes}`);
  const from = `(SELECT ${list}, geometry FROM ${tableOf(near)} WHERE ${meets(cell.box)}${where === null ? '' : ` AND ${where}`}
    AND EXISTS (SELECT 1 FROM site_boxes WHERE ${meets(['west', 'south', 'east', 'north'])}))`;
  const columns = await describeColumns(queryOf(db), from, url);
  const geometry = { name: 'geometry', type: geometryType };
  return readSqlRecords(queryOf(db), { from, columns, geometry, leaveOut: [], url });
}

/** SQL: the feature's box meets another one, given by numbers or by columns. */
function meets([west, south, east, north]: readonly (number | string)[]): string {
  const [x, y] = [
    `bbox.xmin <= ${east} + ${ROUNDING} AND bbox.xmax >= ${west} - ${ROUNDING}`,
    `bbox.ymin <= ${north} + ${ROUNDING}`,
  ];
  return `${x} AND ${y} AND bbox.ymax >= ${south} - ${ROUNDING}`;
}

function tableOf(files: readonly OvertureFile[]): string {
  return `read_parquet([${files.map(({ href }) => sqlString(href)).join(', ')}], hive_partitioning = false)`;
}
