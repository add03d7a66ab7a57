import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enrichSites } from '../../src/ingest/enrich/enrich-sites.js';
import type { IngestReport } from '../../src/ingest/ingest-report.js';
import { ingest } from '../../src/ingest/ingest.js';
import { queryLakeRows } from '../../src/lake/query.js';
import type { FaultServer } from '../fault-server.js';
import { temporaryFolder } from '../lake/temporary.js';
import { pythonWithOracles, runPython } from '../python.js';
import { hasShared, sharedPath } from '../shared.js';
import { makeTarGz, makeZip } from './fetch/make-archives.js';
import { hashOf, startRepository, zenodoFiles, zenodoRecord } from './fetch/repository-server.js';

/**
 * What geographiclib's versions in JavaScript and Python differ by on these polygons, rounded up: doubles hold no more of the surface
 * of the Earth.
 */
const AREA_NOISE_M2 = 1e-3;

const AREAS = fileURLToPath(new URL('geodesic_areas.py', import.meta.url));
const folder = temporaryFolder();
const lake = { catalog: join(folder, 'lake.ducklake'), dataPath: join(folder, 'lake') };

/** The four data sets as a manifest has them, with what the documentation of each says of its columns. `api` is a mirror. */
function manifestOf(api: string) {
  const only = (pattern: string) => ({
    file_filters: { include_patterns: [pattern], exclude_patterns: [], use_regex: true },
    api,
  });
  return {
    germany: {
      doi: '10.5281/zenodo.5005868',
      repo: 'zenodo',
      priority: 30,
      ...only('germany_photovoltaic\\.shp$'),
      field_map: { native_id: 'id' },
    },
    austria: {
      doi: 'https://doi.org/10.5281/zenodo.5005868',
      repo: 'zenodo',
      priority: 31,
      ...only('^photovoltaic\\.shp$'),
      field_map: { native_id: 'id' },
    },
    india: {
      doi: 'https://github.com/o/r/tree/main/data',
      repo: 'github',
      ...only('merged_simplified\\.geojson$'),
      priority: 40,
      expected_count: 1363,
      extent: [68, 6, 98, 37],
      field_map: {
        native_id: 'fid',
        area_src: { column: 'Area', unit: 'm2', kind: 'unknown' },
        installed: { value: '<2021-12-31' },
        setting: { value: 'ground' },
        country_iso3: { value: 'IND' },
        admin1: 'State',
      },
    },
    uspvdb: {
      doi: '10.6084/m9.figshare.1.v4',
      repo: 'figshare',
      api,
      priority: 10,
      expected_count: 3675,
      extent: [-180, 15, -60, 72],
      field_map: {
        native_id: 'case_id',
        area_src: { column: 'p_area', unit: 'm2', kind: 'site' },
        cap_ac: { column: 'p_cap_ac', unit: 'MW', kind: 'reported' },
        cap_dc: { column: 'p_cap_dc', unit: 'MW', kind: 'reported' },
        installed: 'p_year',
        observed: 'p_img_date',
        mount: {
          column: 'p_axis',
          map: {
            'fixed-tilt': 'fixed',
            'single-axis': 'single_axis',
            'dual-axis': 'dual_axis',
            'fixed-tilt,single-axis': 'mixed',
            'fixed-tilt,single-axis,dual-axis': 'mixed',
          },
        },
        tilt_deg: 'p_tilt',
        azimuth_deg: 'p_azimuth',
        setting: { value: 'ground' },
        confidence: { column: 'p_dig_conf', scale: 4 },
        country_iso3: { value: 'USA' },
        admin1: 'p_state',
      },
    },
  };
}

/** A server that answers for Zenodo, GitHub and Figshare. */
function startRepositories(): Promise<FaultServer> {
  const filesOf = (name: string) => {
    const path = sharedPath('data/pv', name);
    return readdirSync(path).map((file) => ({ name: file, bytes: readFileSync(join(path, file)) }));
  };
  const osm = {
    'osm.zip': makeZip(filesOf('osm-germany-austria').map((one) => ({ ...one, name: `osm/${one.name}` }))),
  };
  const [{ name, bytes }] = filesOf('uspvdb') as [{ name: string; bytes: Buffer }];
  const file = {
    id: 5,
    name,
    size: bytes.length,
    download_url: 'https://ndownloader.figshare.com/files/5',
    computed_md5: hashOf('md5', bytes),
  };
  const article = { id: 1, version: 4, size: bytes.length, license: { name: 'CC0' }, files: [file] };
  const india = makeTarGz(filesOf('india').map((one) => ({ ...one, name: `r-main/data/${one.name}` })));
  return startRepository({
    json: {
      '/api/records/5005868': (url) => zenodoRecord(url, osm),
      '/v2/articles/1/versions/4': () => article,
    },
    files: { ...zenodoFiles(osm), 'files/5': bytes, 'o/r/tar.gz/main': india },
  });
}

