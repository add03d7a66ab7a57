import { openDuckDb, sqlString, type DuckDb } from '../../duckdb/connection.js';
import { CubeError, isCubeError } from '../../errors.js';
import { elementCount } from '../../grid/flat-index.js';
import type { SourceFactory } from '../../io/byte-source.js';
import type { Reference } from './parse-kerchunk.js';
import { withRecordFiles, type RecordFile, type RecordPlace } from './record-files.js';

/** A chunk by its number in C order. */
export type ReferenceRecord = { readonly place: number; readonly reference: Reference };

/**
 * The rows of an array's `refs.N.parq`: path, offset, size, raw; a row is a chunk, N × recordSize + row its number in C
 * order. Rows without path and bytes are missing chunks; size 0 means the whole file. Errors: `invalid-data`, those of
 * `withRecordFiles`.
 */
export function readReferenceRecords(
  sources: SourceFactory,
  place: Omit<RecordPlace, 'limit'>,
  { grid, recordSize }: { readonly grid: readonly number[]; readonly recordSize: number },
): Promise<ReferenceRecord[]> {
  const count = elementCount(grid);
  return withRecordFiles(sources, { ...place, limit: Math.ceil(count / recordSize) }, async (files) => {
    if (files.length === 0) return [];
    const database = await openDuckDb();
    try {
      const found: ReferenceRecord[] = [];
      for (const file of files) {
        const first = file.record * recordSize;
        for (const { row, reference } of await readRows(database, file, place.url)) {
          if (first + row < count) found.push({ place: first + row, reference });
        }
      }
      return found;
    } finally {
      await database.close();
    }
  });
}

async function readRows(database: DuckDb, { path, record }: RecordFile, url: string) {
  const file = `${url.replace(/\/+$/, '')}/refs.${record}.parq`;
  try {
    const rows = await database.all(
      `SELECT file_row_number AS row, path::VARCHAR AS path, "offset"::BIGINT AS start, size::BIGINT AS length, raw::BLOB AS raw
       FROM read_parquet(${sqlString(path)}, file_row_number = true) WHERE path IS NOT NULL OR raw IS NOT NULL`,
    );
    return rows.map((row) => ({ row: Number(row['row']), reference: referenceOf(row, file) }));
  } catch (error) {
    if (!isCubeError(error, 'lake')) throw error;
    const what = `kerchunk references: ${error.problem.what}`;
    throw new CubeError({ kind: 'invalid-data', url: file, what }, { cause: error });
  }
}

function referenceOf(row: Record<string, unknown>, url: string): Reference {
  const { raw, path } = row;
  if (raw instanceof Uint8Array) return { kind: 'bytes', bytes: raw };
  const [offset, length] = [Number(row['start'] ?? 0), Number(row['length'] ?? 0)];
  if (
    typeof path !== 'string' ||
    !Number.isSafeInteger(offset) ||
    !Number.isSafeInteger(length) ||
    offset < 0 ||
    length < 0
  ) {
    throw new CubeError({ kind: 'invalid-data', url, what: `row ${String(row['row'])} is no reference` });
  }
  return length === 0 ? { kind: 'object', url: path } : { kind: 'range', url: path, offset, length };
}
