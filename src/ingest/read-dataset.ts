import { openDuckDb, type DuckDb } from '../duckdb/connection.js';
import { filterWhere } from '../vector/filter-where.js';
import { describeNotes, type HarmonisedRow, type RecordNote } from '../vector/harmonise.js';
import { ImageSet } from '../vector/images/image-set.js';
import { readSource } from '../vector/read-source.js';
import { FieldMapper, type Misread } from './apply-field-map.js';
import { readCountryShapes, type CountryShapes } from './country-shapes.js';
import type { Feature } from './feature.js';
import { harmoniseFeatures } from './harmonise-features.js';
import { keepColumns } from './kept-columns.js';
import { isOfOneImage, labelFiles, type LocalFile } from './label-files.js';
import type { ManifestDataset } from './parse-manifest.js';
import { PlaceCheck } from './place-check.js';
import { readOneAhead } from './read-one-ahead.js';
import type { QuarantinedRecord } from '../vector/label.js';

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

/** Rows that are handed on at a time. */
const BATCH_ROWS = 4096;

/** A sink that hands rows on some thousand at a time, however few a file has; what is left with `flush`. */
export function batchedSink(sink: RowSink): { readonly sink: RowSink; readonly flush: () => Promise<void> } {
  let [features, quarantine]: [Feature[], QuarantinedRecord[]] = [[], []];
  const flush = async () => {
    const rows = [features, quarantine] as const;
    [features, quarantine] = [[], []];
    await sink(...rows);
  };
  return {
    flush,
    sink: async (more, bad) => {
      for (const row of more) features.push(row);
      for (const row of bad) quarantine.push(row);
      if (features.length + quarantine.length >= BATCH_ROWS) await flush();
    },
  };
}

/** How a file is read. */
export type ReadFileOptions = {
  readonly version: string | null;
  readonly sink: RowSink;
  readonly signal?: AbortSignal | undefined;
};

/** Values that could not be read, of which a warning shows some. */
const SHOWN = 3;

/** Reads the files of one data set; every image is looked at once. Close it. */
export class DatasetReader {
  /** The files that hold labels, by name. */
  readonly labels: readonly LocalFile[];
  readonly #dataset: ManifestDataset;
  readonly #mapper: FieldMapper;
  readonly #images: ImageSet;
  /** Of labels in pixels, of which a data set has a file for each image: opening one takes longer than reading them. */
  #shared: DuckDb | null = null;
  /** Read once, at the first look at where features lie. */
  #countries: Promise<CountryShapes | null> | null = null;

  /** `files` are all of the data set. Problem: `no-data` where none holds labels. */
  constructor(dataset: ManifestDataset, files: readonly LocalFile[]) {
    this.labels = labelFiles(dataset, files);
    this.#dataset = dataset;
    this.#mapper = new FieldMapper(dataset.field_map, dataset.null_values);
    this.#images = new ImageSet(files, crsOf(dataset));
  }

  /** Read and harmonise one file. Problems: those of the format, `invalid-data` for swapped axes. */
  async read(file: LocalFile, options: ReadFileOptions): Promise<ReadFile> {
    if (isOfOneImage(file.name)) {
      this.#shared ??= await openDuckDb({ extensions: ['spatial'] });
      return this.#readWith(this.#shared, file, options);
    }
    const db = await openDuckDb({ extensions: ['spatial'] });
    try {
      return await this.#readWith(db, file, options);
    } finally {
      await db.close();
    }
  }

  async close(): Promise<void> {
    await this.#images.close();
    await this.#shared?.close();
  }

  async #readWith(
    db: DuckDb,
    { name, path }: LocalFile,
    { version, sink, signal }: ReadFileOptions,
  ): Promise<ReadFile> {
    const [dataset, mapper] = [this.#dataset, this.#mapper];
    const options = { path, name, signal, images: this.#images, ...sourceOptions(dataset, name) };
    const table = await readSource(db, options);
    const { where } = dataset;
    const source = {
      dataset: dataset.name,
      version,
      file: name,
      license: dataset.license ?? null,
      mapper,
      keep: keepColumns(dataset, mapper),
      extent: dataset.extent ?? null,
      filter: where == null ? null : (rows: readonly HarmonisedRow[]) => filterWhere(db, where, rows, table.temporal),
    };
    const counts = { records: table.records.length, used: 0, features: 0, quarantined: 0, excluded: 0 };
    const misread: Misread[] = [];
    const notes: RecordNote[] = [];
    const places = new PlaceCheck(table.records.length, () => (this.#countries ??= readCountryShapes()));
    for await (const batch of readOneAhead(harmoniseFeatures(db, table, source, signal))) {
      places.add(batch.features);
      counts.used += new Set(batch.features.map(({ record }) => record)).size;
      counts.features += batch.features.length;
      counts.quarantined += batch.quarantine.length;
      counts.excluded += batch.excluded;
      for (const one of batch.misread) misread.push(one);
      notes.push(...batch.notes);
      await sink(batch.features, batch.quarantine);
    }
    const odd = isOfOneImage(name) ? [] : await places.warnings(table.url); // images say where they are themselves
    const named = { field_map: mapper.columns(), keep_cols: dataset.keep_cols ?? [] };
    const absent = absentColumns(named, table.records);
    return {
      ...counts,
      warnings: [...table.warnings, ...describeNotes(notes), ...absent, ...describeMisread(misread), ...odd],
    };
  }
}

function crsOf({ crs }: ManifestDataset) {
  return crs == null ? {} : { crsIfAbsent: crs };
}

function sourceOptions(dataset: ManifestDataset, name: string) {
  const { layer, x, y, background } = dataset;
  return {
    ...crsOf(dataset),
    ...(background == null ? {} : { background }),
    ...(layer != null && /\.(gpkg|gml)$/i.test(name) ? { layer } : {}),
    ...(x != null && y != null && /\.(csv|tsv)$/i.test(name) ? { pointColumns: { x, y } } : {}),
  };
}

/** Columns that the manifest names and no record has: a misspelt name would else be a column of nulls. */
function absentColumns(
  named: Readonly<Record<string, readonly string[]>>,
  records: readonly { readonly properties: object }[],
): string[] {
  if (records.length === 0) return [];
  const columns = new Set<string>();
  for (const { properties } of records) for (const name of Object.keys(properties)) columns.add(name);
  const there = `there are: ${[...columns].slice(0, 40).join(', ')}`;
  return Object.entries(named).flatMap(([field, names]) => {
    const absent = names.filter((name) => !columns.has(name));
    return absent.length === 0 ? [] : [`no column ${absent.join(', ')}, which ${field} names; ${there}`];
  });
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
    const columns = [...new Set(all.map(({ column }) => column))].join(', ');
    return `${all.length} values of ${columns} are no ${target}, and null: ${shown}`;
  });
}
