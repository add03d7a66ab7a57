import { join } from 'node:path';
import { openDuckDb, sqlString } from '../../src/duckdb/connection.js';
import type { JobOf } from '../protocol.js';
import { bytesOf, notCompared, type Route, type Work } from '../route.js';
import { packageVersion } from './package-version.js';

/** What a good SQL user of DuckDB with its spatial extension writes, in all of its threads. */
export function openDuckDbSql(): Route {
  return {
    versions: `DuckDB by @duckdb/node-api ${packageVersion('@duckdb/node-api')}`,
    async prepare(job, { scratch }) {
      if (job.kind !== 'sites') throw notCompared('duckdb-sql', job.kind);
      return job.part === 'dedup' ? prepareDedup(job) : prepareIngest(job, scratch);
    },
  };
}

function prepareDedup({ file }: JobOf<'sites'>): Work {
  return async () => {
    const db = await openDuckDb({ extensions: ['spatial'] });
    await db.run(`CREATE TABLE f AS SELECT uid, ST_GeomFromWKB(wkb) AS g FROM read_parquet(${sqlString(file)})`);
    // As one predicate alone: with another beside it DuckDB joins every row with every other.
    await db.run('CREATE TABLE met AS SELECT a.uid AS a, b.uid AS b FROM f a JOIN f b ON ST_Intersects(a.g, b.g)');
    const [row] = await db.all(
      `WITH measured AS (
         SELECT ST_Area(ST_Intersection(x.g, y.g)) AS shared, ST_Area(x.g) AS one, ST_Area(y.g) AS other
         FROM met JOIN f x ON x.uid = met.a JOIN f y ON y.uid = met.b WHERE met.a < met.b),
       rated AS (SELECT shared / (one + other - shared) AS iou, shared / least(one, other) AS iomin FROM measured)
       SELECT count(*) FILTER (iou >= 0.99) AS exact, count(*) FILTER (iou >= 0.5 AND iou < 0.99) AS same,
         count(*) FILTER (iou < 0.5 AND iomin >= 0.5) AS part, sum(iou) FILTER (iou >= 0.5 OR iomin >= 0.5) AS total
       FROM rated`,
    );
    await db.close();
    const values = ['exact', 'same', 'part', 'total'].map((name) => Number(row![name]));
    return { result: () => [bytesOf(Float64Array.from(values))] };
  };
}

function prepareIngest({ file }: JobOf<'sites'>, scratch: string): Work {
  return async () => {
    const db = await openDuckDb({ extensions: ['spatial', 'ducklake'] });
    await db.run(
      `ATTACH ${sqlString(`ducklake:${join(scratch, 'sql.ducklake')}`)} AS lake (DATA_PATH ${sqlString(`${join(scratch, 'sql')}/`)})`,
    );
    await db.run(
      `CREATE TABLE lake.features AS
       SELECT *, ST_Area_Spheroid(geometry) AS area, ST_PointOnSurface(geometry) AS point, ST_XMin(geometry) AS xmin,
         ST_YMin(geometry) AS ymin, ST_XMax(geometry) AS xmax, ST_YMax(geometry) AS ymax
       FROM (SELECT f.properties.uid AS uid, f.properties.kw / 1000 AS mw, make_date(f.properties.year::INTEGER, 1, 1) AS since,
           CASE WHEN ST_IsValid(g) THEN g ELSE ST_MakeValid(g) END AS geometry
         FROM (SELECT *, ST_GeomFromGeoJSON(geometry) AS g FROM read_json(${sqlString(file)}, format = 'newline_delimited',
           columns = {properties: 'STRUCT(uid VARCHAR, dataset VARCHAR, kw DOUBLE, year BIGINT)', geometry: 'JSON'})) AS f)`,
    );
    const [row] = await db.all('SELECT count(*) AS n, sum(area::DECIMAL(38, 6))::DOUBLE AS area FROM lake.features');
    await db.close();
    return { result: () => [bytesOf(Float64Array.of(Number(row!['n']), Number(row!['area'])))] };
  };
}
