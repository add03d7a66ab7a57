import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDuckDb, type DuckDb } from '../../../src/duckdb/connection.js';
import { adminShares, type AdminRow, type PlacedSite } from '../../../src/ingest/enrich/admin-shares.js';
import { openBorders } from '../../../src/ingest/enrich/read-admin-units.js';
import { harmonise } from '../../../src/vector/harmonise.js';
import { readSource } from '../../../src/vector/read-source.js';
import { formatWkb } from '../../../src/vector/wkb.js';
import { pythonWithOracles, runPython } from '../../python.js';
import { hasShared, sharedPath } from '../../shared.js';

const OVERLAY = fileURLToPath(new URL('overlay_shares.py', import.meta.url));
const BORDERS = 'data/admin/ne_110m/ne_110m_admin_0_countries.shp';
const FILES = [
  'data/pv/osm-germany-austria/germany_photovoltaic.shp',
  'data/pv/osm-germany-austria/photovoltaic.shp',
  'data/pv/india/solar_farms_india_2021_merged_simplified.geojson',
  'data/pv/uspvdb/uspvdb_v1_land_cover.csv',
];
const isReady = hasShared && pythonWithOracles() !== null;

/** Squares that cross land borders and coasts of the map, some as wide as a plant, some as a county: few real sites do. */
function squares(): PlacedSite[] {
  const sites: PlacedSite[] = [];
  for (const size of [0.02, 0.5]) {
    for (let lon = -179; lon < 179; lon += 3.7) {
      for (let lat = -50; lat < 75; lat += 5.3) {
        const [e, n] = [lon + size, lat + size];
        const ring = Float64Array.from([lon, lat, e, lat, e, n, lon, n, lon, lat]);
        sites.push({ siteUid: `${size} ${lon} ${lat}`, geometry: { kind: 'polygons', polygons: [[ring]] } });
      }
    }
  }
  return sites;
}

describe.skipIf(!isReady)('real sites and real borders', () => {
  let db: DuckDb;
  let rows: AdminRow[];
  const sites: PlacedSite[] = squares();
  beforeAll(async () => {
    db = await openDuckDb({ extensions: ['spatial'] });
    for (const file of FILES) {
      const options = file.endsWith('.csv') ? { pointColumns: { x: 'xlong', y: 'ylat' } } : {};
      const found = await harmonise(db, await readSource(db, { path: sharedPath(file), ...options }), file);
      sites.push(...found.rows.map(({ featureUid, geometry }) => ({ siteUid: featureUid, geometry })));
    }
    const [borders] = await openBorders({ kind: 'file', path: sharedPath(BORDERS) });
    const { units, warnings } = await borders!.read(db, [], 0);
    expect([units.length, warnings]).toEqual([177, []]);
    rows = [...adminShares(units, sites, 0)];
  }, 300_000);
  afterAll(() => db.close());

  it('meet as in geopandas: the same units, shares equal to 1e-6', async () => {
    const wkb = sites.map(({ geometry }) => Buffer.from(formatWkb(geometry)).toString('hex')).join('\n');
    const codes: Record<string, string> = { KOS: 'XKX', CYN: 'CYP', SOL: 'SOM' };
    const expected = new Map<string, number>();
    for (const [site, code, share] of (await runPython(OVERLAY, [sharedPath(BORDERS)], wkb)) as [
      number,
      string,
      number,
    ][]) {
      const key = `${sites[site]!.siteUid} ${codes[code] ?? code}`;
      expected.set(key, (expected.get(key) ?? 0) + share);
    }
    const ours = new Map(
      rows.filter(({ code }) => code !== null).map((row) => [`${row.siteUid} ${row.code}`, row.share]),
    );
    const keys = new Set([...expected.keys(), ...ours.keys()]);
    let largest = 0;
    for (const key of keys) largest = Math.max(largest, Math.abs((expected.get(key) ?? 0) - (ours.get(key) ?? 0)));
    expect(keys.size).toBeGreaterThan(11_000);
    expect(largest).toBeLessThan(1e-6);
    const shared = rows.filter(({ share, code }) => code !== null && share > 1e-6 && share < 1 - 1e-6);
    expect(shared.length).toBeGreaterThan(200);
  }, 300_000);

  it('have shares that add up to 1', () => {
    const sums = new Map<string, number>();
    for (const { siteUid, share } of rows) sums.set(siteUid, (sums.get(siteUid) ?? 0) + share);
    expect(sums.size).toBe(sites.length);
    for (const sum of sums.values()) expect(Math.abs(sum - 1)).toBeLessThan(1e-8);
  });
});
