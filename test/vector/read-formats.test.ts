import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDuckDb, sqlString } from '../../src/duckdb/connection.js';
import type { DuckDb } from '../../src/duckdb/connection.js';
import { CubeError, isCubeError } from '../../src/errors.js';
import type { Problem } from '../../src/errors.js';
import type { LabelSet } from '../../src/vector/label.js';
import { chooseLayer } from '../../src/vector/choose-layer.js';
import { readCsv } from '../../src/vector/read-csv.js';
import { parseFlatGeobuf } from '../../src/vector/read-flatgeobuf.js';
import { readLabels } from '../../src/vector/read-labels.js';
import { sampleShapefile } from './make-shapefile.js';
import { mutated, seeded } from './mutate.js';

let folder = '';
let db: DuckDb;

/** Three squares of 100 m in UTM 33, with columns of many types. */
const SITES = `SELECT i::BIGINT AS id, 'Gänserndorf ' || i AS name, i * 1.5::DOUBLE AS power, DATE '2020-01-30' + i::INTEGER AS built,
    TIMESTAMP '2020-01-01 10:00:00.25' + INTERVAL (i) HOUR AS seen,
    ST_MakeEnvelope(500000 + 1000 * i, 5300000, 500100 + 1000 * i, 5300100) AS geom
  FROM range(1, 4) AS r(i)`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'formats-'));
  db = await openDuckDb({ extensions: ['spatial'] });
  await db.run(`CREATE TABLE sites AS ${SITES}`);
});
afterAll(async () => {
  await db.close();
  await rm(folder, { recursive: true, force: true });
});

async function written(name: string, options: string, select = 'FROM sites'): Promise<string> {
  const path = join(folder, name);
  await db.run(`COPY (${select}) TO ${sqlString(path)} (${options})`);
  return path;
}

function gdal(driver: string): string {
  return `FORMAT GDAL, DRIVER '${driver}', SRS 'EPSG:32633'`;
}

async function problemOf(promise: Promise<unknown>): Promise<Problem | null> {
  try {
    await promise;
  } catch (error) {
    if (isCubeError(error)) return error.problem;
    throw error;
  }
  return null;
}

function expectSites(set: LabelSet): void {
  expect(set.quarantine).toEqual([]);
  expect(set.labels.map(({ labelId }) => labelId)).toEqual([1, 2, 3]);
  for (const label of set.labels) {
    expect(label.areaGeodM2).toBeCloseTo(10_000 / 0.9996 ** 2, 0);
    expect(label.ymin).toBeCloseTo(47.8533, 3);
    expect(label.properties).toMatchObject({ name: expect.stringMatching(/^Gänserndorf [123]$/) });
  }
}

