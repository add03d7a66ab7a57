import { basename, extname, isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CubeError } from '../errors.js';
import { openDuckDb } from '../duckdb/connection.js';
import type { DuckDb } from '../duckdb/connection.js';
import type { PointColumns } from './csv-points.js';
import { filterWhere } from './filter-where.js';
import { h3Covers } from './h3-cover.js';
import type { LabelSet } from './label.js';
import { describeNotes, harmonise } from './harmonise.js';
import { readSource } from './read-source.js';
import type { SqlQuery } from './sql-records.js';

/** Which labels are read, and how. */
export type ReadLabelsOptions = {
  /** Absolute path or file: URL of a label file, or `lake:TABLE`. */
  readonly path: string;
  /** SQL over the harmonised columns and the source's. */
  readonly where?: string;
  /** H3 resolution of the covers, 0 to 15; null: none are made, which take a tenth of the time. */
  readonly h3: number | null;
  /** Layer of a file that holds several. */
  readonly layer?: string;
  /** CRS of a file that does not say; wins over the file's. */
  readonly crs?: string;
  /** Name of the data set; the file's name without extension by default. Part of every feature_uid. */
  readonly dataset?: string;
  /** Coordinate columns of a CSV file where their names do not tell. */
  readonly pointColumns?: PointColumns;
  /** Runs SQL in the open lake, for `lake:TABLE`. */
  readonly query?: SqlQuery;
  readonly signal?: AbortSignal;
};

/**
 * Read labels of any format and CRS into valid lon/lat features. Every record ends as a label, in the quarantine with
 * its reason, or is left out by `where`: none is dropped in silence. Labels are in record order.
 */
export async function readLabels(options: ReadLabelsOptions): Promise<LabelSet> {
  const { h3, signal } = options;
  if (h3 !== null && (!Number.isInteger(h3) || h3 < 0 || h3 > 15)) {
    throw new CubeError({
      kind: 'invalid-spec',
      path: 'labels.h3',
      what: `${h3} is not an H3 resolution`,
      fix: 'an integer from 0 to 15',
    });
  }
  const path = localPath(options.path);
  const dataset = options.dataset ?? datasetName(path);
  const db = await openDuckDb({ extensions: ['spatial'] });
  try {
    return await readWith(db, { ...options, path }, dataset);
  } catch (error) {
    if (signal?.aborted === true)
      throw new CubeError({ kind: 'aborted', what: `reading labels from ${path}` }, { cause: error });
    throw error;
  } finally {
    await db.close();
  }
}

async function readWith(db: DuckDb, options: ReadLabelsOptions, dataset: string): Promise<LabelSet> {
  const { path, where, h3, signal } = options;
  const table = await readSource(db, options);
  const harmonised = await harmonise(db, table, dataset, signal);
  const rows = where === undefined ? harmonised.rows : await filterWhere(db, where, harmonised.rows, table.temporal);
  signal?.throwIfAborted();
  const geometries = rows.map(({ geometry }) => geometry);
  const covers = h3 === null ? null : h3Covers(geometries, h3);
  const labels = rows.map((row, i) => {
    const { repair: _, ...label } = row;
    return { ...label, h3Cells: covers?.[i] ?? [] };
  });
  return {
    dataset,
    labels,
    quarantine: harmonised.quarantine,
    warnings: [...table.warnings, ...describeNotes(harmonised.notes)].map((text) => `${basename(path)}: ${text}`),
  };
}

/** `path` itself for a lake table. */
function localPath(path: string): string {
  if (path.startsWith('lake:')) return path;
  if (path.startsWith('file:')) return fileURLToPath(path);
  if (isAbsolute(path)) return path;
  if (/^[a-z][a-z0-9+.-]+:/i.test(path)) {
    throw new CubeError({
      kind: 'unsupported',
      feature: 'labels from a URL',
      url: path,
      fix: 'download the file and name its path',
    });
  }
  throw new CubeError({ kind: 'invalid-argument', what: `the path of a label file must be absolute, found ${path}` });
}

function datasetName(path: string): string {
  return path.startsWith('lake:') ? path.slice('lake:'.length) : basename(path, extname(path));
}