function rows(sql: string) {
  return queryLakeRows(lake, sql);
}

/**
 * Rows of USPVDB by hand, from its codebook: areas are m², capacities MW, p_year the year that the plant came online, p_img_date
 * the day of the image, p_dig_conf 1 to 4, p_azimuth from north; NA is missing.
 */
const USPVDB = [
  // native_id, lon, lat, area, AC, DC, start, end, observed, mount, tilt, azimuth, confidence, state
  ['402964', -93.7883987427, 45.2574996948, 92600, 5, 7, '2019-01-01', '2019-12-31', '2022-03-10', 'single_axis', null, 180, 1, 'MN'],
  ['402893', -92.9717025757, 44.5419998169, 93358, 5, 6.5, '2019-01-01', '2019-12-31', '2022-03-13', 'fixed', 0, 180, 1, 'MN'],
  ['401337', -92.8901977539, 45.4861984253, 3112889, 100, 138, '2016-01-01', '2016-12-31', '2021-11-10', 'single_axis', 20, 180, 1, 'MN'],
  ['400438', -70.7428970337, 41.7998008728, 140660, 4.7, 4.7, '2012-01-01', '2012-12-31', '2022-01-16', 'fixed', null, 180, 1, 'MA'],
  ['404488', -94.4029998779, 45.5880012512, 91634, 2.7, 3.9, '2017-01-01', '2017-12-31', '2022-06-20', 'fixed', null, 185, 1, 'MN'],
  ['400014', -109.272003174, 34.2944984436, 377464, 13.62, 16.4, '2014-01-01', '2014-12-31', '2022-06-02', 'mixed', 0, 180, 1, 'AZ'],
  ['400330', -110.823997498, 32.1071014404, 56971, 1.9, 2, '2011-01-01', '2011-12-31', '2022-06-10', 'dual_axis', 0, 180, 1, 'AZ'],
  ['400274', -114.496002197, 32.6861000061, 66914, 5.7, 5, '2015-01-01', '2015-12-31', '2022-01-17', 'mixed', 0, 180, 1, 'AZ'],
] as const; // prettier-ignore

/** Of India's farms: fid, its column Area (no area of the polygon), state. */
const INDIA = [
  ['677', 307270.11713765713, 'Karnataka'],
  ['666', 168972.7754880554, 'Karnataka'],
  ['707', 5846049.581646369, 'Karnataka'],
  ['774', 1231796.9135593807, 'Maharashtra'],
  ['1433', 133411.18931781658, 'Karnataka'],
  ['672', 170791.98111165402, 'Karnataka'],
] as const;