describe('formats through DuckDB', () => {
  it('GeoPackage: CRS, fid and types of the file', async () => {
    const set = await readLabels({ path: await written('sites.gpkg', gdal('GPKG')), h3: 9 });
    expectSites(set);
    expect(set.labels[0]!.properties).toMatchObject({
      fid: 1,
      id: 1,
      power: 1.5,
      built: '2020-01-31',
      seen: '2020-01-01T11:00:00.25Z',
    });
  });

  it('GeoPackage: several layers are listed, one is chosen by name', async () => {
    const layers = ['roofs', 'parks'].map((name) => ({ name, geometryColumn: 'geom', crs: null, featureCount: null }));
    expect(chooseLayer(layers, 'parks', '/a.gpkg').name).toBe('parks');
    expect(chooseLayer(layers.slice(0, 1), undefined, '/a.gpkg').name).toBe('roofs');
    expect(() => chooseLayer(layers, undefined, '/a.gpkg')).toThrow(/labels\.layer.*2 layers.*roofs, parks/);
    const path = await written('layers.gpkg', `${gdal('GPKG')}, LAYER_NAME 'roofs'`);
    expect((await readLabels({ path, h3: 9, layer: 'roofs' })).labels).toHaveLength(3);
    expect(await problemOf(readLabels({ path, h3: 9, layer: 'none' }))).toMatchObject({
      kind: 'invalid-spec',
      path: 'labels.layer',
    });
  });

  it.each([['YES'], ['NO']])('FlatGeobuf, with index: %s', async (index) => {
    const set = await readLabels({
      path: await written(
        `sites_${index}.fgb`,
        `${gdal('FlatGeobuf')}, LAYER_CREATION_OPTIONS 'SPATIAL_INDEX=${index}'`,
      ),
      h3: 9,
    });
    expectSites({
      ...set,
      labels: set.labels
        .toSorted((a, b) => Number(a.properties['id']) - Number(b.properties['id']))
        .map((label, i) => ({ ...label, labelId: i + 1 })),
    });
    const first = set.labels.find(({ properties }) => properties['id'] === 1);
    expect(first?.properties).toEqual({
      id: 1,
      name: 'Gänserndorf 1',
      power: 1.5,
      built: '2020-01-31T00:00:00',
      seen: '2020-01-01T11:00:00.250',
    });
  });

  it('FlatGeobuf gives a value or a CubeError for 5,000 mutated files (seed 17)', async () => {
    const random = seeded(17);
    const whole = await readFile(await written('whole.fgb', gdal('FlatGeobuf')));
    const outcomes = { value: 0, error: 0 };
    for (let i = 0; i < 5000; i++) {
      try {
        parseFlatGeobuf(mutated(whole, random), { path: '/labels.fgb' });
        outcomes.value++;
      } catch (error) {
        expect(error).toBeInstanceOf(CubeError);
        outcomes.error++;
      }
    }
    expect(Math.min(outcomes.value, outcomes.error)).toBeGreaterThan(100);
  });

  it.each([['gpkg'], ['fgb'], ['parquet'], ['csv']])(
    'a .%s file that is none is an error of the file',
    async (extension) => {
      const path = join(folder, `broken.${extension}`);
      await writeFile(path, new Uint8Array(200).fill(7));
      const problem = await problemOf(readLabels({ path, h3: 9 }));
      expect(['invalid-data', 'invalid-spec']).toContain(problem?.kind);
      expect(await problemOf(readLabels({ path: join(folder, `absent.${extension}`), h3: 9 }))).toMatchObject({
        kind: 'not-found',
      });
    },
  );

  it.each([
    ['gpkg', 'GPKG'],
    ['fgb', 'FlatGeobuf'],
  ])('a damaged .%s is an error of the file', async (extension, driver) => {
    const whole = await readFile(await written(`whole.${extension}`, gdal(driver)));
    for (const part of [0.3, 0.6, 0.9]) {
      const path = join(folder, `part.${extension}`);
      await writeFile(path, whole.subarray(0, Math.floor(whole.length * part)));
      const problem = await problemOf(readLabels({ path, h3: 9 }));
      expect(problem?.kind).toBe('invalid-data');
    }
  });

  it('GeoParquet: CRS of the metadata as PROJJSON, types and ISO times', async () => {
    const select =
      "SELECT * EXCLUDE (geom), ST_SetCRS(geom, 'EPSG:32633') AS geom, 12345678901234567890::HUGEINT AS huge, [1, NULL] AS list, 'NaN'::DOUBLE AS nan, {'a': 1} AS struct FROM sites";
    const set = await readLabels({ path: await written('sites.parquet', 'FORMAT parquet', select), h3: 9 });
    expectSites(set);
    expect(set.labels[0]!.properties).toMatchObject({
      id: 1,
      built: '2020-01-31',
      seen: '2020-01-01T11:00:00.25',
      list: [1, null],
      nan: null,
      struct: { a: 1 },
    });
  });

  it('GeoParquet: no CRS in the metadata is OGC:CRS84, null is unknown', async () => {
    const geo = (crs: string) =>
      `{"version":"1.1.0","primary_column":"geom","columns":{"geom":{"encoding":"WKB","geometry_types":[]${crs}}}}`;
    const select = 'SELECT 1 AS id, ST_AsWKB(ST_MakeEnvelope(10, 48, 10.01, 48.01)) AS geom';
    const file = (name: string, text: string) =>
      written(name, `FORMAT parquet, KV_METADATA {geo: ${sqlString(text)}}`, select);
    expect((await readLabels({ path: await file('crs84.parquet', geo('')), h3: 9 })).labels).toHaveLength(1);
    const unknown = await file('unknown.parquet', geo(',"crs":null'));
    expect(await problemOf(readLabels({ path: unknown, h3: 9 }))).toMatchObject({
      kind: 'invalid-data',
      what: expect.stringContaining('set labels.crs'),
    });
    expect((await readLabels({ path: unknown, h3: 9, crs: 'OGC:CRS84' })).labels).toHaveLength(1);
    const arrow = await file('arrow.parquet', geo('').replace('WKB', 'polygon'));
    expect(await problemOf(readLabels({ path: arrow, h3: 9 }))).toMatchObject({ kind: 'unsupported' });
  });

  it('Parquet with its own GEOMETRY type; Parquet without geometry is refused', async () => {
    const path = await written(
      'native.parquet',
      "FORMAT parquet, GEOPARQUET_VERSION 'NONE'",
      "SELECT 7 AS id, ST_SetCRS(ST_MakeEnvelope(10, 48, 10.01, 48.01), 'OGC:CRS84') AS shape",
    );
    expect((await readLabels({ path, h3: 9 })).labels).toMatchObject([{ labelId: 1, properties: { id: 7 } }]);
    const plain = await written('plain.parquet', 'FORMAT parquet', 'SELECT 1 AS a');
    expect(await problemOf(readLabels({ path: plain, h3: 9 }))).toMatchObject({
      kind: 'invalid-data',
      what: expect.stringContaining('not GeoParquet'),
    });
  });

  it('GeoParquet: one broken geometry goes to the quarantine, the others stay', async () => {
    const geo = '{"version":"1.0.0","primary_column":"geom","columns":{"geom":{"encoding":"WKB","geometry_types":[]}}}';
    const select =
      "SELECT 1 AS id, ST_AsWKB(ST_MakeEnvelope(10, 48, 10.01, 48.01)) AS geom UNION ALL SELECT 2, 'xx'::BLOB ORDER BY id";
    const { labels, quarantine } = await readLabels({
      path: await written('one.parquet', `FORMAT parquet, KV_METADATA {geo: ${sqlString(geo)}}`, select),
      h3: 9,
    });
    expect(labels).toHaveLength(1);
    expect(quarantine).toMatchObject([{ record: 2, reason: expect.stringContaining('corrupt WKB') }]);
  });

  it('shapefile by its path, with its companions', async () => {
    const parts = sampleShapefile();
    for (const extension of ['shp', 'shx', 'dbf', 'prj', 'cpg'] as const)
      await writeFile(join(folder, `roofs.${extension}`), parts[extension]!);
    const set = await readLabels({ path: join(folder, 'roofs.shp'), h3: 9, where: "built >= DATE '2020-06-01'" });
    expect(set).toMatchObject({
      dataset: 'roofs',
      labels: [{ labelId: 4, properties: { osm_id: 99_999_999_999 } }],
      quarantine: [{ record: 3, reason: 'no geometry' }],
    });
  });

  it('shapefile written by GDAL equals GeoPackage written by GDAL', async () => {
    const [shp, gpkg] = [
      await written('same.shp', gdal('ESRI Shapefile'), 'SELECT id, name, geom FROM sites'),
      await written('same.gpkg', gdal('GPKG')),
    ];
    const [a, b] = [await readLabels({ path: shp, h3: 9 }), await readLabels({ path: gpkg, h3: 9 })];
    expect(a.labels.map(({ xmin, ymax, h3R15 }) => [xmin, ymax, h3R15])).toEqual(
      b.labels.map(({ xmin, ymax, h3R15 }) => [xmin, ymax, h3R15]),
    );
    expect(a.labels.map(({ properties }) => properties['name'])).toEqual(
      b.labels.map(({ properties }) => properties['name']),
    );
  });
});

