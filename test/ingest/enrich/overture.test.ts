import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDuckDb } from '../../../src/duckdb/connection.js';
import { enrichSites } from '../../../src/ingest/enrich/enrich-sites.js';
import { openZones } from '../../../src/ingest/enrich/open-zones.js';
import { queryLakeRows } from '../../../src/lake/query.js';
import { startFaultServer } from '../../fault-server.js';
import { temporaryFolder } from '../../lake/temporary.js';
import { writeFixtureLake } from '../../models/fixture-lake.js';
import { boxWkt, startOverture, type MadeFeature, type OvertureServer } from './overture-server.js';

const folder = temporaryFolder();
const lake = { catalog: join(folder, 'lake.ducklake'), dataPath: join(folder, 'lake/') };
const rows = (sql: string) => queryLakeRows(lake, sql);

const division = (
  id: string,
  subtype: string,
  country: string,
  wkt: string,
  more: Partial<MadeFeature> = {},
): MadeFeature => ({
  id,
  subtype,
  class: 'land',
  country,
  name: `Name of ${id}`,
  wkt,
  ...more,
});

/** Many small counties far away, in row groups of their own, that no site needs. */
const FAR = Array.from({ length: 6000 }, (_, i) => {
  const [x, y] = [100 + (i % 100) / 10, 10 + Math.floor(i / 100) / 10];
  return division(`far${String(i).padStart(4, '0')}`, 'county', 'TH', boxWkt(x, y, x + 0.1, y + 0.1));
});

const DIVISIONS = [
  [
    division('de', 'country', 'DE', boxWkt(10.005, 49, 12, 52)),
    division('fr', 'country', 'FR', boxWkt(8, 49, 10.005, 52)),
    division('sea', 'country', 'DE', boxWkt(-31, 39, -29, 41), { class: 'maritime' }),
    division('by', 'region', 'DE', boxWkt(10.005, 49, 12, 50.5), { region: 'DE-BY' }),
    division('town', 'locality', 'DE', boxWkt(10.005, 49, 12, 52)),
    division('county1', 'county', 'DE', boxWkt(10.09, 50.09, 10.2, 50.2)),
  ],
  [...FAR],
];

const POINT = { siteUid: 's', geometry: { kind: 'points' as const, points: Float64Array.of(10.1, 50.1) } };

