import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { RecordBatch, RecordBatchFileWriter, type Schema, type Table } from 'apache-arrow';
import { toJavaScript } from '../../duckdb/values.js';
import { arrowTableOf } from '../../lake/arrow.js';
import { selectRows, writtenColumns, type ExportJob } from './export-job.js';
import { streamChunks } from './stream-chunks.js';

/** Rows of a record batch, at least, but for the last one. */
const BATCH_ROWS = 16_384;

/** An Arrow IPC file, which Feather 2 is too; geometries are `geoarrow.wkb` in OGC:CRS84. */
export async function writeArrow(job: ExportJob): Promise<number> {
  let rows = 0;
  const counted = async function* () {
    for await (const batch of recordBatches(job)) {
      rows += batch.numRows;
      yield batch;
    }
  };
  await pipeline(
    Readable.from(counted()),
    RecordBatchFileWriter.throughNode(),
    createWriteStream(job.path, { flags: 'wx' }),
  );
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
  for await (const chunk of streamChunks(job, selectRows(job, writtenColumns(job.columns)))) {
    for (const [place, column] of columns.entries())
      for (const value of chunk.convertColumnValues(place, toJavaScript)) column.push(value);
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