describe('CSV of points', () => {
  async function csv(
    text: string,
    options: Partial<Parameters<typeof readLabels>[0]> = {},
    name = 'points.csv',
  ): Promise<LabelSet> {
    const path = join(folder, name);
    await writeFile(path, text);
    return readLabels({ path, h3: 9, ...options });
  }

  it('finds the columns and keeps text as written', async () => {
    const { labels, quarantine } = await csv(
      'id,xlong,ylat,code,mark\n1,10.5,48.25,007,NA\n2,,,008,12\n3,-93.7,45.2,"a, b",\n4,x,1,1,1\n',
    );
    expect(labels.map(({ labelId, lon, lat, properties }) => [labelId, lon, lat, properties])).toEqual([
      [1, 10.5, 48.25, { id: 1, xlong: '10.5', ylat: 48.25, code: '007', mark: 'NA' }],
      [3, -93.7, 45.2, { id: 3, xlong: '-93.7', ylat: 45.2, code: 'a, b', mark: null }],
    ]);
    expect(quarantine.map(({ record, reason }) => [record, reason])).toEqual([
      [2, 'no geometry'],
      [4, 'coordinates are not numbers'],
    ]);
  });

  it('keeps a row whose id begins with #, which was taken for a comment and lost', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => `${i === 7 ? '#' : ''}${i},${10 + i},48,x\n`).join('');
    const { labels } = await csv(`id,lon,lat,n\n${rows}`);
    expect(labels.map(({ lon }) => lon)).toEqual(Array.from({ length: 30 }, (_, i) => 10 + i));
    expect(labels[7]!.properties).toMatchObject({ id: '#7' });
    expect((await csv('# made by hand\nid,lon,lat\n1,10,48\n')).labels).toHaveLength(1);
  });

  it('refuses tables that were put together, of which only the last was read, and reads on below titles', async () => {
    const rows = Array.from({ length: 9 }, (_, i) => `${i},12,50,5\n`).join('');
    const both = csv(`id,lon,lat\n1,10,48\n2,11,49\nid,lon,lat,cap\n${rows}`);
    expect(await problemOf(both)).toMatchObject({
      kind: 'invalid-data',
      what: 'lines of different numbers of fields: line 1 has others than the lines from 4 on',
    });
    for (const above of ['Solar farms\n\n', '# a, b\n', 'sep=,\n'])
      expect((await csv(`${above}id,lon,lat,cap\n${rows}`)).labels, above).toHaveLength(9);
  });

  it('tells what is wrong with a file that is no table, in words of its own', async () => {
    const ragged = 'id,lon,lat,n\n1,10,48,a\n2,11,49\n3,12,50,c,d\n';
    expect(await problemOf(csv(ragged))).toMatchObject({
      kind: 'invalid-data',
      what: expect.stringContaining('lines of different numbers of fields'),
    });
    const path = join(folder, 'latin.csv');
    await writeFile(path, Buffer.from('id,lon,lat,name\n1,10,48,Müller\n', 'latin1'));
    const latin = await problemOf(readLabels({ path, h3: 9 }));
    expect(latin).toMatchObject({ what: expect.stringMatching(/^line \d+ is not UTF-8: save the file as UTF-8$/) });
  });

  it.each([['lon,lat'], ['LONGITUDE,Latitude'], ['lng,lat']])('reads %s', async (header) => {
    expect((await csv(`${header}\n10,48\n`)).labels).toMatchObject([{ lon: 10, lat: 48, areaGeodM2: 0 }]);
  });

  it('x and y need a CRS', async () => {
    expect(await problemOf(csv('x,y\n500000,5300000\n'))).toMatchObject({
      kind: 'invalid-data',
      what: expect.stringContaining('set labels.crs'),
    });
    const { labels } = await csv('x;y\n500000;5300000\n', { crs: 'EPSG:32633' });
    expect(labels[0]!.lon).toBeCloseTo(15, 9);
  });

  it('several pairs or none are an error with the candidates; two columns can be named', async () => {
    const text = 'lon,lat,x,y\n10,48,1,2\n';
    expect(await problemOf(csv(text))).toMatchObject({
      kind: 'invalid-spec',
      path: 'labels.x',
      what: expect.stringContaining('lon and lat; x and y'),
    });
    expect((await csv(text, { pointColumns: { x: 'lon', y: 'lat' } })).labels).toHaveLength(1);
    expect(await problemOf(csv('a,b\n1,2\n'))).toMatchObject({
      kind: 'invalid-spec',
      what: expect.stringContaining('among: a, b'),
    });
  });

  it.each([
    ['quotes of another kind', "lon,lat,n\n10,48,'a,b'\n11,49,'c'\n12,50,'d,e'\n", ['a,b', 'c', 'd,e']],
    ['doubled quotes', 'lon;lat;n\n10;48;"say ""a;b"""\n11;49;c\n', ['say "a;b"', 'c']],
    ['escapes', 'lon,lat,n\n10,48,"a\\"b"\n11,49,"c"\n', ['a"b', 'c']],
    ['lines within quotes, far down', `lon,lat,n\n${'10,48,a\n'.repeat(30_000)}11,49,"b\nc"\n`, ['a', 'b\nc']],
    ['old line ends', 'lon,lat,n\r10,48,a\r11,49,b\r', ['a', 'b']],
    ['a byte order mark', '\uFEFFlon,lat,n\r\n10,48,a\r\n11,49,b\r\n', ['a', 'b']],
    ['a title', 'Solar farms\r\n\r\nlon,lat,n\r\n10,48,a\r\n11,49,b\r\n', ['a', 'b']],
  ])('reads %s', async (_, text, names) => {
    const { labels, quarantine } = await csv(text);
    expect(quarantine).toEqual([]);
    expect([...new Set(labels.map(({ properties }) => properties['n']))]).toEqual(names);
  });

  it('keeps columns of one name apart, and names with quotes', async () => {
    const { labels } = await csv('lon,lat,"it\'s ""n""",a,a\n10,48,1,2,3\n');
    expect(labels[0]!.properties).toEqual({ lon: 10, lat: 48, 'it\'s "n"': 1, a: 2, a_1: 3 });
  });

  it('looks once for how a file is written', async () => {
    const path = join(folder, 'once.csv');
    await writeFile(path, 'lon,lat\n10,48\n');
    const db = await openDuckDb();
    const asked: string[] = [];
    const recording: DuckDb = {
      run: (sql) => db.run(sql),
      all: (sql) => {
        asked.push(sql);
        return db.all(sql);
      },
      connection: db.connection,
      connect: () => db.connect(),
      close: () => db.close(),
    };
    const { records } = await readCsv(recording, { path });
    await db.close();
    expect(records).toHaveLength(1);
    expect(asked.filter((sql) => !sql.includes('auto_detect = false'))).toEqual([expect.stringContaining('sniff_csv')]);
  });

  it('says what to do where there is nothing but WKT', async () => {
    const problem = await problemOf(csv('id,the_geom\n1,\n2,"MULTIPOLYGON (((10 48, 11 48, 11 49, 10 48)))"\n'));
    expect(problem).toMatchObject({
      kind: 'invalid-spec',
      what: expect.stringMatching(/its geometry as WKT in the column the_geom, which is not read/),
      fix: expect.stringMatching(/^x and y of a manifest .*GeoPackage/),
    });
    const both = await csv('lon,lat,wkt\n10,48,POINT (1 2)\n');
    expect(both.labels).toMatchObject([{ lon: 10, lat: 48 }]);
  });

  it('reads TSV', async () => {
    expect((await csv('lon\tlat\n10\t48\n', {}, 'points.tsv')).labels).toHaveLength(1);
  });
});

describe('lake tables', () => {
  it('are read through the query that the caller passes, in the order of label_id', async () => {
    await db.run('CREATE SCHEMA cube');
    await db.run(
      "CREATE TABLE cube.labels AS SELECT 4 - i AS label_id, 'u' || i AS feature_uid, ST_MakeEnvelope(10 + i, 48, 10.01 + i, 48.01) AS geometry, '{\"a\": 1}'::JSON AS properties FROM range(1, 4) AS r(i)",
    );
    const set = await readLabels({ path: 'lake:cube.labels', h3: 9, query: (sql) => db.all(sql) });
    expect(
      set.labels.map(({ labelId, properties }) => [labelId, properties['label_id'], properties['properties']]),
    ).toEqual([
      [1, 1, { a: 1 }],
      [2, 2, { a: 1 }],
      [3, 3, { a: 1 }],
    ]);
    expect(await problemOf(readLabels({ path: 'lake:cube.none', h3: 9, query: (sql) => db.all(sql) }))).toMatchObject({
      kind: 'invalid-data',
    });
    expect(await problemOf(readLabels({ path: 'lake:labels', h3: 9 }))).toMatchObject({
      kind: 'invalid-spec',
      path: 'labels.path',
    });
  });
});
