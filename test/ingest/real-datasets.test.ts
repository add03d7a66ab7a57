import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enrichSites } from '../../src/ingest/enrich/enrich-sites.js';
import type { IngestReport } from '../../src/ingest/ingest-report.js';
import { ingest } from '../../src/ingest/ingest.js';
import { queryLakeRows } from '../../src/lake/query.js';
import { runCube } from '../cli/run-cube.js';
import { useAllThreads } from '../duckdb-threads.js';
import type { FaultServer } from '../fault-server.js';
import { temporaryFolder } from '../lake/temporary.js';
import { pythonWithOracles, runPython } from '../python.js';
import { hasShared } from '../shared.js';
import { AUSTRIA, GERMANY, INDIA, NOTHING_TOLD, OF_EVERY_FARM, USPVDB } from './hand-tables.js';
import { manifestOf, startRepositories } from './published-data.js';
import { readUspvdb } from './uspvdb-rows.js';

useAllThreads();

/** From this size on (m²) areas differ from geographiclib's by less than 1e-9; docs/ingest.md says why smaller ones cannot. */
const LARGE_M2 = 1e5;
/** What the smaller ones may differ by: twice what was measured. */
const AREA_NOISE_M2 = 1.2e-4;

const AREAS = fileURLToPath(new URL('geodesic_areas.py', import.meta.url));
const folder = temporaryFolder();
const lake = { catalog: join(folder, 'lake.ducklake'), dataPath: join(folder, 'lake') };
const cache = join(folder, 'cache');
const manifestPath = join(folder, 'manifest.json');

function rows(sql: string, from = lake) {
  return queryLakeRows(from, sql);
}

/** `cube ingest` of the manifest, as a person runs it: the report that it prints. */
async function cubeIngest(...options: readonly string[]): Promise<IngestReport> {
  const parameters = ['ingest', manifestPath, '--lake', lake.catalog, '--cache', cache, '--json', '--quiet'];
  const { code, stdout, stderr } = await runCube([...parameters, ...options]);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as IngestReport;
}

/** Tables of ours, and what the models make of them. */
const TABLES = ['features', 'sites', 'site_members', 'duplicates', 'quarantine'];
const CURATED = ['pv_sites', 'pv_by_country', 'pv_by_h3', 'pv_duplicates'].map((name) => `lake.curated.${name}`);

/** Count and hash of the rows of tables, whatever run wrote them and in which order. */
function printsOf(tables: readonly string[], from = lake): Promise<Record<string, unknown>[]> {
  const prints = tables.map(
    (table) => `SELECT '${table}' AS name, count(*) AS n, bit_xor(hash(t)) AS mixed, sum(hash(t)) AS total
      FROM (SELECT COLUMNS(lambda name: name <> 'run_id') FROM ${table}) AS t`,
  );
  return rows(`SELECT * FROM (${prints.join(' UNION ALL ')}) ORDER BY name`, from);
}

