import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { enrichSites } from '../../../src/ingest/enrich/enrich-sites.js';
import { openSession, withAttached } from '../../../src/lake/attach.js';
import { queryLakeRows } from '../../../src/lake/query.js';
import { temporaryFolder } from '../../lake/temporary.js';
import { writeFixtureLake } from '../../models/fixture-lake.js';

const folder = temporaryFolder();
const lake = { catalog: join(folder, 'lake.ducklake'), dataPath: join(folder, 'lake/') };
const rows = (sql: string) => queryLakeRows(lake, sql);

type Box = readonly [west: number, south: number, east: number, north: number];
const ring = ([w, s, e, n]: Box) => [[w, s], [e, s], [e, n], [w, n], [w, s]]; // prettier-ignore
const country = (iso3: string, ...boxes: Box[]) => ({
  type: 'Feature',
  properties: { iso3, name: `Land of ${iso3}` },
  geometry: { type: 'MultiPolygon', coordinates: boxes.map((box) => [ring(box)]) },
});

/** The border runs through the middle of site d1 (10 to 10.01 east); Fiji is on both sides of the antimeridian. */
const borders = join(folder, 'borders.geojson');
const write = (middle: number) =>
  writeFileSync(
    borders,
    JSON.stringify({
      type: 'FeatureCollection',
      features: [
        country('DEU', [middle, 49, 12, 52]),
        country('FRA', [8, 49, middle, 52]),
        country('FJI', [179, -18, 180, -16], [-180, -18, -179, -16]),
      ],
    }),
  );
const source = { kind: 'file' as const, path: borders };

describe('enriching the sites of a lake', () => {
  beforeAll(async () => {
    await writeFixtureLake(lake);
    write(10.005);
  });

  it('writes their countries, with the release of the source', async () => {
    const report = await enrichSites({ lake, borders: [source], models: false });
    expect(report).toMatchObject({ sites: 8, warnings: [], models: [] });
    expect(report.tables).toMatchObject([
      {
        kind: 'admin',
        status: 'written',
        rows: 9,
        counts: { area: 7, contains: 0, nearest: 0, nowhere: 1, border: 1 },
      },
      { kind: 'scores', status: 'written', rows: 8 },
    ]);
    const found = await rows(
      'SELECT site_uid, code, round(share, 9) AS share, is_best, method, source, release FROM site_admin ORDER BY site_uid, code NULLS LAST',
    );
    expect(found.map((row) => [row['site_uid'], row['code'], row['share'], row['is_best'], row['method']])).toEqual([
      ['d1', 'DEU', 0.5, true, 'area'],
      ['d1', 'FRA', 0.5, false, 'area'],
      ['d2', 'DEU', 1, true, 'area'],
      ['d3', 'DEU', 1, true, 'area'],
      ['o2', null, 1, false, 'outside'],
      ['o3', 'FJI', 1, true, 'area'],
      ['o4', 'FJI', 1, true, 'area'],
      ['o6', 'FJI', 1, true, 'area'],
      ['u2', 'DEU', 1, true, 'area'],
    ]);
    expect(found[0]).toMatchObject({
      source: 'borders.geojson',
      release: expect.stringMatching(/^sha256:[0-9a-f]{16}$/),
    });
    const [ledger] = await rows("SELECT * FROM enrichments WHERE kind = 'admin'");
    expect(ledger).toMatchObject({
      run_id: report.tables[0]!.runId,
      kind: 'admin',
      rules_version: 2,
      sites: 8n,
      rows: 9n,
    });
  });

  it('writes nothing the second time, and all anew when sites, borders or settings change', async () => {
    const before = await rows('SELECT run_id, content_key FROM enrichments ORDER BY kind');
    const again = await enrichSites({ lake, borders: [source], models: false });
    expect(again.tables.map(({ status }) => status)).toEqual(['unchanged', 'unchanged']);
    expect(await rows('SELECT run_id, content_key FROM enrichments ORDER BY kind')).toEqual(before);
    const changed = async () => (await enrichSites({ lake, borders: [source], models: false })).tables[0]!.status;
    write(10.0025);
    expect(await changed()).toBe('written');
    const [share] = await rows(
      `SELECT round(share, 9) AS share FROM site_admin WHERE site_uid = 'd1' AND code = 'DEU'`,
    );
    expect(share).toEqual({ share: 0.75 });
    const session = await openSession(lake);
    await withAttached(session, { readOnly: false }, () =>
      session.database.run(`DELETE FROM lake.cube.sites WHERE site_uid = 'u2'`),
    );
    await session.database.close();
    expect(await changed()).toBe('written');
    expect(await changed()).toBe('unchanged');
    const [counts] = await rows(`SELECT count(*) AS n, count(DISTINCT run_id) AS runs FROM site_admin`);
    expect(counts).toEqual({ n: 8n, runs: 1n });
    const nearer = await enrichSites({ lake, borders: [source], nearestM: 0, models: false });
    expect(nearer.tables[0]!.status).toBe('written');
  });

  it('knows the real countries offline, by the packages', async () => {
    const report = await enrichSites({ lake, models: false });
    expect(report.tables[0]!.sources.map(({ source: name }) => name)).toEqual([
      'world-atlas/countries-10m.json',
      'us-atlas/states-10m.json',
    ]);
    const found = await rows(`SELECT site_uid, code FROM site_admin WHERE is_best ORDER BY site_uid`);
    expect(found.map((row) => [row['site_uid'], row['code']]).filter(([uid]) => String(uid).startsWith('d'))).toEqual([
      ['d1', 'DEU'],
      ['d2', 'DEU'],
      ['d3', 'DEU'],
    ]);
  }, 120_000);

  it('says what is wrong', async () => {
    const empty = { catalog: join(folder, 'none.ducklake'), dataPath: join(folder, 'none/') };
    await expect(enrichSites({ lake: empty, borders: [source] })).rejects.toThrow(/lake/);
    await expect(enrichSites({ lake, borders: [{ kind: 'file', path: '/no/such.shp' }] })).rejects.toThrow(/not-found/);
    await expect(enrichSites({ lake, nearestM: -1 })).rejects.toThrow(/invalid-argument/);
    const other = join(folder, 'other.geojson');
    writeFileSync(
      other,
      JSON.stringify({ type: 'FeatureCollection', features: [{ ...country('X'), properties: {} }] }),
    );
    await expect(enrichSites({ lake, borders: [{ kind: 'file', path: other }] })).rejects.toThrow(/no-data/);
  });
});