describe.skipIf(!hasShared)('the four data sets at hand', () => {
  let report: IngestReport;
  let server: FaultServer;
  const fetch = { cacheDir: join(folder, 'cache') };
  beforeAll(async () => {
    server = await startRepositories();
    report = await ingest({ manifest: manifestOf(server.url), lake, fetch });
  }, 300_000);
  afterAll(() => server.close());

  it('come in whole: no record vanishes', async () => {
    const counts = Object.fromEntries(
      report.datasets.map(({ dataset, records, quarantined }) => [dataset, [records, quarantined]]),
    );
    expect(counts).toEqual({ germany: [4458, 0], austria: [2130, 0], india: [1363, 0], uspvdb: [3675, 0] });
    const found = await rows(
      `SELECT dataset, count(DISTINCT (source_file, record)) AS n FROM features GROUP BY 1 ORDER BY 1`,
    );
    expect(found.map(({ dataset, n }) => [dataset, Number(n)])).toEqual([
      ['austria', 2130],
      ['germany', 4458],
      ['india', 1363],
      ['uspvdb', 3675],
    ]);
    const [members] = await rows('SELECT count(*) AS n, count(DISTINCT feature_uid) AS d FROM site_members');
    const [features] = await rows('SELECT count(*) AS n FROM features');
    expect(members).toEqual({ n: features!['n'], d: features!['n'] });
    expect(report.sites!.features).toBe(Number(features!['n']));
    expect(report.datasets.flatMap(({ warnings }) => warnings).filter((text) => text.includes('no column'))).toEqual(
      [],
    );
  });

  it('USPVDB says what its codebook says, row by row', async () => {
    const found = await rows(
      `SELECT native_id, round(lon, 10) AS lon, round(lat, 10) AS lat, area_src_m2, cap_ac_mw, cap_dc_mw, CAST(inst_start AS VARCHAR) AS s,
         CAST(inst_end AS VARCHAR) AS e, CAST(observed_at AS VARCHAR) AS o, mount, tilt_deg, azimuth_deg, confidence, admin1
       FROM features WHERE dataset = 'uspvdb' AND native_id IN (${USPVDB.map(([id]) => `'${id}'`).join(', ')})`,
    );
    const byId = new Map(found.map((row) => [row['native_id'], Object.values(row)]));
    for (const expected of USPVDB) {
      const row = byId.get(expected[0])!;
      expect(row.slice(3)).toEqual(expected.slice(3));
      expect(Math.abs((row[1] as number) - expected[1])).toBeLessThan(1e-9);
      expect(Math.abs((row[2] as number) - expected[2])).toBeLessThan(1e-9);
    }
    const [all] = await rows(
      `SELECT count(*) FILTER (area_geod_m2 IS NULL) AS points, count(*) FILTER (mount IS NULL) AS unknown, count(*) FILTER (tilt_deg < 0) AS below,
         min(cap_kind) AS kind, min(area_src_kind) AS area, min(setting) AS setting, min(country_iso3) AS country
       FROM features WHERE dataset = 'uspvdb'`,
    );
    // 263 rows have no p_axis.
    expect(all).toEqual({
      points: 3675n,
      unknown: 263n,
      below: 0n,
      kind: 'reported',
      area: 'site',
      setting: 'ground',
      country: 'USA',
    });
  });

  it("India's farms say what its documentation says, and their Area is told from the geodesic one", async () => {
    const found = await rows(
      `SELECT native_id, min(area_src_m2) AS area, min(admin1) AS state, CAST(min(inst_end) AS VARCHAR) AS e, min(inst_start) AS s
       FROM features WHERE dataset = 'india' AND native_id IN (${INDIA.map(([id]) => `'${id}'`).join(', ')}) GROUP BY 1`,
    );
    const byId = new Map(found.map((row) => [row['native_id'], row]));
    for (const [id, area, state] of INDIA)
      expect(byId.get(id)).toEqual({ native_id: id, area, state, e: '2021-12-31', s: null });
    const [all] = await rows(
      `SELECT count(DISTINCT record) FILTER (NOT raw_valid) AS invalid, median(area_ratio) FILTER (part = 1) AS ratio,
         count(DISTINCT native_id) AS farms FROM features WHERE dataset = 'india'`,
    );
    expect(all).toMatchObject({ invalid: 78n, farms: 1363n });
    // The median of the notes on this data set, over whole farms: 6.3.
    expect(Number(all!['ratio'])).toBeGreaterThan(5.5);
    expect(Number(all!['ratio'])).toBeLessThan(7.5);
  });

  it('OpenStreetMap in Germany and Austria: ids, areas, no attributes', async () => {
    const found = await rows(
      `SELECT dataset, count(DISTINCT native_id) AS ids, round(median(area_geod_m2), 0) AS area, count(cap_ac_mw) AS capacities,
         count(inst_start) AS dates, min(setting) AS setting, min(geom_kind) AS kind
       FROM features WHERE dataset IN ('germany', 'austria') GROUP BY 1 ORDER BY 1`,
    );
    const none = { capacities: 0n, dates: 0n, setting: 'unknown', kind: 'polygon' };
    expect(found[0]).toMatchObject({ dataset: 'austria', ...none });
    expect(found[1]).toMatchObject({ dataset: 'germany', ...none });
    // Medians of the data's own list: 82 m² and 2.25 ha.
    expect(Number(found[0]!['area'])).toBeCloseTo(82, -1);
    expect(Number(found[1]!['area']) / 1e4).toBeCloseTo(2.25, 1);
  });

  it.skipIf(pythonWithOracles() === null)('areas are geodesic: within 1e-9 of geographiclib', async () => {
    const found = await rows(
      `SELECT hex(ST_AsWKB(geometry)) AS wkb, area_geod_m2 AS area FROM features WHERE geom_kind = 'polygon'
       ORDER BY hash(feature_uid) LIMIT 1500`,
    );
    const expected = (await runPython(AREAS, [], found.map(({ wkb }) => String(wkb)).join('\n'))) as number[];
    expect(found.length).toBe(1500);
    for (const [i, { area }] of found.entries())
      expect(Math.abs(Number(area) - expected[i]!)).toBeLessThan(1e-9 * expected[i]! + AREA_NOISE_M2);
    // Where the noise is less than 1e-9 of the area, nothing but that counts.
    const large = (await rows(
      `SELECT hex(ST_AsWKB(g)) AS wkb, ST_Area_Spheroid(g) AS area
       FROM (SELECT ST_Buffer(ST_Point(lon, lat), 0.05 + (record % 20) / 20) AS g FROM features WHERE dataset = 'uspvdb' LIMIT 200)`,
    )) as { wkb: string; area: number }[];
    const areas = (await runPython(AREAS, [], large.map(({ wkb }) => wkb).join('\n'))) as number[];
    for (const [i, { area }] of large.entries()) expect(Math.abs(area / areas[i]! - 1)).toBeLessThan(1e-9);
  });

  it('lie where their sources say, by maps that need no network', async () => {
    const enriched = await enrichSites({ lake });
    expect(enriched.models.filter(({ status }) => status === 'error')).toEqual([]);
    const again = await enrichSites({ lake });
    expect(again.tables.map(({ status }) => status)).toEqual(['unchanged', 'unchanged']);
    // The incremental one had nothing to write, so that no commit tells that it ran.
    const ran = again.models.filter(({ status, seconds }) => status === 'success' && seconds > 0);
    expect(ran.map(({ model }) => model)).toEqual(['stg_features']);
    const sites = report.sites!.sites;
    const [all] = await rows(
      `SELECT count(*) AS n, count(*) FILTER (country_iso3 IS NULL) AS nowhere, count(*) FILTER (border_method = 'nearest') AS nearest,
         count(*) FILTER (country_from = 'source' AND border_country_iso3 IS DISTINCT FROM country_iso3) AS other,
         count(*) FILTER (border_countries > 1) AS crossing FROM lake.curated.pv_sites`,
    );
    expect(all).toEqual({ n: BigInt(sites), nowhere: 0n, nearest: 3n, other: 0n, crossing: 1n });
    // USPVDB names the state of every plant: all 3675 lie in it.
    const [states] = await rows(
      `SELECT count(*) AS n, count(*) FILTER (region_code = 'US-' || admin1) AS equal FROM lake.curated.pv_sites WHERE dataset = 'uspvdb'`,
    );
    expect(states).toEqual({ n: 3675n, equal: 3675n });
    const countries = await rows(
      `SELECT DISTINCT country_iso3 AS c FROM lake.curated.pv_sites WHERE dataset = 'india' OR dataset = 'germany' ORDER BY 1`,
    );
    // OpenStreetMap's extract of Germany reaches beyond its borders.
    expect(countries.map(({ c }) => c)).toEqual(['AUT', 'CHE', 'CZE', 'DEU', 'DNK', 'IND', 'POL']);
    const [sums] = await rows(
      `SELECT max(abs(total - 1)) AS worst, count(*) AS n FROM (SELECT site_uid, sum(share) AS total FROM site_admin WHERE level = 0 GROUP BY site_uid)`,
    );
    expect(Number(sums!['n'])).toBe(sites);
    expect(Number(sums!['worst'])).toBeLessThan(1e-8);
  }, 300_000);

  it('change nothing the second time, nor are their files fetched again', async () => {
    const before = server.requests.length;
    const again = await ingest({ manifest: manifestOf(server.url), lake, fetch });
    expect(again.runId).toBeNull();
    expect(again.datasets.map(({ status }) => status)).toEqual(['unchanged', 'unchanged', 'unchanged', 'unchanged']);
    const fetched = server.requests
      .slice(before)
      .filter(({ path }) => path.includes('content') || path.includes('files/5'));
    expect(fetched).toEqual([]);
    const offline = await ingest({ manifest: manifestOf(server.url), lake, fetch: { ...fetch, offline: true } });
    expect(offline.runId).toBeNull();
  });

  it('are the same from the start, whatever the order of the manifest', async () => {
    const other = { catalog: join(folder, 'other.ducklake'), dataPath: join(folder, 'other') };
    const reversed = Object.fromEntries(Object.entries(manifestOf(server.url)).toReversed());
    const report2 = await ingest({ manifest: reversed, lake: other, fetch: { ...fetch, offline: true } });
    expect(report2.sites).toEqual(report.sites);
    const sql = `SELECT site_uid, members, dataset, CAST(provenance AS VARCHAR) AS p, group_uid FROM sites ORDER BY site_uid`;
    expect(await queryLakeRows(other, sql)).toEqual(await rows(sql));
  });
});
