import type { DuckDBDataChunk } from '@duckdb/node-api';
import { type DuckDb } from '../../duckdb/connection.js';
import { parquetRows } from '../../duckdb/parquet-files.js';
import { withSharedDuckDb } from '../../duckdb/shared-database.js';
import { streamChunks } from '../../duckdb/stream-chunks.js';
import { blobBytes } from '../../duckdb/values.js';
import { CubeError, isCubeError } from '../../errors.js';
import type { SourceFactory } from '../../io/byte-source.js';
import { withRecordFiles, type RecordFile, type RecordPlace } from './record-files.js';
import type { ReferenceColumns } from './reference-columns.js';

/** Rows that are read by one query, about: what DuckDB holds of them does not grow with the array. */
const BATCH_ROWS = 2 ** 20;

/** What is read into which columns; `recordSize` rows a file. */
type Reading = {
  readonly database: DuckDb;
  readonly columns: ReferenceColumns;
  readonly recordSize: number;
  readonly url: string;
  readonly signal: AbortSignal | undefined;
};

/**
 * The rows of an array's `refs.N.parq` into its columns: path, offset, size, raw; a row is a chunk, N × recordSize + row its number in
 * C order. Rows without path and bytes are missing chunks; size 0 means the whole file. Paths become numbers in SQL, so that no row
 * is an object here. Errors: `invalid-data`, those of `withRecordFiles`.
 */
export function readReferenceRecords(
  sources: SourceFactory,
  place: Omit<RecordPlace, 'limit'>,
  { columns, recordSize }: { readonly columns: ReferenceColumns; readonly recordSize: number },
): Promise<void> {
  const limit = Math.ceil(columns.count / recordSize);
  return withRecordFiles(sources, { ...place, limit }, async (files) => {
    if (files.length === 0) return;
    await withSharedDuckDb(async (database) => {
      const reading = { database, columns, recordSize, url: place.url, signal: place.signal };
      const together = Math.max(1, Math.floor(BATCH_ROWS / recordSize));
      for (let start = 0; start < files.length; start += together) {
        await readBatch(reading, files.slice(start, start + together));
      }
    });
  });
}

/** Files together; one by one where that fails, since their types may differ, and to know which is at fault. */
async function readBatch(reading: Reading, files: readonly RecordFile[]): Promise<void> {
  try {
    return await readFiles(reading, files);
  } catch (error) {
    if (!isCubeError(error, 'lake')) throw error;
    if (files.length === 1) {
      const what = `kerchunk references: ${error.problem.what}`;
      throw new CubeError({ kind: 'invalid-data', url: fileUrl(reading, files[0]!), what }, { cause: error });
    }
  }
  for (const file of files) await readBatch(reading, [file]);
}

async function readFiles(reading: Reading, files: readonly RecordFile[]): Promise<void> {
  const { database, columns, recordSize, signal } = reading;
  const rows = parquetRows(...files.map(({ path }) => path));
  const inside = `file_row_number < ${Math.min(recordSize, columns.count)}`;
  const ranges = `raw IS NULL AND path IS NOT NULL AND ${inside}`;
  await database.run(
    `CREATE OR REPLACE TEMP TABLE paths AS
     SELECT path, row_number() OVER () - 1 AS id FROM (SELECT DISTINCT path::VARCHAR AS path FROM ${rows} WHERE ${ranges})`,
  );
  const numbers: number[] = [];
  for await (const chunk of streamChunks(database, 'SELECT path FROM temp.paths ORDER BY id', signal)) {
    const paths = chunk.getColumnVector(0);
    for (let i = 0; i < chunk.rowCount; i++) numbers.push(columns.fileNumber(String(paths.getItem(i))));
  }
  // Whole numbers travel as doubles: those beyond 2^53, which no reference has, come rounded and are refused.
  const places = `SELECT file_index::DOUBLE, file_row_number::DOUBLE`;
  const located = `${places}, id::DOUBLE, coalesce("offset"::BIGINT, 0)::DOUBLE, coalesce(size::BIGINT, 0)::DOUBLE
    FROM ${rows} r JOIN temp.paths p ON p.path = r.path::VARCHAR WHERE raw IS NULL AND ${inside}`;
  for await (const chunk of streamChunks(database, located, signal)) setRanges(chunk, numbers, reading, files);
  const given = `${places}, raw::BLOB FROM ${rows} WHERE raw IS NOT NULL AND ${inside}`;
  for await (const chunk of streamChunks(database, given, signal)) {
    const [index, row, raw] = [0, 1, 2].map((column) => chunk.getColumnVector(column));
    for (let i = 0; i < chunk.rowCount; i++) {
      const place = placeOf(files[Number(index!.getItem(i))], Number(row!.getItem(i)), reading);
      if (place < columns.count) columns.setBytes(place, new Uint8Array(blobBytes(raw!.getItem(i))));
    }
  }
}

function setRanges(
  chunk: DuckDBDataChunk,
  numbers: readonly number[],
  reading: Reading,
  files: readonly RecordFile[],
): void {
  const { columns } = reading;
  const [index, row, id, offsets, sizes] = [0, 1, 2, 3, 4].map((column) => chunk.getColumnVector(column));
  for (let i = 0; i < chunk.rowCount; i++) {
    const file = files[Number(index!.getItem(i))];
    const place = placeOf(file, Number(row!.getItem(i)), reading);
    if (place >= columns.count) continue;
    const [offset, size] = [Number(offsets!.getItem(i)), Number(sizes!.getItem(i))];
    if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(size) || offset < 0 || size < 0) {
      const what = `row ${String(row!.getItem(i))} is no reference`;
      throw new CubeError({ kind: 'invalid-data', url: fileUrl(reading, file!), what });
    }
    const number = numbers[Number(id!.getItem(i))]!;
    if (size === 0) columns.setObject(place, number);
    else columns.setRange(place, number, offset, size);
  }
}

/** A file may have columns of its own under the names that DuckDB tells numbers of files and rows by. */
function placeOf(file: RecordFile | undefined, row: number, reading: Reading): number {
  if (file !== undefined && Number.isSafeInteger(row) && row >= 0) return file.record * reading.recordSize + row;
  const what = 'a column has the name file_index or file_row_number';
  throw new CubeError({ kind: 'invalid-data', url: reading.url, what: `kerchunk references: ${what}` });
}

function fileUrl({ url }: Reading, { record }: RecordFile): string {
  return `${url.replace(/\/+$/, '')}/refs.${record}.parq`;
}
