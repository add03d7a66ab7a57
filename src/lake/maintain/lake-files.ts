import type { DuckDb } from '../../duckdb/connection.js';
import { LAKE } from '../attach.js';

/** DuckLake's own tables of the attached lake, as SQL sees them. */
export const METADATA = `__ducklake_metadata_${LAKE}`;

/** A file that the catalog says is part of the lake. */
export type LakeFile = {
  /** Rows, or which rows of a data file are deleted. */
  readonly kind: 'data' | 'delete';
  readonly schema: string;
  readonly table: string;
  /** As the catalog has it: below the data path where `isRelative`, else complete. */
  readonly name: string;
  readonly isRelative: boolean;
  /** The first snapshot that has it, and the first that has it no more; null where the newest has it. */
  readonly begin: number;
  readonly end: number | null;
  readonly rows: number;
  readonly bytes: number;
  /** Rows of a data file that the newest snapshot has no more. */
  readonly deletedRows: number;
};

/** A file that no snapshot has any more, and that a cleanup may delete. */
export type ScheduledFile = { readonly name: string; readonly isRelative: boolean; readonly scheduledMs: number };

/** Every file of every snapshot, those of dropped tables too. */
export async function readLakeFiles(database: DuckDb): Promise<LakeFile[]> {
  const rows = await database.all(`${PLACES}
    SELECT 'data' AS kind, p.schema_name, p.table_name, ${name('f')} AS name, ${isRelative('f')} AS is_relative,
      f.begin_snapshot::DOUBLE AS first, f.end_snapshot::DOUBLE AS past, f.record_count::DOUBLE AS row_count,
      f.file_size_bytes::DOUBLE AS bytes, coalesce(d.deleted, 0)::DOUBLE AS deleted
    FROM ${METADATA}.ducklake_data_file f JOIN places p USING (table_id)
    LEFT JOIN (SELECT data_file_id, max(delete_count) AS deleted FROM ${METADATA}.ducklake_delete_file
      WHERE end_snapshot IS NULL GROUP BY ALL) d USING (data_file_id)
    UNION ALL
    SELECT 'delete', p.schema_name, p.table_name, ${name('f')}, ${isRelative('f')},
      f.begin_snapshot::DOUBLE, f.end_snapshot::DOUBLE, f.delete_count::DOUBLE, f.file_size_bytes::DOUBLE, 0
    FROM ${METADATA}.ducklake_delete_file f JOIN places p USING (table_id)
    ORDER BY schema_name, table_name, first, name`);
  return rows.map((row) => ({
    kind: row['kind'] === 'delete' ? 'delete' : 'data',
    schema: String(row['schema_name']),
    table: String(row['table_name']),
    name: String(row['name']),
    isRelative: row['is_relative'] === true,
    begin: Number(row['first']),
    end: row['past'] === null ? null : Number(row['past']),
    rows: Number(row['row_count']),
    bytes: Number(row['bytes']),
    deletedRows: Number(row['deleted']),
  }));
}

/** Files that wait for a cleanup, the oldest first. */
export async function readScheduledFiles(database: DuckDb): Promise<ScheduledFile[]> {
  const rows = await database.all(`SELECT path, path_is_relative::BOOLEAN AS is_relative,
      epoch_ms(schedule_start::TIMESTAMPTZ)::DOUBLE AS scheduled
    FROM ${METADATA}.ducklake_files_scheduled_for_deletion ORDER BY scheduled, path`);
  return rows.map((row) => ({
    name: String(row['path']),
    isRelative: row['is_relative'] === true,
    scheduledMs: Number(row['scheduled']),
  }));
}

/** Whether any of the snapshots needs the file. */
export function isNeeded({ begin, end }: LakeFile, snapshots: readonly number[]): boolean {
  return end === null || snapshots.some((id) => begin <= id && id < end);
}

/** Where a file is. The data path ends in a slash. */
export function placeOfFile(dataPath: string, { name, isRelative }: Pick<LakeFile, 'name' | 'isRelative'>): string {
  return isRelative ? `${dataPath}${name}` : name;
}

// A file lies below its table's folder, which lies below its schema's, which lies below the data path; each may be absolute.
const PLACES = `WITH tables AS (
    SELECT table_id, arg_max(schema_id, begin_snapshot) AS schema_id, arg_max(table_name, begin_snapshot) AS table_name,
      coalesce(arg_max(path, begin_snapshot), '') AS path, bool_or(coalesce(path_is_relative::BOOLEAN, true)) AS relative
    FROM ${METADATA}.ducklake_table GROUP BY table_id),
  schemas AS (
    SELECT schema_id, arg_max(schema_name, begin_snapshot) AS schema_name, coalesce(arg_max(path, begin_snapshot), '') AS path,
      bool_or(coalesce(path_is_relative::BOOLEAN, true)) AS relative
    FROM ${METADATA}.ducklake_schema GROUP BY schema_id),
  places AS (
    SELECT t.table_id, t.table_name, s.schema_name, t.relative AND s.relative AS relative,
      CASE WHEN t.relative THEN s.path || t.path ELSE t.path END AS folder
    FROM tables t JOIN schemas s USING (schema_id))`;

function name(file: string): string {
  return `CASE WHEN ${file}.path_is_relative::BOOLEAN THEN p.folder || ${file}.path ELSE ${file}.path END`;
}

function isRelative(file: string): string {
  return `${file}.path_is_relative::BOOLEAN AND p.relative`;
}
