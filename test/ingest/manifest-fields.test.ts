import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDuckDb } from '../../src/duckdb/connection.js';
import { ingest } from '../../src/ingest/ingest.js';
import { repositoryOf } from '../../src/ingest/repository-of.js';
import { queryLakeRows } from '../../src/lake/query.js';
import { temporaryFolder } from '../lake/temporary.js';
import { hashOf, startRepository } from './fetch/repository-server.js';

const folder = temporaryFolder();
let count = 0;

/** One data set of one file, ingested into a lake of its own. */
async function ingestOne(name: string, text: string, entry: object) {
  writeFileSync(join(folder, name), text);
  const lake = join(folder, `lake-${++count}.ducklake`);
  const manifest = { one: { doi: name, repo: 'local', ...entry } };
  const fetch = { cacheDir: join(folder, 'cache') };
  const input = { manifest, folder, lake, fetch, models: false };
  const report = await ingest(input);
  const rows = (sql: string) => queryLakeRows({ catalog: lake, dataPath: lake.replace(/\.ducklake$/, '/') }, sql);
  return { report, rows, lake, again: () => ingest({ ...input, again: true }), warnings: report.datasets[0]!.warnings };
}

function points(properties: readonly object[], at = (i: number): number[] => [10 + i, 48]): string {
  const features = properties.map((own, i) => ({
    type: 'Feature',
    properties: own,
    geometry: { type: 'Point', coordinates: at(i) },
  }));
  return JSON.stringify({ type: 'FeatureCollection', features });
}

const THREE = points([
  { id: 1, State: 'A', Area: 5, status: 'built', note: 'x' },
  { id: 2, State: 'B', Area: 6, status: 'built', note: 'y' },
  { id: 3, State: 'C', Area: 7, status: 'planned', note: 'z' },
]);