describe("Overture's divisions", () => {
  let server: OvertureServer;
  beforeAll(async () => {
    await writeFixtureLake(lake);
    server = await startOverture(join(folder, 'files'), {
      '2026-10-21.0': { 'divisions/division_area': [[division('old', 'country', 'FR', boxWkt(0, 0, 20, 60))]] },
      '2026-11-18.0': { 'divisions/division_area': DIVISIONS, 'buildings/building': [[]] },
    });
  }, 120_000);
  afterAll(() => server.close());

  it('are read around the sites, of the latest release, which is recorded', async () => {
    const report = await enrichSites({ lake, borders: [{ kind: 'overture', catalog: server.catalog }], models: false });
    expect(report.tables[0]!.sources).toEqual([
      { source: 'overture/division_area', release: '2026-11-18.0', license: 'ODbL-1.0' },
    ]);
    const found = await rows(
      `SELECT site_uid, level, code, name, country_iso3, round(share, 6) AS share, release FROM site_admin WHERE code IS NOT NULL ORDER BY 1, 2, 3`,
    );
    expect(found.map((row) => Object.values(row).slice(0, 6))).toEqual([
      ['d1', 0, 'DEU', 'Name of de', 'DEU', 0.5],
      ['d1', 0, 'FRA', 'Name of fr', 'FRA', 0.5],
      ['d1', 1, 'DE-BY', 'Name of by', 'DEU', 0.5],
      ['d2', 0, 'DEU', 'Name of de', 'DEU', 1],
      ['d2', 1, 'DE-BY', 'Name of by', 'DEU', 1],
      ['d2', 2, 'county1', 'Name of county1', 'DEU', 1],
      ['d3', 0, 'DEU', 'Name of de', 'DEU', 1],
      ['u2', 0, 'DEU', 'Name of de', 'DEU', 1],
      ['u2', 1, 'DE-BY', 'Name of by', 'DEU', 1],
      ['u2', 2, 'county1', 'Name of county1', 'DEU', 1],
    ]);
    expect(new Set(found.map((row) => row['release']))).toEqual(new Set(['2026-11-18.0']));
    // The file that lies elsewhere is not asked for at all but for its columns.
    const asked = new Set(server.parquetRequests().map(({ path }) => path));
    expect([...asked].map((path) => path.split('/').at(-1))).toEqual(['part-0.parquet']);
  }, 120_000);

  it('are asked for once: the same release is unchanged, another one is read', async () => {
    const before = server.parquetRequests().length;
    const borders = { kind: 'overture' as const, catalog: server.catalog };
    expect((await enrichSites({ lake, borders: [borders], models: false })).tables[0]!.status).toBe('unchanged');
    expect(server.parquetRequests().length).toBe(before);
    const old = await enrichSites({ lake, borders: [{ ...borders, release: '2026-10-21.0' }], models: false });
    expect(old.tables[0]).toMatchObject({ status: 'written', sources: [{ release: '2026-10-21.0' }] });
    await expect(
      enrichSites({ lake, borders: [{ ...borders, release: '2020-01-01.0' }], models: false }),
    ).rejects.toThrow(/not-found.*2026-11-18\.0/);
  }, 120_000);

  it('are read by row groups: what is far away in the same file is left', async () => {
    const many = Array.from({ length: 5 }, (_, copy) =>
      FAR.map((one) => ({ ...one, id: `${one.id} ${copy} ${copy * 0.37}` })),
    );
    const release = { r: { 'divisions/division_area': [[...DIVISIONS[0]!, ...many.flat()]] } };
    const mixed = await startOverture(join(folder, 'mixed'), release);
    try {
      const opened = await openZones('division_area', { kind: 'overture', catalog: mixed.catalog });
      const { records } = await opened.table([POINT], 0, null);
      expect(records.map(({ id }) => id)).toEqual(['by', 'county1', 'de', 'town']);
      const asked = mixed.parquetRequests().flatMap(({ range }) => {
        const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
        return from === undefined ? [] : [Number(to) - Number(from) + 1];
      });
      const whole = readFileSync(join(folder, 'mixed/r-division_area-0.parquet')).length;
      expect(asked.length).toBeGreaterThan(0);
      expect(asked.reduce((a, b) => a + b, 0)).toBeLessThan(whole / 2);
    } finally {
      await mixed.close();
    }
  }, 120_000);

  it('of another schema, or none, or in files that a catalogue may not name, are refused', async () => {
    const other = join(folder, 'other.parquet');
    const db = await openDuckDb();
    await db.run(`COPY (SELECT 1 AS id, 'x' AS geometry) TO '${other}' (FORMAT parquet)`);
    await db.close();
    const opened = await openZones('building', { kind: 'file', path: other });
    await expect(opened.table([POINT], 0, null)).rejects.toThrow(/invalid-data.*schema/);
    await expect(openZones('building', { kind: 'file', path: join(folder, 'none.parquet') })).rejects.toThrow(
      /not-found/,
    );
    const json = (value: object) => new TextEncoder().encode(JSON.stringify(value));
    const child = (href: string) => ({ links: [{ rel: 'child', href }] });
    for (const href of ['file:///etc/passwd.parquet', 'http://169.254.169.254/a.parquet', 'ftp://a.b/c.parquet']) {
      const evil = await startFaultServer({
        files: {
          'catalog.json': json({ latest: 'r', ...child('r/catalog.json') }),
          'r/catalog.json': json(child('buildings/catalog.json')),
          'r/buildings/catalog.json': json(child('building/collection.json')),
          'r/buildings/building/collection.json': json({ links: [{ rel: 'item', href: '0.json' }] }),
          'r/buildings/building/0.json': json({ assets: { aws: { href } } }),
        },
      });
      const zones = await openZones('building', { kind: 'overture', catalog: `${evil.url}catalog.json` });
      await expect(zones.table([POINT], 0, null)).rejects.toThrow(/forbidden/);
      await evil.close();
    }
  }, 120_000);
});
