import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DOUBLE, DuckDBDataChunk, INTEGER, VARCHAR } from '@duckdb/node-api';
import type { DuckDBType } from '@duckdb/node-api';
import { sqlString, type DuckDb } from '../../duckdb/connection.js';
import { writeFileAtomic } from '../../io/write-file.js';
import { coordinateBytes, kerchunkDocuments, kerchunkUrl, referencedFiles } from './kerchunk-metadata.js';
import { joinPath } from '../../raster/zarr/node-url.js';
import type { FileRefs, VirtualStore } from './virtual-store.js';

/** Chunks of an array that one file tells of, as fsspec and GDAL expect by default. */
const RECORD_SIZE = 10_000;
/** DuckDB's vector size. */
const VECTOR_ROWS = 2048;

/**
 * Write a dataset of references as kerchunk's Parquet: `.zmetadata` with the Zarr v2 documents, and for every array
 * `refs.N.parq`, one row a chunk in C order (path, offset, size, raw), padded to whole files. `folder` is new or empty.
 */
export async function writeKerchunkParquet(
  store: Pick<VirtualStore, 'groups'>,
  folder: string,
  database: DuckDb,
): Promise<void> {
  const documents = kerchunkDocuments(store).map(({ key, json }) => [key, json] as const);
  const files = referencedFiles(store);
  const metadata = JSON.stringify({
    metadata: Object.fromEntries(documents),
    record_size: RECORD_SIZE,
    heliocube: { files },
  });
  for (const group of store.groups) {
    for (const coordinate of group.coordinates) {
      const target = join(folder, joinPath(group.path, coordinate.name));
      await writeInline(database, target, coordinateBytes(coordinate));
    }
    for (const { name, refs } of group.arrays)
      await writeRefs(database, join(folder, joinPath(group.path, name)), refs);
  }
  await writeFileAtomic(join(folder, '.zmetadata'), new TextEncoder().encode(metadata));
}

/** A file's rows at a time, with the few URLs that they name: what DuckDB holds does not grow with the array. */
async function writeRefs(database: DuckDb, folder: string, refs: FileRefs): Promise<void> {
  await mkdir(folder, { recursive: true });
  const query = `SELECT url AS path, start::BIGINT AS "offset", length::BIGINT AS size, NULL::BLOB AS raw
    FROM temp.refs r LEFT JOIN temp.urls u ON u.number = r.url_number ORDER BY r.rowid`;
  for (let from = 0; from < refs.file.length; from += RECORD_SIZE) {
    await stageRecord(database, refs, from);
    await copyTo(database, query, join(folder, `refs.${from / RECORD_SIZE}.parq`));
  }
}

async function writeInline(database: DuckDb, folder: string, bytes: Uint8Array): Promise<void> {
  await mkdir(folder, { recursive: true });
  const hex = Buffer.from(bytes).toString('hex');
  const query = `SELECT NULL::VARCHAR AS path, 0::BIGINT AS "offset", 0::BIGINT AS size,
    CASE WHEN range = 0 THEN unhex('${hex}') END AS raw FROM range(${RECORD_SIZE}) ORDER BY range`;
  await copyTo(database, query, join(folder, 'refs.0.parq'));
}

async function copyTo(database: DuckDb, query: string, path: string): Promise<void> {
  await database.run(`COPY (${query}) TO ${sqlString(path)} (FORMAT parquet, COMPRESSION zstd)`);
}

/** The tables `refs`, with rows for chunks that the array does not have at its end, and `urls` of a file's rows. */
async function stageRecord(database: DuckDb, refs: FileRefs, from: number): Promise<void> {
  const named = new Set(refs.file.subarray(from, from + RECORD_SIZE));
  named.delete(0);
  await database.run(
    `CREATE OR REPLACE TEMP TABLE refs (url_number INTEGER, start DOUBLE, length DOUBLE);
     CREATE OR REPLACE TEMP TABLE urls (number INTEGER, url VARCHAR)`,
  );
  const numbers = [...named];
  await appendColumns(database, 'urls', numbers.length, [
    [INTEGER, (i) => numbers[i]!],
    [VARCHAR, (i) => kerchunkUrl(refs.files[numbers[i]! - 1]!.url)],
  ]);
  await appendColumns(database, 'refs', RECORD_SIZE, [
    [INTEGER, (i) => refs.file[from + i] ?? 0],
    [DOUBLE, (i) => refs.offsets[from + i] ?? 0],
    [DOUBLE, (i) => refs.lengths[from + i] ?? 0],
  ]);
}

async function appendColumns(
  database: DuckDb,
  table: string,
  rows: number,
  columns: readonly (readonly [DuckDBType, (row: number) => number | string])[],
): Promise<void> {
  const appender = await database.connection.createAppender(table, 'main', 'temp');
  try {
    for (let start = 0; start < rows; start += VECTOR_ROWS) {
      const count = Math.min(VECTOR_ROWS, rows - start);
      const chunk = DuckDBDataChunk.create(
        columns.map(([type]) => type),
        count,
      );
      for (const [at, [, read]] of columns.entries()) {
        const vector = chunk.getColumnVector(at);
        for (let i = 0; i < count; i++) vector.setItem(i, read(start + i));
        vector.flush();
      }
      appender.appendDataChunk(chunk);
    }
    appender.flushSync();
  } finally {
    appender.closeSync();
  }
}
