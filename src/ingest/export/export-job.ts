import { sqlName, type DuckDb } from '../../duckdb/connection.js';
import { CubeError } from '../../errors.js';
import type { Survey } from './survey-source.js';
import type { WrittenColumn } from './written-column.js';

/** One export under way: what a writer of a format needs. */
export type ExportJob = {
  /** The lake is attached and its tables go by their bare names. */
  readonly database: DuckDb;
  /** A SELECT without its semicolon; safe in parentheses on lines of its own. */
  readonly source: string;
  readonly columns: readonly WrittenColumn[];
  /** Name of the column that is the geometry of a row; null where there is none. */
  readonly geometry: string | null;
  readonly survey: Survey;
  /** Whether rows come in the order of the source instead of the Hilbert curve's. */
  readonly keepOrder: boolean;
  /** The file to make. */
  readonly path: string;
  readonly signal: AbortSignal | undefined;
};

/**
 * SQL of expressions over the rows of the source (`t`), in the order that they are written in: along a Hilbert curve over
 * their extent, and where that is equal by a hash of the row, so that the order is always the same.
 */
export function selectRows(job: ExportJob, expressions: readonly string[]): string {
  return `SELECT ${expressions.join(', ')} FROM (\n${job.source}\n) AS t${job.keepOrder ? '' : orderBy(job)}`;
}

/** The columns as they are written, under their names. */
export function writtenColumns(columns: readonly WrittenColumn[]): string[] {
  return columns.map(({ name, expression }) => `${expression} AS ${sqlName(name)}`);
}

/** Run a COPY of DuckDB; returns how many rows it wrote. */
export async function copyRows({ database }: ExportJob, sql: string): Promise<number> {
  const [row] = await database.all(sql);
  return Number(row?.['Count']);
}

/** The name of the geometry, for formats that cannot do without. Problem: `unsupported`. */
export function needGeometry({ geometry }: ExportJob, format: string): string {
  if (geometry !== null) return geometry;
  const fix = 'write csv or arrow, or choose a table with a geometry';
  throw new CubeError({ kind: 'unsupported', feature: `${format} of rows without a geometry`, fix });
}

function orderBy({ geometry, survey: { bbox } }: ExportJob): string {
  if (geometry === null) return ' ORDER BY ALL';
  if (bbox === null) return ' ORDER BY hash(t)';
  const [xmin, ymin, xmax, ymax] = bbox;
  const box = `{'min_x': ${xmin}::DOUBLE, 'min_y': ${ymin}::DOUBLE, 'max_x': ${xmax}::DOUBLE, 'max_y': ${ymax}::DOUBLE}::BOX_2D`;
  const value = `t.${sqlName(geometry)}`;
  // An empty geometry has no place on the curve.
  return ` ORDER BY CASE WHEN NOT ST_IsEmpty(${value}) THEN ST_Hilbert(${value}, ${box}) END, hash(t)`;
}
