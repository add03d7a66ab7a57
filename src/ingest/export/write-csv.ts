import { sqlName, sqlString } from '../../duckdb/connection.js';
import { copyRows, selectRows, writtenColumns, type ExportJob } from './export-job.js';

/** What CSV has in place of a geometry: its WKT, or `lon` and `lat` of a point inside it. */
export type CsvGeometry = 'wkt' | 'lonlat';

/** CSV in UTF-8 with a header. Null is nothing between commas, empty text `""`. */
export async function writeCsv(job: ExportJob, geometry: CsvGeometry): Promise<number> {
  const columns = geometry === 'wkt' ? writtenColumns(job.columns) : withLonLat(job);
  return copyRows(job, `COPY (${selectRows(job, columns)}) TO ${sqlString(job.path)} (FORMAT csv, HEADER)`);
}

function withLonLat({ columns, geometry }: ExportJob): string[] {
  if (geometry === null) return writtenColumns(columns);
  const rest = writtenColumns(columns.filter(({ name }) => name !== geometry));
  const names = columns.map(({ name }) => name.toLowerCase());
  if (names.includes('lon') && names.includes('lat')) return rest;
  const inside = `ST_PointOnSurface(t.${sqlName(geometry)})`;
  return [...rest, `ST_X(${inside}) AS lon`, `ST_Y(${inside}) AS lat`];
}
