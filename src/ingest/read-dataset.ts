import { extname } from 'node:path';
import { openDuckDb } from '../duckdb/connection.js';
import { CubeError } from '../errors.js';
import { filterWhere } from '../vector/filter-where.js';
import { describeNotes, type HarmonisedRow, type RecordNote } from '../vector/harmonise.js';
import { readSource } from '../vector/read-source.js';
import { FieldMapper, type Misread } from './apply-field-map.js';
import type { Feature } from './feature.js';
import { harmoniseFeatures } from './harmonise-features.js';
import type { ManifestDataset } from './parse-manifest.js';
import type { QuarantinedRecord } from '../vector/label.js';

/** A file of a data set, here. */
export type LocalFile = {
  /** Name within the data set, such as `a.zip/b.shp`. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
  /** Where it came from, without secrets; null where it was here. */
  readonly url: string | null;
};

/** What was read of one file of labels: `records` = `used` + `quarantined` + `excluded`. */
export type ReadFile = {
  readonly records: number;
  /** Records that are in features, and those features: a record may be several. */
  readonly used: number;
  readonly features: number;
  readonly quarantined: number;
  readonly excluded: number;
  readonly warnings: readonly string[];
};

/** Takes what was read, some thousand rows at a time. */
export type RowSink = (features: readonly Feature[], quarantine: readonly QuarantinedRecord[]) => Promise<void>;

const LABELS: ReadonlySet<string> = new Set(
  'shp geojson json geojsonl geojsons geojsonseq ndjson jsonl gpkg fgb parquet geoparquet csv tsv kml gml'
    .split(' ')
    .map((extension) => `.${extension}`),
);

/** Values that could not be read, of which a warning shows some. */
const SHOWN = 3;

/** The files of a data set that hold labels, by name. Problem: `no-data` where there is none. */
export function labelFiles({ name }: ManifestDataset, files: readonly LocalFile[]): LocalFile[] {
  const found = files.filter((file) => LABELS.has(extname(file.name).toLowerCase()));
  if (found.length > 0) return found.sort((a, b) => (a.name < b.name ? -1 : 1));
  const names = files.slice(0, 10).map((file) => file.name);
  throw new CubeError({
    kind: 'no-data',
    what: `${name} has no file of labels among: ${names.join(', ')}`,
    fix: 'look at file_filters in the manifest',
  });
}

/** Read and harmonise one file of a data set. Problems: those of the format, `invalid-data` for swapped axes. */
export async function readDatasetFile(
  dataset: ManifestDataset,
  { name, path }: LocalFile,
  { version, sink, signal }: { readonly version: string | null; readonly sink: RowSink; readonly signal?: AbortSignal },
): Promise<ReadFile> {
  const mapper = new FieldMapper(dataset.field_map, dataset.null_values);
  const db = await openDuckDb({ extensions: ['spatial'] });
  try {
    const table = await readSource(db, { path, signal, ...sourceOptions(dataset, name) });
    const { where } = dataset;
    const source = {
      dataset: dataset.name,
      version,
      file: name,
      license: dataset.license ?? null,
      mapper,
      extent: dataset.extent ?? null,
      filter: where == null ? null : (rows: readonly HarmonisedRow[]) => filterWhere(db, where, rows, table.temporal),
    };
    const counts = { records: table.records.length, used: 0, features: 0, quarantined: 0, excluded: 0 };
    const misread: Misread[] = [];
    const notes: RecordNote[] = [];
    for await (const batch of harmoniseFeatures(db, table, source, signal)) {
      counts.used += new Set(batch.features.map(({ record }) => record)).size;
      counts.features += batch.features.length;
      counts.quarantined += batch.quarantine.length;
      counts.excluded += batch.excluded;
      for (const one of batch.misread) misread.push(one);
      notes.push(...batch.notes);
      await sink(batch.features, batch.quarantine);
    }
    const absent = absentColumns(mapper, table.records);
    return {
      ...counts,
      warnings: [...table.warnings, ...describeNotes(notes), ...absent, ...describeMisread(misread)],
    };
  } finally {
    await db.close();
  }
}

function sourceOptions({ layer, crs, x, y }: ManifestDataset, name: string) {
  return {
    ...(layer != null && /\.(gpkg|gml)$/i.test(name) ? { layer } : {}),
    ...(crs == null ? {} : { crsIfAbsent: crs }),
    ...(x != null && y != null && /\.(csv|tsv)$/i.test(name) ? { pointColumns: { x, y } } : {}),
  };
}

/** Columns of the field map that no record has: a misspelt name would else be a column of nulls. */
function absentColumns(mapper: FieldMapper, records: readonly { readonly properties: object }[]): string[] {
  const columns = new Set<string>();
  for (const { properties } of records) for (const name of Object.keys(properties)) columns.add(name);
  const absent = mapper.columns().filter((name) => !columns.has(name));
  return absent.length === 0
    ? []
    : [`no column ${absent.join(', ')}, which field_map names; there are: ${[...columns].slice(0, 40).join(', ')}`];
}

function describeMisread(misread: readonly Misread[]): string[] {
  const byTarget = new Map<string, Misread[]>();
  for (const one of misread) {
    const known = byTarget.get(one.target);
    if (known === undefined) byTarget.set(one.target, [one]);
    else known.push(one);
  }
  return [...byTarget].map(([target, all]) => {
    const values = [...new Set(all.map(({ value }) => JSON.stringify(value)))];
    const shown = `${values.slice(0, SHOWN).join(', ')}${values.length > SHOWN ? ', …' : ''}`;
    return `${all.length} values of ${all[0]!.column} are no ${target}, and null: ${shown}`;
  });
}
