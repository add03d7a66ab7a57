import { open } from 'node:fs/promises';
import type { DuckDBDataChunk } from '@duckdb/node-api';
import { RecordBatch, RecordBatchFileWriter, type Schema, type Table } from 'apache-arrow';
import { toJavaScript } from '../../duckdb/values.js';
import { CubeError } from '../../errors.js';
import { arrowTableOf } from '../../lake/arrow.js';
import { selectRows, writtenColumns, type ExportJob } from './export-job.js';
import { streamChunks } from '../../duckdb/stream-chunks.js';

/** Rows of a record batch, at least, but for the last one. */
const BATCH_ROWS = 16_384;

/** The writer's stream for Node rejects promises that nobody holds when the disk is full, so its bytes are taken here. */
class CountingWriter extends RecordBatchFileWriter {
  /** Bytes that it has made, until it is finished. */
  get made(): number {
    return this._position;
  }
}

/** An Arrow IPC file, which Feather 2 is too; geometries are `geoarrow.wkb` in OGC:CRS84. */
export async function writeArrow(job: ExportJob): Promise<number> {
  const writer = new CountingWriter();
  const made = writer[Symbol.asyncIterator]();
  const file = await open(job.path, 'wx');
  let [rows, stored] = [0, 0];
  try {
    for await (const batch of recordBatches(job)) {
      rows += batch.numRows;
      writer.write(batch);
      while (stored < writer.made) {
        const { value } = await made.next();
        stored += value.byteLength;
        await file.writeFile(value);
      }
    }
    writer.finish();
    for (let next = await made.next(); next.done !== true; next = await made.next()) await file.writeFile(next.value);
  } finally {
    await file.close();
  }
  return rows;
}

async function* recordBatches(job: ExportJob): AsyncGenerator<RecordBatch> {
  const typed = job.columns.map(({ name, type, written }) => ({ name, type: arrowSource(type, written) }));
  const columns: unknown[][] = typed.map(() => []);
  let schema: Schema | null = null;
  const take = (): RecordBatch[] => {
    const table: Table = arrowTableOf(typed.map((column, place) => ({ ...column, values: columns[place]! })));
    for (const column of columns) column.length = 0;
    schema ??= table.schema;
    return table.batches.map((batch) => new RecordBatch(schema!, batch.data));
  };
  for await (const chunk of streamChunks(job.database, selectRows(job, writtenColumns(job.columns)), job.signal)) {
    for (const [place, column] of columns.entries())
      for (const value of valuesOf(chunk, place, typed[place]!.name)) column.push(value);
    if (columns[0]!.length >= BATCH_ROWS) yield* take();
  }
  const rest = take();
  yield* rest.length > 0 || schema === null ? rest : [];
}

/** The type that the query gives, in DuckDB's words. */
function arrowSource(type: string, written: string | null): string {
  if (written === null || written.startsWith('timestamp')) return type;
  return written === 'double' ? 'DOUBLE' : 'VARCHAR';
}

function valuesOf(chunk: DuckDBDataChunk, place: number, name: string): unknown[] {
  try {
    return chunk.convertColumnValues(place, toJavaScript);
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new CubeError({ kind: 'unsupported', feature: `column ${name} in Arrow: ${what}` }, { cause }); // a day beyond all dates
  }
}
