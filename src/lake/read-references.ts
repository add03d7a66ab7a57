import { DuckDBListVector } from '@duckdb/node-api';
import type { DuckDBDataChunk, DuckDBVector } from '@duckdb/node-api';
import { sqlErrors } from '../duckdb/connection.js';
import type { DuckDb } from '../duckdb/connection.js';
import { LAKE } from './attach.js';
import { text } from './column.js';
import { damagedRows, MAX_CHUNKS } from './stored-parts.js';
import { dropStaged, stageTables } from './stage.js';
import type { FoundLevel } from './select-levels.js';
import type { RefLists } from './level-id.js';
import { filled, SCHEMA } from './tables.js';
import type { Table } from './tables.js';

const WANTED: Table<FoundLevel> = {
  name: 'wanted_refs',
  comment: '',
  sortedBy: [],
  columns: [text('run', (row) => row.runId), text('level_id', (row) => row.levelId)],
};

/** Whole numbers travel as doubles: those beyond 2^53, which no reference has, come rounded and are refused later. */
const SELECT = `SELECT r.level_id, CAST(r.first_chunk AS DOUBLE), CAST(r.offsets AS DOUBLE[]),
    CAST(r.lengths AS DOUBLE[]), CAST(r.files AS DOUBLE[])
  FROM ${LAKE}.${SCHEMA}.refs r JOIN temp.staged_${WANTED.name} w ON r.run_id = w.run AND r.level_id = w.level_id`;

type Lists = { readonly offsets: Float64Array; readonly lengths: Float64Array; files: Uint32Array | null };
type Filling = { readonly row: FoundLevel; readonly lists: Lists; filled: number };

/**
 * The lists of the references of levels, by `levelId`; the lake is attached. Their values are not checked yet. Problem:
 * `lake` where the lists are not as long as the levels say.
 */
export async function readReferences(
  database: DuckDb,
  levels: readonly FoundLevel[],
): Promise<ReadonlyMap<string, RefLists>> {
  const listed = levels.filter(({ chunks }) => chunks > 0);
  const fillings = new Map(listed.map((row) => [row.levelId, emptyLists(row)]));
  if (fillings.size === 0) return new Map();
  const wanted = [filled(WANTED, listed)];
  try {
    await stageTables(database, wanted);
    await sqlErrors(async () => {
      const result = await database.connection.stream(SELECT);
      for (
        let chunk = await result.fetchChunk();
        chunk !== null && chunk.rowCount > 0;
        chunk = await result.fetchChunk()
      )
        fillFrom(chunk, fillings);
    });
  } finally {
    await dropStaged(database, wanted);
  }
  for (const { row, filled: count } of fillings.values()) {
    if (count !== row.chunks) throw damagedRows(row.href, `${count} of ${row.chunks} references of level ${row.level}`);
  }
  return new Map(Array.from(fillings, ([levelId, { lists }]) => [levelId, lists]));
}

function emptyLists(row: FoundLevel): Filling {
  if (row.chunks > MAX_CHUNKS) throw damagedRows(row.href, `${row.chunks} chunks of level ${row.level}`);
  const lists = { offsets: new Float64Array(row.chunks), lengths: new Float64Array(row.chunks), files: null };
  return { row, lists, filled: 0 };
}

function fillFrom(chunk: DuckDBDataChunk, fillings: ReadonlyMap<string, Filling>): void {
  const [ids, firsts, offsets, lengths, files] = [0, 1, 2, 3, 4].map((column) => chunk.getColumnVector(column));
  for (let i = 0; i < chunk.rowCount; i++) {
    const filling = fillings.get(String(ids!.getItem(i)));
    if (filling === undefined) continue;
    const { row, lists } = filling;
    const first = Number(firsts!.getItem(i));
    const count = lengthOf(lengths!, i);
    const inside = Number.isSafeInteger(first) && first >= 0 && first + count <= row.chunks;
    if (!inside || count === 0 || lengthOf(offsets!, i) !== count)
      throw damagedRows(row.href, `${count} references from chunk ${first} on, of ${row.chunks}`);
    copyList(offsets!, i, lists.offsets, first);
    copyList(lengths!, i, lists.lengths, first);
    filling.filled += count;
    const fileCount = lengthOf(files!, i);
    if (fileCount < 0) continue;
    if (fileCount !== count) throw damagedRows(row.href, `${fileCount} files of ${count} references`);
    lists.files ??= new Uint32Array(row.chunks);
    copyList(files!, i, lists.files, first);
  }
}

/** -1 for null. */
function lengthOf(vector: DuckDBVector, row: number): number {
  const list = listOf(vector);
  return list.getItemVector(row) === null ? -1 : list.getEntryLength(row);
}

function copyList(vector: DuckDBVector, row: number, to: Float64Array | Uint32Array, first: number): void {
  const list = listOf(vector);
  const start = list.getEntryOffset(row);
  const count = list.getEntryLength(row);
  const values = list.childVector;
  // Null is no place: NaN is refused when the lists are checked.
  for (let i = 0; i < count; i++) to[first + i] = Number(values.getItem(start + i) ?? Number.NaN);
}

function listOf(vector: DuckDBVector): DuckDBListVector {
  if (vector instanceof DuckDBListVector) return vector;
  throw new TypeError('a list column has no list vector');
}