describe.skipIf(!hasShared)('the four data sets at hand', () => {
  let report: IngestReport;
  let prints: Record<string, unknown>[];
  let server: FaultServer;
  beforeAll(async () => {
    server = await startRepositories();
    writeFileSync(manifestPath, JSON.stringify(manifestOf(server.url)));
    report = await cubeIngest();
    prints = await printsOf([...TABLES, ...CURATED]);
  }, 300_000);
  afterAll(() => server.close());

  it('come in whole by one command, from raw to curated: no record and no feature vanishes', async () => {
    const counts = report.datasets.map((one) => [
      one.dataset,
      one.status,
      one.records,
      one.features,
      one.quarantined,
      one.excluded,
    ]);
    // Twenty of India's farms have parts that lie more than a kilometre apart.
    expect(counts).toEqual([
      ['germany', 'added', 4458, 4458, 0, 0],
      ['austria', 'added', 2130, 2130, 0, 0],
      ['india', 'added', 1363, 1383, 0, 0],
      ['uspvdb', 'added', 3675, 3675, 0, 0],
    ]);
    const found = await rows(
      `SELECT dataset, count(DISTINCT (source_file, record)) AS records, count(*) AS features, count(DISTINCT feature_uid) AS uids
       FROM features GROUP BY 1`,
    );
    expect(
      Object.fromEntries(
        found.map((row) => [row['dataset'], [row['records'], row['features'], row['uids']].map(Number)]),
      ),
    ).toEqual(Object.fromEntries(counts.map(([name, , records, features]) => [name, [records, features, features]])));
    const features = 4458 + 2130 + 1383 + 3675;
    const { sites, merged } = report.sites!;
    expect(report.sites!.features).toBe(features);
    expect(sites + merged).toBe(features);
    const [sums] = await rows(
      `SELECT (SELECT count(*) FROM site_members) AS members, (SELECT count(DISTINCT feature_uid) FROM site_members) AS uids,
         (SELECT count(*) FROM site_members WHERE relation <> 'canonical') AS merged,
         (SELECT count(*) FROM site_members ANTI JOIN features USING (feature_uid)) AS strangers,
         (SELECT CAST(sum(members) AS BIGINT) FROM sites) AS in_sites, (SELECT count(*) FROM sites) AS sites,
         (SELECT CAST(sum(features) AS BIGINT) FROM lake.curated.pv_sites) AS in_curated, (SELECT count(*) FROM lake.curated.pv_sites) AS curated,
         (SELECT CAST(sum(sites) AS BIGINT) FROM lake.curated.pv_by_country) AS by_country`,
    );
    expect(Object.fromEntries(Object.entries(sums!).map(([name, value]) => [name, Number(value)]))).toEqual({
      members: features,
      uids: features,
      merged,
      strangers: 0,
      in_sites: features,
      sites,
      in_curated: features,
      curated: sites,
      by_country: sites,
    });
    expect(report.datasets.flatMap(({ warnings }) => warnings).filter((text) => text.includes('no column'))).toEqual(
      [],
    );
  });

  it('run all models', () => {
    expect(report.models.filter(({ status }) => status !== 'success')).toEqual([]);
    expect(report.models.length).toBeGreaterThan(25);
    for (const { name, n } of prints.filter((one) => CURATED.includes(String(one['name']))))
      expect(Number(n), String(name)).toBe(report.models.find(({ model }) => String(name).endsWith(`.${model}`))!.rows);
  });

  it('change nothing the second time, nor are their files fetched again', async () => {
    const before = server.requests.length;
    const again = await cubeIngest();
    expect(again).toMatchObject({ runId: null, snapshotId: null, sites: null });
    expect(again.datasets.map(({ status }) => status)).toEqual(['unchanged', 'unchanged', 'unchanged', 'unchanged']);
    const fetched = server.requests
      .slice(before)
      .filter(({ path }) => path.includes('content') || path.includes('files/5'));
    expect(fetched).toEqual([]);
    expect(await printsOf([...TABLES, ...CURATED])).toEqual(prints);
  });

  it('leave equal tables when they are read again, without a network', async () => {
    const again = await cubeIngest('--again', '--offline');
    expect(again.datasets.map(({ status }) => status)).toEqual(['replaced', 'replaced', 'replaced', 'replaced']);
    expect(again.runId).not.toBe(report.runId);
    expect(again.sites).toEqual(report.sites);
    expect(again.models.filter(({ status }) => status === 'error')).toEqual([]);
    expect(await printsOf([...TABLES, ...CURATED])).toEqual(prints);
  });

  it('are the same from the start, whatever the order of the manifest', async () => {
    const other = { catalog: join(folder, 'other.ducklake'), dataPath: join(folder, 'other') };
    const reversed = Object.fromEntries(Object.entries(manifestOf(server.url)).toReversed());
    const fetch = { cacheDir: cache, offline: true };
    expect((await ingest({ manifest: reversed, lake: other, fetch, models: false })).sites).toEqual(report.sites);
    expect(await printsOf(TABLES, other)).toEqual(prints.filter(({ name }) => TABLES.includes(String(name))));
  });

  it('USPVDB says what its codebook says, row by row', async () => {
    const found = await rows(
      `SELECT native_id, lon, lat, area_src_m2, cap_ac_mw, cap_dc_mw, CAST(inst_start AS VARCHAR) AS s, CAST(inst_end AS VARCHAR) AS e,
         CAST(observed_at AS VARCHAR) AS o, mount, tilt_deg, azimuth_deg, confidence, admin1
       FROM features WHERE dataset = 'uspvdb' AND native_id IN (${USPVDB.map(([id]) => `'${id}'`).join(', ')})`,
    );
    const byId = new Map(found.map((row) => [row['native_id'], Object.values(row)]));
    for (const expected of USPVDB) expect(byId.get(expected[0])).toEqual([...expected]);
  });

  it('USPVDB is what a second reading of its CSV gives, all rows and all columns', async () => {
    const expected = readUspvdb();
    expect(expected.length).toBe(3675);
    // 263 rows have no p_axis; areas, capacities and years are told of all.
    expect(expected.filter(({ row }) => row['mount'] === null).length).toBe(263);
    const strange = report.datasets.find(({ dataset }) => dataset === 'uspvdb')!.warnings;
    expect(strange).toEqual([
      expect.stringContaining('2 values of p_img_date are no observed, and null: 20210439, 20201512'),
    ]);
    const names = Object.keys(expected[0]!.row);
    const columns = names.map((name) => {
      if (name === 'h3_cover') return `CAST(list_transform(h3_cover, lambda c: lower(hex(c))) AS VARCHAR) AS h3_cover`;
      if (name.startsWith('h3_')) return `lower(hex(${name})) AS ${name}`;
      if (name === 'record') return 'CAST(record AS INTEGER) AS record';
      return /^inst_|^observed/.test(name) ? `CAST(${name} AS VARCHAR) AS ${name}` : name;
    });
    const found = await rows(
      `SELECT ${columns.join(', ')}, CAST(properties AS VARCHAR) AS properties FROM features WHERE dataset = 'uspvdb' ORDER BY record`,
    );
    expect(found.length).toBe(expected.length);
    for (const [i, { row, source }] of expected.entries()) {
      const { properties, ...own } = found[i]!;
      expect(own).toEqual(row);
      const kept = Object.entries(JSON.parse(String(properties)) as Record<string, string | number>);
      expect(kept.map(([name]) => name)).toEqual(Object.keys(source));
      for (const [name, value] of kept)
        expect(value, name).toBe(typeof value === 'number' ? Number(source[name]) : source[name]);
    }
  });

  it("India's farms say what its documentation says, and their Area is told from the geodesic one", async () => {
    const found = await rowsOf('india', INDIA, Object.keys(OF_EVERY_FARM));
    for (const [id, record, west, south, east, north, area, told, state, isValid] of INDIA) {
      const { lon, lat, xmin, ymin, xmax, ymax, area_geod_m2, area_ratio, ...own } = found.get(id)!;
      expect(own, id).toEqual({
        ...OF_EVERY_FARM,
        native_id: id,
        record,
        part: 1,
        area_src_m2: told,
        admin1: state,
        raw_valid: isValid,
        repair: isValid ? null : 'made valid',
        source_file: expect.stringMatching(/solar_farms_india_2021_merged_simplified\.geojson$/),
      });
      expectNear([xmin, ymin, xmax, ymax], [west, south, east, north], 6e-7);
      expectNear([area_geod_m2], [area], 0.006);
      expectNear([area_ratio], [told / area], 5e-5);
      expectWithin(lon, lat, [west, south, east, north]);
    }
    const [all] = await rows(
      `SELECT count(DISTINCT record) FILTER (NOT raw_valid) AS invalid, median(area_ratio) FILTER (part = 1) AS ratio,
         count(DISTINCT native_id) AS farms, ${Object.keys(OF_EVERY_FARM)
           .map((name) => `count(DISTINCT ${name}) AS ${name}`)
           .join(', ')} FROM features WHERE dataset = 'india'`,
    );
    const once = Object.entries(OF_EVERY_FARM).map(([name, value]) => [name, value === null ? 0n : 1n]);
    expect(all).toMatchObject({ invalid: 78n, farms: 1363n, ...Object.fromEntries(once) });
    // The median of the notes on this data set, over whole farms: 6.3.
    expect(Number(all!['ratio'])).toBeGreaterThan(5.5);
    expect(Number(all!['ratio'])).toBeLessThan(7.5);
  });

  it.each([
    // Medians of the data's own list: 2.25 ha and 82 m².
    ['germany', GERMANY, 'germany_photovoltaic.shp', 22_500, 500],
    ['austria', AUSTRIA, 'photovoltaic.shp', 82, 5],
  ] as const)(
    'OpenStreetMap in %s has ids and polygons, and tells nothing else',
    async (dataset, table, file, median, slack) => {
      const found = await rowsOf(dataset, table, Object.keys(NOTHING_TOLD));
      for (const [id, record, west, south, east, north, area] of table) {
        const { lon, lat, xmin, ymin, xmax, ymax, area_geod_m2, ...own } = found.get(id)!;
        const same = {
          native_id: id,
          record,
          raw_valid: true,
          repair: null,
          source_file: expect.stringMatching(`${file}$`),
        };
        expect(own, id).toEqual({ ...NOTHING_TOLD, ...same });
        expectNear([xmin, ymin, xmax, ymax], [west, south, east, north], 6e-8);
        expectNear([area_geod_m2], [area], 6e-4);
        expectWithin(lon, lat, [west, south, east, north]);
      }
      const told = Object.entries(NOTHING_TOLD).map(([name, value]) => [name, value === null ? 0n : 1n]);
      const [all] = await rows(
        `SELECT count(DISTINCT native_id) AS ids, median(area_geod_m2) AS area, ${told.map(([name]) => `count(DISTINCT ${name}) AS ${name}`).join(', ')}
       FROM features WHERE dataset = '${dataset}'`,
      );
      expect(all).toMatchObject({ ids: dataset === 'germany' ? 4458n : 2130n, ...Object.fromEntries(told) });
      expect(Math.abs(Number(all!['area']) - median)).toBeLessThan(slack);
    },
  );

  it.skipIf(pythonWithOracles() === null)(
    'areas of all polygons are geodesic: within 1e-9 of geographiclib',
    async () => {
      const found = await rows(
        `SELECT hex(ST_AsWKB(geometry)) AS wkb, lon, lat, area_geod_m2 AS area FROM features WHERE geom_kind = 'polygon' ORDER BY feature_uid`,
      );
      expect(found.length).toBe(4458 + 2130 + 1383);
      const lines = found.map(({ wkb, lon, lat }) => `${String(wkb)} ${String(lon)} ${String(lat)}`);
      const { areas, inside, valid } = (await runPython(AREAS, [], lines.join('\n'))) as Measured;
      const [small, large] = [new Difference(), new Difference()];
      for (const [i, { area }] of found.entries()) (areas[i]! < LARGE_M2 ? small : large).add(Number(area), areas[i]!);
      console.info(`areas from ${LARGE_M2} m² on: ${large.text()}\nsmaller ones: ${small.text()}`);
      expect(large.count).toBeGreaterThan(800);
      expect(large.relative).toBeLessThan(1e-9);
      expect(small.absolute).toBeLessThan(AREA_NOISE_M2);
      expect(valid.every(Boolean)).toBe(true);
      expect(inside.every(Boolean)).toBe(true);
    },
  );

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
});

