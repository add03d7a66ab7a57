import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { ExportFormat } from './export-format.js';
import type { ExportJob } from './export-job.js';
import type { LonLatBox } from './survey-source.js';
import { flatGeobufNotes } from './write-flatgeobuf.js';

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

/** What there is to say of an export that is made at `job.path` and will be at `out`. */
export async function reportOf(job: ExportJob, format: ExportFormat, out: string): Promise<ExportReport> {
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
    notes: format === 'flatgeobuf' ? flatGeobufNotes(job) : [],
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
