import { sqlString } from '../../duckdb/connection.js';
import { copyRows, needGeometry, selectRows, writtenColumns, type ExportJob } from './export-job.js';

/**
 * FlatGeobuf with its packed Hilbert R-tree, which readers over HTTP find their features by. A row without geometry can be
 * no entry of the tree: where there is one the file has none.
 */
export async function writeFlatGeobuf(job: ExportJob): Promise<number> {
  needGeometry(job, 'FlatGeobuf');
  const columns = job.columns.map((column) => ({ ...column, name: nameInFile(column.name) }));
  const index = hasIndex(job) ? 'YES' : 'NO';
  return copyRows(
    job,
    `COPY (${selectRows(job, writtenColumns(columns))}) TO ${sqlString(job.path)}
    (FORMAT gdal, DRIVER 'FlatGeobuf', SRS 'OGC:CRS84', LAYER_CREATION_OPTIONS 'SPATIAL_INDEX=${index}')`,
  );
}

/** What is not in the file as it is in the lake, beside the types of columns. */
export function flatGeobufNotes({ columns, survey }: ExportJob): string[] {
  return [
    ...(survey.unlocated === 0
      ? []
      : [`${survey.unlocated} rows without geometry: the file has no spatial index, which has no place for them`]),
    ...(survey.geometryTypes.some((type) => type.endsWith(' Z')) ? ['heights (Z) of geometries are left out'] : []),
    ...columns.flatMap(({ name }) =>
      name === nameInFile(name) ? [] : [`the column ${name} is ${nameInFile(name)}: readers number rows by that name`],
    ),
  ];
}

/** GDAL in DuckDB leaves a column OGC_FID out, and reads none of another case. */
function nameInFile(name: string): string {
  return name.toLowerCase() === 'ogc_fid' ? `${name}_1` : name;
}

/** Whether the file gets its index. */
function hasIndex({ survey }: ExportJob): boolean {
  return survey.unlocated === 0;
}
