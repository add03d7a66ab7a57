import { LON_LAT } from '../source-crs.js';
import type { SourceRecord, SourceTable } from '../source-table.js';

/** A table of records each of which may have a CRS of its own: that of its image. */
export function tableOf(url: string, records: readonly SourceRecord[], warnings: readonly string[] = []): SourceTable {
  const crs = records.find((record) => record.crs !== undefined)?.crs ?? LON_LAT;
  return { url, crs, records, temporal: new Map(), warnings };
}
