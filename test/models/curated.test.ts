import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { queryLakeRows } from '../../src/lake/query.js';
import { runModels } from '../../src/models/run-models.js';
import { testModels } from '../../src/models/test-models.js';
import { useAllThreads } from '../duckdb-threads.js';
import { temporaryFolder } from '../lake/temporary.js';
import { writeFixtureLake } from './fixture-lake.js';

useAllThreads();

const folder = temporaryFolder();
const lake = { catalog: join(folder, 'lake.ducklake'), dataPath: join(folder, 'lake/') };
const rows = (sql: string) => queryLakeRows(lake, sql);
const date = (text: string) => new Date(`${text}T00:00:00Z`);

describe('the models that come with the package', () => {
  beforeAll(async () => {
    await writeFixtureLake(lake);
    const { models } = await runModels({ lake });
    expect(models.filter(({ status }) => status !== 'success')).toEqual([]);
  });

  it('pass their tests', async () => {
    const results = await testModels({ lake });
    expect(results.filter(({ status }) => status !== 'pass')).toEqual([]);
    expect(results.length).toBeGreaterThan(75);
  });

  it('clean what sources write', async () => {
    const features = await rows('SELECT * FROM staging.stg_features');
    const of = (uid: string) => features.find((row) => row['feature_uid'] === uid);
    expect(features).toHaveLength(12);
    expect(of('u2')).toMatchObject({ setting: 'rooftop', mount: 'fixed', country_iso3: 'GBR', license: 'ODbL-1.0' });
    expect(of('o2')).toMatchObject({
      setting: 'unknown',
      confidence: null,
      cap_ac_mw: null,
      native_id: null,
      license: null,
    });
    expect(of('d3')).toMatchObject({
      tilt_deg: null,
      azimuth_deg: 180,
      inst_start: date('2020-06-01'),
      inst_end: null,
    });
    expect(of('o5')).toMatchObject({ area_geod_m2: null });
    expect(
      await rows("SELECT version, doi, license, citation FROM staging.stg_datasets WHERE dataset = 'osm'"),
    ).toEqual([{ version: null, doi: null, license: null, citation: null }]);
  });

  it('pv_sites has every site once, with what its members say', async () => {
    const sites = await rows(
      `SELECT site_uid, group_uid, doi, license, area_in_bounds, member_area_min_m2 AS least, member_area_max_m2 AS most, features,
         member_datasets, licenses, provenance, ST_AsText(geometry) AS wkt FROM curated.pv_sites ORDER BY site_uid`,
    );
    expect(sites.map((row) => row['site_uid'])).toEqual(['d1', 'd2', 'd3', 'o2', 'o3', 'o4', 'o6', 'u2']);
    expect(sites[0]).toEqual({
      site_uid: 'd1',
      group_uid: 'd1',
      doi: '10.1/de',
      license: 'CC-BY-4.0',
      area_in_bounds: true,
      least: 200_000,
      most: 800_000,
      features: 3n,
      member_datasets: ['de', 'osm', 'uk'],
      licenses: ['CC-BY-4.0', 'ODbL-1.0'],
      provenance: '{"cap_dc_mw":"d1"}',
      wkt: 'POLYGON ((10 50, 10.01 50, 10.01 50.01, 10 50.01, 10 50))',
    });
    expect(sites[2]).toMatchObject({ area_in_bounds: false, least: 0.5, most: 0.5, features: 2n });
    expect(sites[3]).toMatchObject({ group_uid: 'o2', area_in_bounds: null, least: null, licenses: [], doi: null });
    expect(sites[7]).toMatchObject({ group_uid: 'd2', member_datasets: ['uk'] });
  });

  it('pv_sites has what borders, buildings and land say, and what the source says stays', async () => {
    const found = await rows(
      `SELECT site_uid, country_iso3, country_from, border_country_iso3, border_share, border_method, border_countries, admin1, admin1_from,
         region_code, building_share, building_ids, land_cover, land_use FROM curated.pv_sites WHERE site_uid <> 'o3' ORDER BY site_uid`,
    );
    const nothing = [null, null, null, null, null, null, null, null, [], null, null];
    expect(found.map((row) => Object.values(row))).toEqual([
      ['d1', 'DEU', 'source', 'DEU', 0.375, 'area', 2, 'Name of DE-HE', 'borders', 'DE-HE', 0, [], 'crop', null],
      ['d2', 'DEU', 'source', ...nothing],
      ['d3', 'DEU', 'source', null, null, 'outside', 0, null, null, null, null, [], null, null],
      ['o2', null, null, ...nothing],
      ['o4', 'FJI', 'borders', 'FJI', 1, 'nearest', 1, null, null, null, null, [], null, null],
      ['o6', 'FJI', 'source', ...nothing],
      ['u2', 'GBR', 'source', 'DEU', 0.5, 'area', 2, null, null, null, 0.75, ['b1', 'b2'], null, 'industrial'],
    ]);
  });

  it('pv_by_country counts them, those in no country too', async () => {
    const nothing = {
      cap_dc_mw: null,
      cap_ac_mw: null,
      sites_with_capacity: 0n,
      first_inst_start: null,
      last_inst_end: null,
    };
    const none = {
      border_sites: 0n,
      point_sites: 0n,
      rooftop_sites: 0n,
      ground_sites: 0n,
      water_sites: 0n,
      unknown_sites: 0n,
    };
    expect(await rows('SELECT * FROM curated.pv_by_country ORDER BY country_iso3')).toEqual([
      {
        ...none,
        country_iso3: 'DEU',
        sites: 3n,
        features: 7n,
        datasets: 1n,
        // Of d1 three quarters, the part of it in countries.
        area_m2: 600_000 + 790_000.5 + 0.5,
        cap_dc_mw: 40,
        cap_ac_mw: 24.375,
        border_sites: 1n,
        sites_with_capacity: 2n,
        ground_sites: 2n,
        unknown_sites: 1n,
        first_inst_start: date('2018-01-01'),
        last_inst_end: date('2018-12-31'),
      },
      {
        ...nothing,
        ...none,
        country_iso3: 'FJI',
        sites: 3n,
        features: 3n,
        datasets: 1n,
        area_m2: 28_000,
        water_sites: 3n,
      },
      {
        ...nothing,
        ...none,
        country_iso3: 'FRA',
        sites: 0n,
        features: 0n,
        datasets: 0n,
        area_m2: 200_000,
        cap_dc_mw: 10,
        cap_ac_mw: 8.125,
        border_sites: 1n,
      },
      {
        ...nothing,
        ...none,
        country_iso3: 'GBR',
        sites: 1n,
        features: 1n,
        datasets: 1n,
        area_m2: 400_000,
        rooftop_sites: 1n,
      },
      {
        ...nothing,
        ...none,
        country_iso3: 'ZZZ',
        sites: 1n,
        features: 1n,
        datasets: 1n,
        area_m2: 0,
        point_sites: 1n,
        unknown_sites: 1n,
      },
    ]);
  });

  it('pv_by_h3 counts them by cell, across the antimeridian too', async () => {
    const cells = await rows('SELECT * FROM curated.pv_by_h3 ORDER BY h3_cell');
    expect(cells.map(({ h3_text, sites, features, area_m2 }) => [h3_text, sites, features, area_m2])).toEqual([
      ['851fa807fffffff', 2n, 3n, 1_190_000.5],
      ['851fa80ffffffff', 1n, 3n, 800_000],
      ['851fad33fffffff', 1n, 2n, 0.5],
      ['8535ac2ffffffff', 1n, 1n, 0],
      ['859b436ffffffff', 2n, 2n, 23_000],
      ['859b5dc7fffffff', 1n, 1n, 5_000],
    ]);
    expect(cells.every(({ resolution }) => resolution === 5)).toBe(true);
    const [north, , , , south] = cells;
    expect(north!['lon']).toBeCloseTo(10.11, 9);
    expect(north!['lat']).toBeCloseTo(50.105, 9);
    // Middles at 179.9975 and -179.9975.
    expect(Math.abs(Number(south!['lon']))).toBeCloseTo(180, 9);
    expect(south!['lat']).toBeCloseTo(-16.7995, 9);
  });

  it('every site is in the cell that the source says, whatever the resolution', async () => {
    for (const resolution of [7, 12]) {
      const vars = { h3_resolution: resolution };
      await runModels({ lake, vars, select: ['prep_sites'] });
      const wrong = await rows(
        `SELECT site_uid FROM prepared.prep_sites WHERE h3_cell IS DISTINCT FROM h3_r${resolution}`,
      );
      expect(wrong).toEqual([]);
    }
    await runModels({ lake, select: ['prep_sites'] });
  });

  it('pv_duplicates tells what stands for a pair', async () => {
    const pairs = await rows(
      'SELECT a_uid, b_uid, class, merged, one_site, same_dataset, kept_uid, dropped_uids, area_ratio FROM curated.pv_duplicates ORDER BY a_uid, b_uid',
    );
    const same = { merged: true, one_site: true, same_dataset: false };
    expect(pairs).toEqual([
      { ...same, a_uid: 'd1', b_uid: 'o1', class: 'part_of', kept_uid: 'd1', dropped_uids: ['o1'], area_ratio: 0.25 },
      { ...same, a_uid: 'd1', b_uid: 'u1', class: 'same', kept_uid: 'd1', dropped_uids: ['u1'], area_ratio: 0.9875 },
      {
        a_uid: 'd2',
        b_uid: 'u2',
        class: 'adjacent',
        merged: false,
        one_site: false,
        same_dataset: false,
        kept_uid: null,
        dropped_uids: [],
        area_ratio: 400_000 / 790_000.5,
      },
      { ...same, a_uid: 'd2', b_uid: 'u3', class: 'exact', kept_uid: 'd2', dropped_uids: ['u3'], area_ratio: 1 },
      {
        ...same,
        a_uid: 'o1',
        b_uid: 'u1',
        class: 'part_of',
        kept_uid: 'd1',
        dropped_uids: ['o1', 'u1'],
        area_ratio: 20 / 79,
      },
    ]);
  });

  it('site_scenes tells which scene sees how much of a site', async () => {
    const scenes = await rows(
      `SELECT site_uid, item_id, cloud_cover AS cloud, covers_point AS point, round(covered_fraction, 9) AS share, usable, run_id
       FROM curated.site_scenes ORDER BY site_uid, item_id`,
    );
    expect(scenes.map((row) => Object.values(row))).toEqual([
      ['d1', 'A', 20, true, 1, true, 'build-2'], // as the newer build saw it
      ['d1', 'B', 5, false, 0.4, false, 'build-1'],
      ['d1', 'C', 80, true, 1, true, 'build-1'],
      ['d2', 'A', 20, false, 0.5, false, 'build-2'],
      ['d2', 'C', 80, true, 1, true, 'build-1'],
      ['o2', 'E', null, true, 1, true, 'build-1'],
      ['o3', 'D', null, true, 1, true, 'build-1'],
      ['o4', 'D', null, true, 1, true, 'build-1'],
      ['o6', 'D', null, true, 1, true, 'build-1'],
      ['u2', 'C', 80, true, 1, true, 'build-1'],
    ]);
  });

  it('scene_plan sees every site with few scenes', async () => {
    const plan = () =>
      rows(
        'SELECT collection, step, item_id, new_sites, sites_so_far, sites_planned FROM curated.scene_plan ORDER BY 1, 2',
      );
    const of = (...values: unknown[]) =>
      Object.fromEntries(
        ['collection', 'step', 'item_id', 'new_sites', 'sites_so_far', 'sites_planned'].map((key, i) => [
          key,
          values[i],
        ]),
      );
    // C and D see three sites each; what is known of C's cloud decides.
    expect(await plan()).toEqual([
      of('', 1, 'E', 1n, 1n, 1n),
      of('s2', 1, 'C', 3n, 3n, 6n),
      of('s2', 2, 'D', 3n, 6n, 6n),
    ]);
    // Without the cloudy scene d1 is left to A, and d2 and u2 to nobody.
    await runModels({ lake, select: ['site_scenes+'], vars: { max_cloud_cover: 50 } });
    expect(await plan()).toEqual([
      of('', 1, 'E', 1n, 1n, 1n),
      of('s2', 1, 'D', 3n, 3n, 4n),
      of('s2', 2, 'A', 1n, 4n, 4n),
    ]);
    await runModels({ lake, select: ['site_scenes+'] });
  });
});
