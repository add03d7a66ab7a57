import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { beforeAll, describe, expect, it } from 'vitest';
import { openDuckDb } from '../../../src/duckdb/connection.js';
import { exportTable, type ExportOptions } from '../../../src/ingest/export/export-table.js';
import { temporaryPath } from '../../../src/io/write-file.js';
import { temporaryFolder } from '../../lake/temporary.js';
import { makeSampleLake } from './sample-lake.js';

const folder = temporaryFolder();
let lake = '';
beforeAll(async () => {
  lake = await makeSampleLake(join(folder, 'lake'));
});

const at = (name: string) => join(folder, name);
const run = (name: string, options: Partial<ExportOptions>) =>
  exportTable({ lake, out: at(name), ...options }).then((report) => ({ ...report, text: read(name) }));
const read = (name: string) => (statSync(at(name)).isFile() ? readFileSync(at(name), 'utf8') : '');

/** Values that some format has no type for, and a row without geometry. */
const HARD = `SELECT 'a,"b"' AS txt, '' AS empty, NULL::VARCHAR AS nothing, 'nan'::DOUBLE AS nan, '-inf'::FLOAT AS inf,
    9007199254740993 AS big, 599686042433355775::UBIGINT AS h3_r5, 18446744073709551615::UBIGINT AS wide,
    [599686042433355775::UBIGINT] AS h3_cover, 170141183460469231731687303715884105727::HUGEINT AS huge, 1.10::DECIMAL(5,2) AS price,
    DATE '2019-02-03' AS day, TIMESTAMP '2020-01-02 03:04:05.678' AS ts, TIMESTAMPTZ '2020-01-02 03:04:05+02' AS tz,
    '\\x01\\xFF'::BLOB AS bytes, {'a': 1, 'b': [true, NULL]} AS nested, '{"k": [1, null]}'::JSON AS properties, true AS flag,
    ST_GeomFromText('POLYGON ((0 0, 0 1, 1 1, 1 0, 0 0))') AS geometry
  UNION ALL BY NAME SELECT 'second' AS txt, NULL::GEOMETRY AS geometry`;

