import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openDuckDb, sqlString } from '../../duckdb/connection.js';
import { CubeError } from '../../errors.js';
import { elementCount } from '../../grid/flat-index.js';
import type { Reference } from './parse-kerchunk.js';

/** A chunk by its number in C order. */
export type ReferenceRecord = { readonly place: number; readonly reference: Reference };

/**
 * The rows of an array's `refs.N.parq`: path, offset, size, raw; a row is a chunk, N × recordSize + row its number in C
 * order. Rows without path and bytes are missing chunks; size 0 means the whole file. Errors: `invalid-data`, `io`.
 */
export async function readReferenceRecords(
  folder: string,
  grid: readonly number[],
  recordSize: number,
): Promise<ReferenceRecord[]> {
  const count = elementCount(grid);
  const names = await listRecords(folder, Math.ceil(count / recordSize));
  if (names.length === 0) return [];
  const database = await openDuckDb();
  try {
    const found: ReferenceRecord[] = [];
    for (const { name, record } of names) {
      const file = sqlString(join(folder, name));
      const rows = await database.all(
        `SELECT file_row_number AS row, path::VARCHAR AS path, "offset"::BIGINT AS start, size::BIGINT AS length, raw::BLOB AS raw
         FROM read_parquet(${file}, file_row_number = true) WHERE path IS NOT NULL OR raw IS NOT NULL`,
      );
      for (const row of rows) {
        const place = record * recordSize + Number(row['row']);
        if (place < count) found.push({ place, reference: referenceOf(row, join(folder, name)) });
      }
    }
    return found;
  } catch (error) {
    if (!(error instanceof CubeError) || error.problem.kind !== 'lake') throw error;
    const what = `kerchunk references: ${error.problem.what}`;
    throw new CubeError({ kind: 'invalid-data', url: folder, what }, { cause: error });
  } finally {
    await database.close();
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

async function listRecords(folder: string, limit: number): Promise<{ name: string; record: number }[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    // An array without any chunk needs no folder.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    const code = (error as NodeJS.ErrnoException).code ?? 'EIO';
    throw new CubeError({ kind: 'io', path: folder, code, what: 'the folder cannot be listed' }, { cause: error });
  }
  return names
    .flatMap((name) => {
      const record = /^refs\.(\d{1,9})\.parq$/.exec(name)?.[1];
      return record === undefined ? [] : [{ name, record: Number(record) }];
    })
    .filter(({ record }) => record < limit)
    .sort((a, b) => a.record - b.record);
}
