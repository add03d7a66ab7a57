import { sqlString } from '../../duckdb/connection.js';
import { copyRows, needGeometry, selectRows, writtenColumns, type ExportJob } from './export-job.js';

/**
 * FlatGeobuf with its packed Hilbert R-tree, which readers over HTTP find their features by. A row without geometry can be
 * no entry of the tree: where there is one the file has none.
 */
export async function writeFlatGeobuf(job: ExportJob): Promise<number> {
  needGeometry(job, 'FlatGeobuf');
  const index = hasIndex(job) ? 'YES' : 'NO';
  return copyRows(
    job,
    `COPY (${selectRows(job, writtenColumns(job.columns))}) TO ${sqlString(job.path)}
    (FORMAT gdal, DRIVER 'FlatGeobuf', SRS 'OGC:CRS84', LAYER_CREATION_OPTIONS 'SPATIAL_INDEX=${index}')`,
  );
}

/** Whether the file gets its index. */
export function hasIndex({ survey }: Pick<ExportJob, 'survey'>): boolean {
  return survey.unlocated === 0;
}