describe('fields of the published manifest', () => {
  it('keep_cols: those columns stay, and those that field_map and where speak of', async () => {
    const { rows, warnings } = await ingestOne('keep.geojson', THREE, {
      keep_cols: ['State', 'panels.area'],
      field_map: { native_id: 'id' },
      where: "Status = 'built'",
    });
    expect(await rows('SELECT CAST(properties AS VARCHAR) AS p FROM features ORDER BY record')).toEqual([
      { p: '{"id":1,"State":"A","status":"built"}' },
      { p: '{"id":2,"State":"B","status":"built"}' },
    ]);
    expect(warnings).toEqual([expect.stringMatching(/no column panels\.area, which keep_cols names/)]);
    const all = await ingestOne('keep.geojson', THREE, { keep_cols: [] });
    expect(await all.rows("SELECT properties->>'note' AS note FROM features WHERE record = 1")).toEqual([
      { note: 'x' },
    ]);
  });

  it('label_count is the count where expected_count is absent', async () => {
    const warningsOf = async (entry: object) => (await ingestOne('count.geojson', THREE, entry)).warnings;
    expect(await warningsOf({ label_count: '4' })).toEqual(['3 records, the manifest expects 4']);
    expect(await warningsOf({ label_count: 4, expected_count: 3 })).toEqual([]);
    expect(await warningsOf({ label_count: [1, '2'] })).toEqual([]);
    expect(await warningsOf({ label_count: [3, 9] })).toEqual([]);
    expect(await warningsOf({ label_count: [2, 9] })).toEqual(['3 records, the manifest expects 2 or 9 or 11']);
  });

  it('geom_type: a warning where all geometries are of another kind', async () => {
    const warningsOf = async (geom_type: unknown) => (await ingestOne('kind.geojson', THREE, { geom_type })).warnings;
    const told = ["all geometries are point, the manifest's geom_type is polygon"];
    expect(await warningsOf('MultiPolygon')).toEqual(told);
    expect(await warningsOf({ features: 'Polygon', geometry: 'MultiPolygon' })).toEqual(told);
    expect(await warningsOf(['Point', 'Polygon'])).toEqual([]);
    expect(await warningsOf('raster')).toEqual([]);
  });

  it('field_map: the columns that values are from, and the kinds of both capacities', async () => {
    const text = points([
      { a: null, b: 2, p: 3, c: 'FR' },
      { a: 1, p: 3, c: 'France' },
    ]);
    const entry = {
      field_map: {
        cap_dc: { column: ['a', 'b'], kind: ['reported', 'estimated'] },
        cap_ac: { column: 'p', kind: 'reported' },
        country_iso3: 'c',
      },
    };
    const { rows, warnings } = await ingestOne('provenance.geojson', text, entry);
    expect(
      await rows(
        `SELECT CAST(provenance AS VARCHAR) AS p, cap_kind, cap_dc_kind, cap_ac_kind, country_iso3 FROM features ORDER BY record`,
      ),
    ).toEqual([
      {
        p: '{"cap_dc":"b","cap_ac":"p","country_iso3":"c"}',
        cap_kind: 'estimated',
        cap_dc_kind: 'estimated',
        cap_ac_kind: 'reported',
        country_iso3: 'FRA',
      },
      {
        p: '{"cap_dc":"a","cap_ac":"p"}',
        cap_kind: 'reported',
        cap_dc_kind: 'reported',
        cap_ac_kind: 'reported',
        country_iso3: null,
      },
    ]);
    expect(warnings).toEqual([
      'provenance.geojson: 1 values of c are no country_iso3, and null: "France"',
      expect.stringContaining('1 of 1 features that were looked at lie outside their country (FRA)'),
    ]);
  });

  it('an older lake gets the columns that it lacks', async () => {
    const { rows, lake, again } = await ingestOne('older.geojson', THREE, { field_map: { native_id: 'id' } });
    const db = await openDuckDb({ extensions: ['ducklake'] });
    await db.run(`ATTACH 'ducklake:${lake}' AS old (DATA_PATH '${lake.replace(/\.ducklake$/, '/')}')`);
    for (const column of ['provenance', 'cap_dc_kind', 'cap_ac_kind'])
      await db.run(`ALTER TABLE old.cube.features DROP COLUMN ${column}`);
    await db.close();
    await again();
    expect(await rows("SELECT DISTINCT provenance->>'native_id' AS id FROM features")).toEqual([{ id: 'id' }]);
  });

  it('repo: a DOI that is one of another repository is asked there, and told', async () => {
    const bytes = Buffer.from(THREE);
    const server = await startRepository({
      json: {
        '/v2/articles/3385780/versions/4': () => ({
          id: 3385780,
          version: 4,
          size: bytes.length,
          license: { value: 2, name: 'CC0' },
          files: [
            {
              id: 9,
              name: 'SolarArrayPolygons.geojson',
              size: bytes.length,
              download_url: 'https://ndownloader.figshare.com/files/9',
              computed_md5: hashOf('md5', bytes),
            },
          ],
        }),
      },
      files: { 'files/9': bytes },
    });
    try {
      const { report, rows } = await ingestOne('none', '', {
        doi: '10.6084/m9.figshare.3385780.v4',
        repo: 'sciencebase',
        api: server.url,
      });
      expect(report.datasets[0]).toMatchObject({ status: 'added', version: '4', records: 3 });
      expect(report.warnings).toEqual(['one.repo: the DOI is one of figshare, not of sciencebase; it is asked there']);
      expect(await rows('SELECT repo, license FROM datasets')).toEqual([{ repo: 'figshare', license: 'CC0' }]);
    } finally {
      await server.close();
    }
  });

  it.each([
    ['10.5281/zenodo.1', 'osf', 'zenodo'],
    ['https://doi.org/10.17605/OSF.IO/ABCDE', 'zenodo', 'osf'],
    ['doi:10.5066/F7XXXX', 'figshare', 'sciencebase'],
    ['10.57967/hf/1', 'direct_download', 'huggingface'],
    ['10.25384/SAGE.1', 'figshare', 'figshare'],
    ['https://zenodo.org/records/1', 'direct_download', 'direct_download'],
    ['10.5281/zenodo.1/a.geojson', 'local', 'local'],
  ] as const)('repo: %s of %s lies at %s', (doi, repo, expected) => {
    expect(repositoryOf({ doi, repo })).toBe(expected);
  });

  it('crs: of GeoJSON and of CSV that do not say', async () => {
    const utm = points([{}], () => [500_000, 5_300_000]);
    const lon = 'SELECT round(lon, 6) AS lon FROM features';
    const json = await ingestOne('utm.geojson', utm, { crs: 'EPSG:32633' });
    expect(await json.rows(lon)).toEqual([{ lon: 15 }]);
    const csv = await ingestOne('utm.csv', 'lon,lat\n500000,5300000\n', { crs: 'EPSG:32633' });
    expect(await csv.rows(lon)).toEqual([{ lon: 15 }]);
    const degrees = await ingestOne('degrees.csv', 'lon,lat\n10,48\n', { crs: 'EPSG:32633' });
    expect(await degrees.rows(lon)).toEqual([{ lon: 10 }]);
    expect(degrees.warnings).toEqual([expect.stringMatching(/all coordinates are degrees/)]);
    const nad83 = await ingestOne('nad83.geojson', THREE, { crs: 'EPSG:4269' });
    expect(await nad83.rows(`${lon} WHERE record = 1`)).toEqual([{ lon: 10 }]);
  });
});
