import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import type { DuckDb } from '../../duckdb/connection.js';
import { throwIfAborted } from '../../io/abort.js';
import { exportFormat, type ExportFormat } from './export-format.js';
import type { ExportJob } from './export-job.js';
import { inLake, sourceSql, type ExportSource } from './export-source.js';
import { publishOutput, writeInPlace, type Workplace } from './publish-output.js';
import { describeSource, geometryColumn, surveySource, type LonLatBox } from './survey-source.js';
import { writeArrow } from './write-arrow.js';
import { writeCsv, type CsvGeometry } from './write-csv.js';
import { hasIndex, writeFlatGeobuf } from './write-flatgeobuf.js';
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
  /** Not of `iceberg`. */
  readonly overwrite?: boolean;
};

/** What was written. */
export type ExportReport = {
  readonly out: string;
  readonly format: ExportFormat;
  readonly rows: number;
  /** Rows whose geometry is null or empty. */
  readonly unlocated: number;
  /** Of the file; null for a folder, as is its hash. */
  readonly byteLength: number | null;
  readonly sha256: string | null;
  /** Degrees: west, south, east, north; null where no row has a place. */
  readonly bbox: LonLatBox | null;
  /** Null where the rows have no geometry. */
  readonly crs: 'OGC:CRS84' | null;
  readonly geometryTypes: readonly string[];
  /** DuckDB's types, and what the values became where the format has no such type. */
  readonly columns: readonly { readonly name: string; readonly type: string; readonly written: string | null }[];
  readonly notes: readonly string[];
};

/**
 * Write a table or a query of a lake as a file that is there whole or not at all. The rows of a table come along a Hilbert
 * curve, or sorted by all columns where there is no geometry; those of a query in CSV, GeoJSON and Arrow as the query gives them.
 * Problems: `exists`, `unsupported`, `invalid-data` for coordinates that are not longitude and latitude, `lake`.
 */
export async function exportTable(options: ExportOptions): Promise<ExportReport> {
  const out = resolve(options.out);
  const format = exportFormat(out, options.format);
  const source = sourceSql(options);
  const make = (place: Workplace) => writeExport(options, source, { format, out, place });
  if (format === 'iceberg') return writeInPlace(out, make);
  return publishOutput(out, options, make);
}

function writeExport(
  options: ExportOptions,
  source: string,
  { format, out, place }: { readonly format: ExportFormat; readonly out: string; readonly place: Workplace },
): Promise<ExportReport> {
  const extensions = format === 'iceberg' ? ['avro', 'iceberg'] : [];
  return inLake(options, { spill: place.spill, extensions }, async (database) => {
    const job = await prepare(database, source, format, place, options);
    await write(job, format, options.csvGeometry ?? 'wkt');
    throwIfAborted(options.signal);
    return report(job, format, out);
  });
}

async function prepare(
  database: DuckDb,
  source: string,
  format: ExportFormat,
  { path }: Workplace,
  { sql, signal }: ExportOptions,
): Promise<ExportJob> {
  const columns = await describeSource(database, source);
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

function write(job: ExportJob, format: ExportFormat, csvGeometry: CsvGeometry): Promise<void> {
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

async function report(job: ExportJob, format: ExportFormat, out: string): Promise<ExportReport> {
  const { rows, unlocated, bbox, geometryTypes } = job.survey;
  const digest = format === 'iceberg' ? null : await digestOf(job.path);
  return {
    out,
    format,
    rows,
    unlocated,
    byteLength: digest?.byteLength ?? null,
    sha256: digest?.sha256 ?? null,
    bbox,
    crs: job.geometry === null ? null : 'OGC:CRS84',
    geometryTypes,
    columns: job.columns.map(({ name, type, written }) => ({ name, type, written })),
    notes:
      format === 'flatgeobuf' && !hasIndex(job)
        ? [`${unlocated} rows without geometry: the file has no spatial index, which has no place for them`]
        : [],
  };
}

async function digestOf(path: string): Promise<{ byteLength: number; sha256: string }> {
  const hash = createHash('sha256');
  let byteLength = 0;
  for await (const bytes of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(bytes);
    byteLength += bytes.length;
  }
  return { byteLength, sha256: hash.digest('hex') };
}