/** Rows of a data set's table by native_id. */
async function rowsOf(
  dataset: string,
  table: readonly (readonly [id: string, ...rest: unknown[]])[],
  columns: readonly string[],
): Promise<Map<string, Record<string, unknown>>> {
  const names = [
    'native_id',
    'source_file',
    'raw_valid',
    'repair',
    'xmin',
    'ymin',
    'xmax',
    'ymax',
    'lon',
    'lat',
    'area_geod_m2',
  ];
  const also = dataset === 'india' ? ['area_src_m2', 'area_ratio', 'admin1', 'part'] : [];
  const list = [...names, ...also, ...columns].map((name) =>
    /^inst_|^observed/.test(name) ? `CAST(${name} AS VARCHAR) AS ${name}` : name,
  );
  const found = await rows(
    `SELECT ${list.join(', ')}, CAST(record AS INTEGER) AS record FROM features
     WHERE dataset = '${dataset}' AND native_id IN (${table.map(([id]) => `'${id}'`).join(', ')})`,
  );
  expect(found.length).toBe(table.length);
  return new Map(found.map((row) => [String(row['native_id']), row]));
}

function expectNear(found: readonly unknown[], expected: readonly number[], slack: number): void {
  for (const [i, value] of expected.entries()) expect(Math.abs(Number(found[i]) - value)).toBeLessThan(slack);
}

function expectWithin(
  lon: unknown,
  lat: unknown,
  [west, south, east, north]: readonly [number, number, number, number],
): void {
  expect(Number(lon)).toBeGreaterThan(west);
  expect(Number(lon)).toBeLessThan(east);
  expect(Number(lat)).toBeGreaterThan(south);
  expect(Number(lat)).toBeLessThan(north);
}

type Measured = {
  readonly areas: readonly number[];
  readonly inside: readonly boolean[];
  readonly valid: readonly boolean[];
};

/** The largest difference of areas, in square metres and as a share. */
class Difference {
  count = 0;
  absolute = 0;
  relative = 0;

  add(found: number, expected: number): void {
    const difference = Math.abs(found - expected);
    this.count++;
    this.absolute = Math.max(this.absolute, difference);
    this.relative = Math.max(this.relative, difference / expected);
  }

  text(): string {
    return `${this.count} differ by at most ${this.absolute.toExponential(1)} m² and ${this.relative.toExponential(1)} of the area`;
  }
}