describe('values that a format has no type for', () => {
  it('are told, and are text in GeoJSON', async () => {
    const { text, columns, unlocated } = await run('hard.geojson', { sql: HARD });
    const [first, second] = JSON.parse(text).features;
    expect(first.geometry.coordinates).toEqual([[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]); // prettier-ignore
    expect(first.properties).toEqual({
      txt: 'a,"b"',
      empty: '',
      nothing: null,
      nan: 'nan',
      inf: '-inf',
      big: '9007199254740993',
      h3_r5: '85283473fffffff',
      wide: '18446744073709551615',
      h3_cover: ['85283473fffffff'],
      huge: '170141183460469231731687303715884105727',
      price: '1.10',
      day: '2019-02-03',
      ts: '2020-01-02T03:04:05.678',
      tz: '2020-01-02T01:04:05Z',
      bytes: 'Af8=',
      nested: { a: 1, b: [true, null] },
      properties: { k: [1, null] },
      flag: true,
    });
    expect(second).toMatchObject({ geometry: null, properties: { txt: 'second', day: null } });
    expect(unlocated).toBe(1);
    expect(written(columns)).toEqual({
      h3_r5: 'hexadecimal text',
      wide: 'text',
      h3_cover: 'hexadecimal text',
      huge: 'text',
      price: 'text',
      day: 'ISO 8601 text',
      ts: 'ISO 8601 text',
      tz: 'ISO 8601 text',
      bytes: 'base64 text',
    });
  });

  it('keep null and empty text apart in CSV', async () => {
    const { text, columns } = await run('hard.csv', { sql: HARD });
    expect(text.split('\n')[1]).toBe(
      '"a,""b""","",,nan,-inf,9007199254740993,85283473fffffff,18446744073709551615,"[""85283473fffffff""]",' +
        '170141183460469231731687303715884105727,1.10,2019-02-03,2020-01-02 03:04:05.678,2020-01-02 01:04:05+00,Af8=,' +
        '"{""a"":1,""b"":[true,null]}","{""k"": [1, null]}",true,"POLYGON ((0 0, 0 1, 1 1, 1 0, 0 0))"',
    );
    expect(text.split('\n')[2]).toBe(`second${','.repeat(18)}`);
    expect(written(columns)).toMatchObject({ geometry: 'WKT', h3_r5: 'hexadecimal text', nested: 'JSON text' });
  });

  it('stay what they are in GeoParquet, but for those that Parquet would cut', async () => {
    const { columns } = await run('hard.parquet', { sql: HARD });
    expect(written(columns)).toEqual({ huge: 'text' });
    const database = await openDuckDb();
    const rows = await database.all(
      `SELECT * EXCLUDE (geometry, bbox), ST_AsText(geometry) AS wkt FROM '${at('hard.parquet')}' ORDER BY txt`,
    );
    await database.close();
    expect(rows[0]).toMatchObject({
      nothing: null,
      nan: NaN,
      big: 9007199254740993n,
      wide: 18446744073709551615n,
      h3_cover: [599686042433355775n],
      huge: '170141183460469231731687303715884105727',
      price: 1.1,
      day: new Date('2019-02-03'),
      nested: { a: 1, b: [true, null] },
      wkt: 'POLYGON ((0 0, 0 1, 1 1, 1 0, 0 0))',
    });
    expect(rows[1]).toMatchObject({ txt: 'second', wkt: null, day: null });
  });

  it('are told of Arrow', async () => {
    const { columns } = await run('hard.arrow', { sql: HARD });
    const table = tableFromIPC(readFileSync(at('hard.arrow')));
    const row = table.get(0)!.toJSON();
    expect(row).toMatchObject({
      txt: 'a,"b"',
      nothing: null,
      big: 9007199254740993n,
      wide: 18446744073709551615n,
      price: 1.1,
    });
    expect(row['nested']).toBe('{"a":1,"b":[true,null]}');
    expect(table.schema.fields.find(({ name }) => name === 'geometry')!.metadata.get('ARROW:extension:name')).toBe(
      'geoarrow.wkb',
    );
    expect(written(columns)).toMatchObject({
      huge: 'text',
      price: 'double',
      ts: 'timestamp of milliseconds',
      nested: 'JSON text',
    });
  });

  it('and rows without geometry cost FlatGeobuf its index, which is told', async () => {
    const { columns, notes } = await run('hard.fgb', { sql: HARD });
    expect(notes).toEqual([expect.stringContaining('no spatial index')]);
    expect(written(columns)).toMatchObject({ day: 'DateTime at 00:00', wide: 'text', huge: 'text', price: 'DOUBLE' });
  });

  it('keep days before 1970 and the column OGC_FID in FlatGeobuf, which tells of heights', async () => {
    const sql = `SELECT DATE '1969-05-05' AS day, 7 AS OGC_FID, ST_GeomFromText('POINT Z (1 2 3)') AS geometry
      UNION ALL SELECT DATE '1850-12-31', 8, ST_Point(5, 6)`;
    const { notes, rows } = await run('old.fgb', { sql });
    expect([rows, ...notes]).toEqual([
      2,
      'heights (Z) of geometries are left out',
      'the column OGC_FID is OGC_FID_1: readers number rows by that name',
    ]);
    const database = await openDuckDb({ extensions: ['spatial'] });
    const found = await database.all(
      `SELECT day::VARCHAR AS day, OGC_FID_1 AS n FROM ST_Read('${at('old.fgb')}') ORDER BY 2`,
    );
    await database.close();
    expect(found).toEqual([
      { day: '1969-05-05 00:00:00', n: 7 },
      { day: '1850-12-31 00:00:00', n: 8 },
    ]);
  });

  it.each(['parquet', 'fgb', 'geojson', 'csv', 'arrow', 'iceberg'])(
    'of empty geometry come through: %s',
    async (extension) => {
      const sql = `SELECT 1 AS n, ST_GeomFromText('POLYGON EMPTY') AS geometry UNION ALL SELECT 2, ST_Point(3, 4)`;
      expect(await run(`empties.${extension}`, { sql })).toMatchObject({ rows: 2, unlocated: 1, bbox: [3, 4, 3, 4] });
      const hollow = `SELECT 1 AS n, ST_GeomFromText('MULTIPOLYGON (EMPTY)') AS geometry`;
      expect(await run(`hollow.${extension}`, { sql: hollow })).toMatchObject({ rows: 1, unlocated: 1, bbox: null });
    },
  );

  it.each(['parquet', 'fgb', 'geojson', 'csv', 'arrow', 'iceberg'])(
    'of every type come through: %s',
    async (extension) => {
      const sql = `SELECT tinyint, smallint, int, bigint, hugeint, uhugeint, utinyint, usmallint, uint, ubigint, bool, float, double, dec_4_1,
        dec38_10, uuid, interval, varchar, small_enum, date, timestamp_s, timestamp_ms, timestamp_ns, time, int_array, double_array,
        varchar_array, nested_int_array, struct, map, [timestamp] AS times, ST_Point(1, 2) AS geometry
      FROM test_all_types() WHERE int IS NULL OR int > 0`;
      if (extension === 'arrow')
        await expect(run('day.arrow', { sql })).rejects.toThrow(/unsupported: column date in Arrow/);
      const dated = extension === 'arrow' ? `SELECT * EXCLUDE (date) FROM (${sql})` : sql;
      expect((await run(`types.${extension}`, { sql: dated })).rows).toBe(2);
    },
  );

  it('a NaN inside a STRUCT is refused in GeoJSON', async () => {
    const sql = `SELECT ST_Point(0, 0) AS geometry, {'v': 'nan'::DOUBLE} AS s`;
    await expect(run('nan.geojson', { sql })).rejects.toThrow(/STRUCT/);
    expect(existsSync(at('nan.geojson'))).toBe(false);
  });
});

describe('what is written', () => {
  it('has native statistics, the covering and the metadata in one Parquet file', async () => {
    const { bbox } = await run('sites.parquet', { table: 'sites' });
    const database = await openDuckDb();
    const [geo] = await database.all(
      `SELECT decode(value) AS text FROM parquet_kv_metadata('${at('sites.parquet')}') WHERE decode(key) = 'geo'`,
    );
    const [type] = await database.all(
      `SELECT logical_type FROM parquet_schema('${at('sites.parquet')}') WHERE name = 'geometry'`,
    );
    const [stats] = await database.all(
      `SELECT geo_bbox, geo_types FROM parquet_metadata('${at('sites.parquet')}') WHERE path_in_schema = 'geometry'`,
    );
    await database.close();
    expect(JSON.parse(String(geo!['text']))).toEqual({
      version: '1.1.0',
      primary_column: 'geometry',
      columns: {
        geometry: {
          encoding: 'WKB',
          edges: 'planar',
          geometry_types: ['MultiPolygon', 'Point', 'Polygon'],
          bbox,
          covering: {
            bbox: { xmin: ['bbox', 'xmin'], ymin: ['bbox', 'ymin'], xmax: ['bbox', 'xmax'], ymax: ['bbox', 'ymax'] },
          },
        },
      },
    });
    expect(String(type!['logical_type'])).toMatch(/Geometry/i);
    expect(stats!['geo_bbox']).toMatchObject({ xmin: bbox![0], ymin: bbox![1], xmax: bbox![2], ymax: bbox![3] });
    expect(stats!['geo_types']).toHaveLength(3);
  });

  it.each(['parquet', 'fgb', 'geojson', 'geojsonl', 'csv', 'arrow'])(
    'is the same bytes twice: %s',
    async (extension) => {
      const [a, b] = [
        await run(`one/a.${extension}`, { table: 'sites' }),
        await run(`two/a.${extension}`, { table: 'sites' }),
      ];
      expect(a.sha256).toBe(b.sha256);
      expect(a.sha256).toBe(createHash('sha256').update(readFileSync(a.out)).digest('hex'));
      expect(a.byteLength).toBe(statSync(a.out).size);
    },
  );

  it('keeps the order of a query in CSV, and sorts rows without geometry', async () => {
    const sql = 'SELECT range AS n FROM range(5) ORDER BY n DESC';
    expect((await run('order.csv', { sql })).text).toBe('n\n4\n3\n2\n1\n0\n');
    const { text } = await run('members.csv', { table: 'site_members' });
    const lines = text.trim().split('\n').slice(1);
    expect(lines).toEqual(lines.toSorted());
    expect(lines.length).toBeGreaterThan(80);
  });

  it('is a query with a comment and a condition, in longitude and latitude', async () => {
    const where = "geom_kind = 'point' -- only these\n";
    const { text, rows } = await run('points.csv', {
      sql: 'SELECT * FROM sites -- all\n',
      where,
      csvGeometry: 'lonlat',
    });
    expect(text.split('\n')[0]).toMatch(/lon,lat/);
    expect(text.split('\n')[0]).not.toMatch(/geometry/);
    expect(text.trim().split('\n').length).toBe(rows + 1);
  });

  it('writes lon and lat where the rows have none', async () => {
    const { text } = await run('inside.csv', { sql: 'SELECT 1 AS a, ST_Point(3, 4) AS geom', csvGeometry: 'lonlat' });
    expect(text).toBe('a,lon,lat\n1,3.0,4.0\n');
  });

  it('is an Iceberg table that DuckDB reads back', async () => {
    const { columns, rows } = await run('s.iceberg', { table: 'sites' });
    expect(written(columns)).toMatchObject({ geometry: 'WKB bytes', h3_r5: 'hexadecimal text', provenance: 'text' });
    await run('none.iceberg', { table: 'sites', where: 'false' });
    await run('flat.csv', { sql: 'SELECT * EXCLUDE (provenance) FROM sites ORDER BY site_uid' });
    const database = await openDuckDb({ extensions: ['spatial', 'avro', 'iceberg'] });
    const back = `SELECT * EXCLUDE (provenance) REPLACE (ST_AsText(ST_GeomFromWKB(geometry)) AS geometry) FROM iceberg_scan('${at('s.iceberg')}')`;
    await database.run(`COPY (${back} ORDER BY site_uid) TO '${at('back.csv')}' (FORMAT csv, HEADER)`);
    const [none] = await database.all(`SELECT count(*)::INTEGER AS n FROM iceberg_scan('${at('none.iceberg')}')`);
    await database.close();
    expect(read('back.csv')).toBe(read('flat.csv'));
    expect([rows > 60, none!['n']]).toEqual([true, 0]);
    await expect(run('s.iceberg', { table: 'sites', overwrite: true })).rejects.toThrow(/exists/);
    await expect(run('no.iceberg', { sql: "SELECT error('no') AS a" })).rejects.toThrow(/lake/);
    expect(existsSync(at('no.iceberg'))).toBe(false);
  });

  it('comes along a curve on which neighbours stand together', async () => {
    const sql = 'SELECT ST_Point((range * 7919) % 1000 / 10, (range * 104729) % 800 / 10) AS geometry FROM range(4000)';
    await run('curve.parquet', { sql });
    const database = await openDuckDb({ extensions: ['spatial'] });
    const rows = await database.all(`SELECT ST_X(geometry) AS x, ST_Y(geometry) AS y FROM '${at('curve.parquet')}'`);
    await database.close();
    const steps = rows
      .slice(1)
      .map((row, i) => Math.hypot(Number(row['x']) - Number(rows[i]!['x']), Number(row['y']) - Number(rows[i]!['y'])));
    expect(rows.length).toBe(4000);
    expect(steps.reduce((sum, step) => sum + step, 0) / steps.length).toBeLessThan(3); // at random it would be 47
  });

  it.each(['parquet', 'fgb', 'geojson', 'csv', 'arrow', 'iceberg'])(
    'has columns of any name: %s',
    async (extension) => {
      const sql = `SELECT 1 AS "we""ird '; -- name", 2 AS bbox, 3 AS t, 4 AS "order", ST_Point(1, 2) AS "geom etry"`;
      const { columns, rows, bbox } = await run(`odd.${extension}`, { sql });
      expect(columns.map(({ name }) => name)).toEqual([`we"ird '; -- name`, 'bbox', 't', 'order', 'geom etry']);
      expect([rows, bbox]).toEqual([1, [1, 2, 1, 2]]);
    },
  );

  it('comes in several batches of Arrow', async () => {
    const { rows } = await run('many.arrow', { sql: 'SELECT range::INTEGER AS n FROM range(50000)' });
    const table = tableFromIPC(readFileSync(at('many.arrow')));
    expect([rows, table.numRows, table.batches.length > 1]).toEqual([50_000, 50_000, true]);
    expect(table.get(49_999)!.toJSON()).toEqual({ n: 49_999 });
  });
});

describe('an export', () => {
  it('leaves the file that is there, unless told otherwise', async () => {
    writeFileSync(at('mine.csv'), 'mine');
    await expect(run('mine.csv', { table: 'sites' })).rejects.toThrow(/exists: .*--overwrite/);
    expect(read('mine.csv')).toBe('mine');
    expect((await run('mine.csv', { table: 'sites', overwrite: true })).text).toMatch(/^run_id,/);
  });

  it('leaves nothing when it fails or is stopped, and what was there stays', async () => {
    mkdirSync(at('failing'));
    writeFileSync(at('failing/a.geojson'), 'mine');
    const failing = `SELECT CASE WHEN range = 90000 THEN error('no') ELSE ST_Point(0, 0) END AS geometry FROM range(100000)`;
    for (const name of ['a.parquet', 'a.fgb', 'a.csv', 'a.arrow', 'a.geojson'])
      await expect(run(`failing/${name}`, { sql: failing, overwrite: true })).rejects.toThrow(/lake: DuckDB/);
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 300);
    const endless = 'SELECT ST_Point(0, 0) AS geometry, count(*) AS n FROM range(100000) a, range(100000) b';
    await expect(run('failing/b.csv', { sql: endless, signal: stop.signal })).rejects.toThrow(/aborted/);
    expect(readdirSync(at('failing'))).toEqual(['a.geojson']);
    expect(read('failing/a.geojson')).toBe('mine');
  });

  it('never takes a folder away, and removes what a killed one left', async () => {
    mkdirSync(at('folder.csv/inside'), { recursive: true });
    await expect(run('folder.csv', { table: 'sites', overwrite: true })).rejects.toThrow(/exists: .*a folder/);
    expect(existsSync(at('folder.csv/inside'))).toBe(true);
    const dead = temporaryPath(at('stale')).replace(`-${process.pid}-`, '-99999999-');
    const live = temporaryPath(at('stale'));
    for (const path of [dead, live]) mkdirSync(join(path, 'made'), { recursive: true });
    await run('stale/a.csv', { table: 'sites' });
    expect([existsSync(dead), existsSync(live)]).toEqual([false, true]);
  });

  it('is refused where the query answers anew each time', async () => {
    const sql = 'SELECT range AS n FROM range(100000) WHERE random() < 0.5';
    await expect(run('random.csv', { sql })).rejects.toThrow(/lake: .*rows were written/);
    expect(existsSync(at('random.csv'))).toBe(false);
  });

  it('tells what it cannot do', async () => {
    await expect(run('x.parquet', { table: 'datasets' })).rejects.toThrow(
      /unsupported: GeoParquet of rows without a geometry/,
    );
    await expect(run('x.xyz', { table: 'sites' })).rejects.toThrow(/invalid-argument: .*\.parquet/);
    await expect(run('x.csv', {})).rejects.toThrow(/either a table or a query/);
    await expect(run('x.csv', { table: 'sites', sql: 'SELECT 1' })).rejects.toThrow(/either a table or a query/);
    await expect(run('x.csv', { table: 'nothing' })).rejects.toThrow(/not-found: table nothing .*sites/);
    await expect(run('x.csv', { table: 'sites"; DROP TABLE sites; --' })).rejects.toThrow(
      /not-found: .*does not exist/,
    );
    await expect(run('x.csv', { sql: 'SELECT 1); DROP TABLE sites; SELECT (1' })).rejects.toThrow(/lake/);
    await expect(run('x.fgb', { sql: 'SELECT ST_Point(500000, 5000000) AS geometry' })).rejects.toThrow(
      /invalid-data: .*longitude and latitude/,
    );
    expect(existsSync(at('x.csv'))).toBe(false);
    await expect(exportTable({ lake: at('no.ducklake'), table: 'sites', out: at('x.csv') })).rejects.toThrow(
      /not-found: /,
    );
  });

  it('is of the snapshot that is named', async () => {
    await expect(run('old.csv', { table: 'sites', snapshot: 0 })).rejects.toThrow(/sites/);
    expect((await run('new.csv', { table: 'datasets', snapshot: 1 })).rows).toBe(2);
  });
});

function written(columns: readonly { readonly name: string; readonly written: string | null }[]) {
  return Object.fromEntries(columns.flatMap(({ name, written: as }) => (as === null ? [] : [[name, as]])));
}
