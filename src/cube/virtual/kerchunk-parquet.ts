import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BIGINT, DuckDBDataChunk, INTEGER } from '@duckdb/node-api';
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

async function writeRefs(database: DuckDb, folder: string, refs: FileRefs): Promise<void> {
  await mkdir(folder, { recursive: true });
  await database.run('CREATE OR REPLACE TEMP TABLE refs (file INTEGER, start BIGINT, length BIGINT)');
  await appendRefs(database, refs);
  const urls = refs.files.map(({ url }) => sqlString(kerchunkUrl(url))).join(', ');
  await database.run(`CREATE OR REPLACE TEMP TABLE urls AS SELECT unnest([${urls}]::VARCHAR[]) AS url`);
  const count = refs.file.length;
  for (let record = 0; record * RECORD_SIZE < count; record++) {
    const from = record * RECORD_SIZE;
    const rows = `SELECT file, start, length, rowid AS place FROM refs WHERE rowid >= ${from} AND rowid < ${from + RECORD_SIZE}`;
    const padding = `SELECT 0, 0, 0, ${count} + range FROM range(${Math.max(0, from + RECORD_SIZE - count)})`;
    const query = `SELECT url AS path, start AS "offset", length AS size, NULL::BLOB AS raw
      FROM (${rows} UNION ALL ${padding}) LEFT JOIN urls ON urls.rowid = file - 1 ORDER BY place`;
    await copyTo(database, query, join(folder, `refs.${record}.parq`));
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

async function appendRefs(database: DuckDb, { file, offsets, lengths }: FileRefs): Promise<void> {
  const appender = await database.connection.createAppender('refs', 'main', 'temp');
  try {
    for (let start = 0; start < file.length; start += VECTOR_ROWS) {
      const rows = Math.min(VECTOR_ROWS, file.length - start);
      const chunk = DuckDBDataChunk.create([INTEGER, BIGINT, BIGINT], rows);
      chunk.setColumnValues(0, Array.from(file.subarray(start, start + rows)));
      chunk.setColumnValues(1, Array.from(offsets.subarray(start, start + rows), BigInt));
      chunk.setColumnValues(2, Array.from(lengths.subarray(start, start + rows), BigInt));
      appender.appendDataChunk(chunk);
    }
    appender.flushSync();
  } finally {
    appender.closeSync();
  }
}
