import { resolve } from 'node:path';
import type { DuckDb } from '../../duckdb/connection.js';
import { CubeError } from '../../errors.js';
import { throwIfAborted } from '../../io/abort.js';
import { writeFileAtomic } from '../../io/write-file.js';
import { describeLake } from './describe-lake.js';
import { explainSource } from './explain-source.js';
import { exportFormat, type ExportFormat } from './export-format.js';
import type { ExportJob } from './export-job.js';
import { reportOf, type ExportReport } from './export-report.js';
import { inLake, sourceSql, type ExportSource } from './export-source.js';
import { assertFree, publishOutput, writeInPlace, type Workplace } from './publish-output.js';
import { describeSource, geometryColumn, surveySource } from './survey-source.js';
import { stacCollection } from './stac-collection.js';
import { writeArrow } from './write-arrow.js';
import { writeCsv, type CsvGeometry } from './write-csv.js';
import { writeFlatGeobuf } from './write-flatgeobuf.js';
import { writeGeoJson, writeGeoJsonSequence } from './write-geojson.js';
import { writeGeoParquet } from './write-geoparquet.js';
import { writeIceberg } from './write-iceberg.js';
import { writeColumns } from './written-column.js';

/** What is exported, and to where. */
export type ExportOptions = ExportSource & {
  /** The file; a folder for `iceberg`. */
  readonly out: string;
  /** By the extension of `out` where it is left out. */
  readonly format?: ExportFormat | undefined;
  /** Of CSV; WKT by default. */
  readonly csvGeometry?: CsvGeometry;
  /** Describe it in a STAC Collection beside it, `OUT.stac.json`; for lakes of `ingest`. */
  readonly stac?: boolean;
  /** Not of `iceberg`. */
  readonly overwrite?: boolean;
};

/**
 * Write a table or a query of a lake as a file that is there whole or not at all. The rows of a table come along a Hilbert
 * curve, or sorted by all columns where there is no geometry; those of a query in CSV, GeoJSON and Arrow as the query gives them.
 * Problems: `exists`, `not-found` for lake and table, `invalid-argument` for query and condition, `unsupported`, `invalid-data` for
 * coordinates that are not longitude and latitude, `lake`.
 */
export async function exportTable(options: ExportOptions): Promise<ExportReport> {
  const out = resolve(options.out);
  const format = exportFormat(out, options.format);
  const source = sourceSql(options);
  const stac = options.stac === true ? `${out}.stac.json` : null;
  if (stac !== null) await assertFree(stac, options);
  const make = (place: Workplace) => writeExport(options, source, { format, out, place });
  const report = await (format === 'iceberg' ? writeInPlace(out, make) : publishOutput(out, options, make));
  if (stac !== null) {
    const collection = stacCollection(await describeLake(options, source), report);
    await writeFileAtomic(stac, [`${JSON.stringify(collection, null, 2)}\n`]);
  }
  return report;
}

function writeExport(
  options: ExportOptions,
  source: string,
  { format, out, place }: { readonly format: ExportFormat; readonly out: string; readonly place: Workplace },
): Promise<ExportReport> {
  const extensions = format === 'iceberg' ? ['avro', 'iceberg'] : [];
  return inLake(options, { spill: place.spill, extensions }, async (database) => {
    const job = await prepare(database, source, format, place, options);
    const written = await write(job, format, options.csvGeometry ?? 'wkt');
    throwIfAborted(options.signal);
    assertSame(job.survey.rows, written);
    return reportOf(job, format, out);
  });
}

async function prepare(
  database: DuckDb,
  source: string,
  format: ExportFormat,
  { path }: Workplace,
  options: ExportOptions,
): Promise<ExportJob> {
  const { sql, signal } = options;
  const columns = await describeSource(database, source).catch(async (error: unknown) => {
    throw await explainSource(database, options, error);
  });
  const geometry = geometryColumn(columns);
  const survey = await surveySource(database, source, geometry);
  const isOrdered = format === 'geoparquet' || format === 'flatgeobuf' || format === 'iceberg';
  return {
    database,
    source,
    columns: writeColumns(format, columns, geometry),
    geometry,
    survey,
    keepOrder: sql !== undefined && (!isOrdered || geometry === null),
    path,
    signal,
  };
}

/** Write the file; returns how many rows it has. */
function write(job: ExportJob, format: ExportFormat, csvGeometry: CsvGeometry): Promise<number> {
  switch (format) {
    case 'geoparquet':
      return writeGeoParquet(job);
    case 'flatgeobuf':
      return writeFlatGeobuf(job);
    case 'geojson':
      return writeGeoJson(job);
    case 'geojsonseq':
      return writeGeoJsonSequence(job);
    case 'csv':
      return writeCsv(job, csvGeometry);
    case 'arrow':
      return writeArrow(job);
    case 'iceberg':
      return writeIceberg(job);
  }
}

/** Whoever reads the file cannot see that rows are missing. */
function assertSame(counted: number, written: number): void {
  if (counted === written) return;
  const what = `${written} rows were written and ${counted} counted before`;
  throw new CubeError({ kind: 'lake', what, fix: 'a query that answers anew each time has to go into a table first' });
}
