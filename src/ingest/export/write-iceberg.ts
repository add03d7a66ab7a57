import { sqlString } from '../../duckdb/connection.js';
import { copyRows, selectRows, writtenColumns, type ExportJob } from './export-job.js';

/** A folder that is an Iceberg table (version 2) of one snapshot. Its metadata, which comes last, has absolute paths. */
export async function writeIceberg(job: ExportJob): Promise<number> {
  return copyRows(
    job,
    `COPY (${selectRows(job, writtenColumns(job.columns))}) TO ${sqlString(job.path)} (FORMAT iceberg)`,
  );
}
