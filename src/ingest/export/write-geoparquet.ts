import { sqlName, sqlString } from '../../duckdb/connection.js';
import { copyRows, needGeometry, selectRows, writtenColumns, type ExportJob } from './export-job.js';

/** Rows that are read or skipped together. */
const ROW_GROUP = 20_000;

/**
 * GeoParquet 1.1: WKB under Parquet's own type GEOMETRY, whose statistics readers of that type prune by, and a column of boxes
 * for those of GeoParquet's `covering`. zstd; rows along a Hilbert curve, so that a row group is a place.
 */
export async function writeGeoParquet(job: ExportJob): Promise<number> {
  const geometry = needGeometry(job, 'GeoParquet');
  const box = freeName(job, 'bbox');
  const value = `t.${sqlName(geometry)}`;
  const bounds = `CASE WHEN NOT ST_IsEmpty(${value}) THEN
    {xmin: ST_XMin(${value}), ymin: ST_YMin(${value}), xmax: ST_XMax(${value}), ymax: ST_YMax(${value})} END`;
  return copyRows(
    job,
    `COPY (${selectRows(job, [...writtenColumns(job.columns), `${bounds} AS ${sqlName(box)}`])}) TO ${sqlString(job.path)}
    (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${ROW_GROUP}, GEOPARQUET_VERSION 'NONE',
     KV_METADATA {geo: ${sqlString(JSON.stringify(geoMetadata(job, geometry, box)))}})`,
  );
}

/** GeoParquet 1.1 §File metadata. A column without `crs` is in OGC:CRS84. */
function geoMetadata({ columns, survey }: ExportJob, geometry: string, box: string): object {
  const others = columns.filter(({ name, type }) => type.startsWith('GEOMETRY') && name !== geometry);
  const covering = { bbox: Object.fromEntries(['xmin', 'ymin', 'xmax', 'ymax'].map((side) => [side, [box, side]])) };
  const primary = {
    encoding: 'WKB',
    geometry_types: survey.geometryTypes,
    edges: 'planar',
    ...(survey.bbox === null ? {} : { bbox: survey.bbox }),
    covering,
  };
  return {
    version: '1.1.0',
    primary_column: geometry,
    columns: {
      [geometry]: primary,
      ...Object.fromEntries(others.map(({ name }) => [name, { encoding: 'WKB', geometry_types: [] }])),
    },
  };
}

function freeName({ columns }: ExportJob, wanted: string): string {
  const taken = new Set(columns.map(({ name }) => name.toLowerCase()));
  let name = wanted;
  while (taken.has(name)) name = `_${name}`;
  return name;
}
