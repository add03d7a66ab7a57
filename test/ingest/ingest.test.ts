import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDuckDb } from '../../src/duckdb/connection.js';
import { rulesOfOverlap } from '../../src/ingest/dedup-rules.js';
import type { IngestInput } from '../../src/ingest/ingest-report.js';
import { ingest } from '../../src/ingest/ingest.js';
import { queryLakeRows } from '../../src/lake/query.js';
import { DEFAULT_RULES } from '../../src/sites/site-feature.js';
import { temporaryFolder } from '../lake/temporary.js';

const folder = temporaryFolder();
let count = 0;
const newLake = () => join(folder, `lake-${++count}.ducklake`);
const METRE = 1 / 111_320;

type Row = { readonly geometry: object | null; readonly properties: object };

function square(x: number, y: number, sideM: number, properties: object = {}): Row {
  const h = (sideM * METRE) / 2;
  const ring = [
    [x - h, y - h],
    [x + h, y - h],
    [x + h, y + h],
    [x - h, y + h],
    [x - h, y - h],
  ];
  return { geometry: { type: 'Polygon', coordinates: [ring] }, properties };
}

function write(name: string, rows: readonly Row[]): string {
  const features = rows.map((row) => ({ type: 'Feature', ...row }));
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), JSON.stringify({ type: 'FeatureCollection', features }));
  return name;
}

function run(manifest: object, lake: string, more: Partial<IngestInput> = {}) {
  return ingest({ manifest, folder, lake, ...more });
}

function rows(lake: string, sql: string) {
  return queryLakeRows({ catalog: lake, dataPath: lake.replace(/\.ducklake$/, '/') }, sql);
}

const bow = {
  geometry: { type: 'Polygon', coordinates: [[[1, 1], [1.001, 1.001], [1.001, 1], [1, 1.001], [1, 1]]] }, // prettier-ignore
  properties: { id: 'bow', kw: 50 },
};

/** Two data sets of which some features are one. */
function twoSets(tag: string) {
  const a = write(`${tag}/a.geojson`, [
    square(0, 0, 100, { id: 1, kw: 900, year: 2015 }),
    square(0.01, 0, 100, { id: 2, kw: -9999, year: 'nan' }),
    { geometry: null, properties: { id: 3 } },
    bow,
  ]);
  const b = write(`${tag}/b.geojson`, [square(5 * METRE, 0, 100, { mw: 1.1, tilt: 20 }), square(0.02, 0, 50, {})]);
  return {
    set_a: {
      doi: a,
      repo: 'local',
      priority: 1,
      license: 'CC-BY-4.0',
      field_map: {
        cap_ac: { column: 'kw', unit: 'kW', kind: 'reported' },
        installed: 'year',
        setting: { value: 'ground' },
      },
    },
    set_b: { doi: b, repo: 'local', priority: 2, field_map: { cap_ac: 'mw', tilt_deg: 'tilt' } },
  };
}

describe('ingest', () => {
  it('harmonises, quarantines and deduplicates, and its counts add up', async () => {
    const lake = newLake();
    const report = await run(twoSets('first'), lake);
    expect(
      report.datasets.map(({ dataset, status, records, features, quarantined }) => [
        dataset,
        status,
        records,
        features,
        quarantined,
      ]),
    ).toEqual([
      ['set_a', 'added', 4, 3, 1],
      ['set_b', 'added', 2, 2, 0],
    ]);
    expect(report.sites).toMatchObject({ features: 5, sites: 4, merged: 1, pairs: { same: 1 } });
    const sites = await rows(
      lake,
      'SELECT dataset, cap_ac_mw, tilt_deg, members, datasets, provenance FROM sites WHERE members = 2',
    );
    expect(sites).toEqual([
      expect.objectContaining({ dataset: 'set_a', cap_ac_mw: 0.9, tilt_deg: 20, members: 2, datasets: 2 }),
    ]);
    const [tilted] = await rows(
      lake,
      `SELECT native_id, dataset FROM features WHERE feature_uid =
      (SELECT provenance->>'tilt_deg' FROM sites WHERE members = 2)`,
    );
    expect(tilted).toMatchObject({ dataset: 'set_b' });
    expect(await rows(lake, 'SELECT source, record, reason FROM quarantine')).toEqual([
      { source: 'set_a/a.geojson', record: 3n, reason: expect.stringMatching(/geometry/) },
    ]);
    const found = await rows(
      lake,
      `SELECT native_id, cap_ac_mw, CAST(inst_start AS VARCHAR) AS s, CAST(inst_end AS VARCHAR) AS e, raw_valid, repair, license,
         area_geod_m2 > 0 AS area, h3_r5 IS NOT NULL AS cell, len(h3_cover) > 0 AS cover, properties->>'id' AS id
       FROM features WHERE dataset = 'set_a' ORDER BY native_id`,
    );
    const same = { license: 'CC-BY-4.0', area: true, cell: true, cover: true };
    expect(found).toEqual([
      {
        ...same,
        native_id: '1',
        cap_ac_mw: 0.9,
        s: '2015-01-01',
        e: '2015-12-31',
        raw_valid: true,
        repair: null,
        id: '1',
      },
      { ...same, native_id: '2', cap_ac_mw: null, s: null, e: null, raw_valid: true, repair: null, id: '2' },
      {
        ...same,
        native_id: 'bow',
        cap_ac_mw: 0.05,
        s: null,
        e: null,
        raw_valid: false,
        repair: 'made valid',
        id: 'bow',
      },
    ]);
  });

  it('reads nothing again that has not changed, and replaces what has', async () => {
    const lake = newLake();
    const manifest = twoSets('again');
    const first = await run(manifest, lake);
    const stateOf = () => rows(lake, 'SELECT site_uid, members, cap_ac_mw, dataset FROM sites ORDER BY 1');
    const before = await stateOf();
    const second = await run(manifest, lake);
    expect(second).toMatchObject({
      runId: null,
      snapshotId: null,
      datasets: [{ status: 'unchanged' }, { status: 'unchanged' }],
    });
    const forced = await run(manifest, lake, { again: true, models: false });
    expect(forced.datasets.map(({ status }) => status)).toEqual(['replaced', 'replaced']);
    expect(forced.sites).toEqual(first.sites);
    expect(await stateOf()).toEqual(before);
    write('again/b.geojson', [square(0.02, 0, 50, {})]);
    const third = await run(manifest, lake, { models: false });
    expect(third.datasets.map(({ status }) => status)).toEqual(['unchanged', 'replaced']);
    expect(third.sites).toMatchObject({ features: 4, sites: 4, merged: 0 });
    expect(await rows(lake, 'SELECT dataset, count(*) AS n FROM features GROUP BY 1 ORDER BY 1')).toEqual([
      { dataset: 'set_a', n: 3n },
      { dataset: 'set_b', n: 1n },
    ]);
    expect(await rows(lake, 'SELECT count(*) AS n FROM quarantine')).toEqual([{ n: 1n }]);
  });

  it('makes the sites again where the rules have changed, and changes nothing the second time', async () => {
    const lake = newLake();
    // Five metres apart of a hundred: IoU 95 / 105.
    const manifest = twoSets('rules');
    await run(manifest, lake, { models: false });
    const strict = { rules: rulesOfOverlap(0.96), models: false };
    const other = await run(manifest, lake, strict);
    expect(other.datasets.map(({ status }) => status)).toEqual(['unchanged', 'unchanged']);
    expect(other.sites).toMatchObject({ features: 5, sites: 5, merged: 0, pairs: { overlap: 1 } });
    expect(await run(manifest, lake, strict)).toMatchObject({ runId: null, sites: null });
    const cells = { rules: { ...strict.rules, candidates: 'h3', h3Resolution: 11 }, models: false } as const;
    const sql = 'SELECT * EXCLUDE (run_id) FROM sites ORDER BY site_uid';
    const before = await rows(lake, sql);
    expect((await run(manifest, lake, cells)).sites).toEqual(other.sites);
    expect(await rows(lake, sql)).toEqual(before);
    expect(await run(manifest, lake, cells)).toMatchObject({ runId: null });
    const kept = await rows(
      lake,
      `SELECT rules->>'sameIou' AS same, rules->>'candidates' AS way, rules->>'h3Resolution' AS res, datasets
       FROM ingests ORDER BY finished_at`,
    );
    expect(kept).toEqual([
      { same: '0.5', way: 'rtree', res: '9', datasets: '["set_a","set_b"]' },
      { same: '0.96', way: 'rtree', res: '9', datasets: '[]' },
      { same: '0.96', way: 'h3', res: '11', datasets: '[]' },
    ]);
    const back = await run(manifest, lake, { models: false });
    expect(back.sites).toMatchObject({ features: 5, sites: 4, merged: 1 });
    expect(back.rules).toEqual(DEFAULT_RULES);
    await expect(run(manifest, lake, { rules: { sameIou: 2 } })).rejects.toThrow(/invalid-argument.*2 is no sameIou/);
  });

  it('takes the sites of an older lake, which does not say its rules, for those of the default rules', async () => {
    const lake = newLake();
    const manifest = twoSets('older');
    const strict = { rules: rulesOfOverlap(0.96), models: false };
    await run(manifest, lake, { models: false });
    const db = await openDuckDb({ extensions: ['ducklake'] });
    await db.run(`ATTACH 'ducklake:${lake}' AS old (DATA_PATH '${lake.replace(/\.ducklake$/, '/')}')`);
    await db.run('ALTER TABLE old.cube.ingests DROP COLUMN rules');
    await db.close();
    expect(await run(manifest, lake, { models: false })).toMatchObject({ runId: null });
    expect((await run(manifest, lake, strict)).sites).toMatchObject({ sites: 5 });
    expect(await run(manifest, lake, strict)).toMatchObject({ runId: null });
  });

  it('does not depend on the order of data sets or of rows', async () => {
    const [one, other] = [newLake(), newLake()];
    const manifest = twoSets('order');
    await run(manifest, one, { models: false });
    write('order/b.geojson', [square(0.02, 0, 50, {}), square(5 * METRE, 0, 100, { mw: 1.1, tilt: 20 })]);
    await run({ set_b: manifest.set_b, set_a: manifest.set_a }, other, { models: false });
    const sql = `SELECT * EXCLUDE (run_id, provenance), CAST(provenance AS VARCHAR) FROM sites ORDER BY site_uid`;
    expect(await rows(other, sql)).toEqual(await rows(one, sql));
  });

  it('makes features of parts that lie far apart', async () => {
    const lake = newLake();
    const parts = [square(0, 0, 100), square(200 * METRE, 0, 100), square(0.1, 0, 100)].map(
      ({ geometry }) => (geometry as { coordinates: unknown }).coordinates,
    );
    const file = write('parts.geojson', [
      { geometry: { type: 'MultiPolygon', coordinates: parts }, properties: { id: 'x' } },
    ]);
    const report = await run({ parts: { doi: file, repo: 'local' } }, lake, { models: false });
    expect(report.datasets[0]).toMatchObject({ records: 1, features: 2 });
    const found = await rows(
      lake,
      'SELECT part, native_id, round(area_geod_m2, -2) AS area FROM features ORDER BY part',
    );
    expect(found).toEqual([
      { part: 1, native_id: 'x', area: 19900 },
      { part: 2, native_id: 'x', area: 9900 },
    ]);
  });

  it('makes features of points that lie far apart, which were one at the first of them', async () => {
    const lake = newLake();
    const coordinates = [[10, 50], [10.5, 50], [10, 50 + 500 * METRE], [180, 7], [-180, 7 + 500 * METRE]]; // prettier-ignore
    const file = write('points.geojson', [
      { geometry: { type: 'MultiPoint', coordinates }, properties: { id: 'm', mw: 6 } },
      { geometry: { type: 'Point', coordinates: [11, 51] }, properties: { id: 'p', mw: 1 } },
    ]);
    const field_map = { native_id: 'id', cap_ac: 'mw' };
    await run({ points: { doi: file, repo: 'local', field_map } }, lake, { models: false });
    const found = await rows(
      lake,
      `SELECT native_id, part, lon, lat, CAST(ST_NPoints(geometry) AS INTEGER) AS points, cap_ac_mw, area_geod_m2, geom_kind FROM features ORDER BY 1, 2`,
    );
    const point = { area_geod_m2: null, geom_kind: 'point' };
    expect(found).toEqual([
      { ...point, native_id: 'm', part: 1, lon: 10, lat: 50, points: 2, cap_ac_mw: 2 },
      { ...point, native_id: 'm', part: 2, lon: 10.5, lat: 50, points: 1, cap_ac_mw: 2 },
      { ...point, native_id: 'm', part: 3, lon: 180, lat: 7, points: 2, cap_ac_mw: 2 },
      { ...point, native_id: 'p', part: 1, lon: 11, lat: 51, points: 1, cap_ac_mw: 1 },
    ]);
  });

  it('does not count the capacity and area that a source tells of a record once for each of its far parts', async () => {
    const lake = newLake();
    const parts = [square(0, 0, 300), square(0.1, 0, 100)].map(
      ({ geometry }) => (geometry as { coordinates: unknown }).coordinates,
    );
    const file = write('shares.geojson', [
      { geometry: { type: 'MultiPolygon', coordinates: parts }, properties: { mw: 50, kw: 40_000, m2: 100_000 } },
      square(1, 0, 100, { mw: 2, kw: 1000, m2: 10_000 }),
    ]);
    const field_map = {
      cap_dc: { column: 'mw', kind: 'reported' },
      cap_ac: { column: 'kw', unit: 'kW' },
      area_src: { column: 'm2', kind: 'site' },
    };
    await run({ shares: { doi: file, repo: 'local', field_map } }, lake);
    const found = await rows(
      lake,
      `SELECT CAST(record AS INTEGER) AS record, part, round(cap_dc_mw, 2) AS dc, round(cap_ac_mw, 2) AS ac,
         round(area_src_m2, -2) AS src, area_src_kind, round(area_ratio, 2) AS ratio, cap_kind, cap_dc_kind, cap_ac_kind
       FROM features ORDER BY record, part`,
    );
    const shared = { record: 1, area_src_kind: 'site', ratio: 1.01, cap_kind: 'estimated' };
    const estimated = { cap_dc_kind: 'estimated', cap_ac_kind: 'estimated' };
    expect(found).toEqual([
      { ...shared, ...estimated, part: 1, dc: 45, ac: 36, src: 90_000 },
      { ...shared, ...estimated, part: 2, dc: 5, ac: 4, src: 10_000 },
      { record: 2, part: 1, dc: 2, ac: 1, src: 10_000, area_src_kind: 'site', ratio: 1.01, cap_kind: 'reported', cap_dc_kind: 'reported', cap_ac_kind: 'unknown' }, // prettier-ignore
    ]);
    const [sums] = await rows(lake, 'SELECT round(sum(cap_dc_mw), 6) AS dc FROM lake.curated.pv_sites');
    expect(sums).toEqual({ dc: 52 });
  });

  it('tells what is missing by the keys of the manifest, not by those of a specification', async () => {
    writeFileSync(join(folder, 'odd.csv'), 'ost,nord\n500000,5500000\n');
    const entry = { doi: 'odd.csv', repo: 'local' };
    const problemOf = async (more: object) =>
      (await run({ odd: { ...entry, ...more } }, newLake(), { keepGoing: true, models: false })).datasets[0]!.problem;
    expect(await problemOf({})).toMatchObject({ path: 'odd.x', fix: expect.stringContaining('x and y in a manifest') });
    expect(await problemOf({ x: 'ost', y: 'sued' })).toMatchObject({ path: 'odd.y', fix: 'one of: ost, nord' });
    const columns = { x: 'ost', y: 'nord' };
    expect(await problemOf(columns)).toMatchObject({ what: expect.stringContaining('crs in a manifest') });
    expect(await problemOf({ ...columns, crs: 'EPSG:32632' })).toBeNull();
  });

  it('does not call metres without a CRS swapped longitudes and latitudes', async () => {
    const ring = [[1_113_194, 6_446_275], [1_113_305, 6_446_275], [1_113_305, 6_446_448], [1_113_194, 6_446_275]]; // prettier-ignore
    const file = write('metres.geojson', [{ geometry: { type: 'Polygon', coordinates: [ring] }, properties: {} }]);
    const entry = { doi: file, repo: 'local' };
    const failed = run({ metres: entry }, newLake(), { models: false });
    await expect(failed).rejects.toThrow(/1 of 1 records have coordinates that are no degrees: name their CRS/);
    const right = await run({ metres: { ...entry, crs: 'EPSG:3857' } }, newLake(), { models: false });
    expect(right.datasets[0]).toMatchObject({ features: 1, warnings: [] });
  });

  it('tells which data sets of the lake are not in the manifest any more: they stay, and nothing said so', async () => {
    const lake = newLake();
    const manifest = twoSets('vanished');
    expect(await run(manifest, lake, { models: false })).toMatchObject({ others: [] });
    const { set_a } = manifest;
    const later = await run({ set_a: { ...set_a, citation: 'new' } }, lake, { models: false });
    expect(later).toMatchObject({ others: ['set_b'], datasets: [{ status: 'replaced' }], sites: { features: 5 } });
    expect(await run(manifest, lake, { models: false, only: ['set_a'] })).toMatchObject({ others: [] });
  });

  it('refuses swapped axes of a data set that tells its country and no extent', async () => {
    const file = write('germany.geojson', [square(52.5, 13.4, 100), square(48.1, 11.6, 100)]);
    const entry = { doi: file, repo: 'local', field_map: { country_iso3: { value: 'DE' } } };
    const failed = run({ germany: entry }, newLake(), { models: false });
    await expect(failed).rejects.toThrow(/germany: longitude and latitude look swapped: 2 of 2 features/);
  });

  it('keeps rows that `where` leaves out in its count', async () => {
    const file = write('where.geojson', [square(0, 0, 100, { s: 'built' }), square(1, 0, 100, { s: 'planned' })]);
    const entry = { doi: file, repo: 'local', where: "s = 'built'" };
    const report = await run({ w: entry }, newLake(), { models: false });
    expect(report.datasets[0]).toMatchObject({ records: 2, features: 1, quarantined: 0, excluded: 1 });
  });

  it('refuses swapped axes and files without labels, and goes on without them where it is told to', async () => {
    const swapped = write('swapped.geojson', [square(12, 78, 100), square(13, 77, 100)]);
    const good = write('good.geojson', [square(78, 12, 100)]);
    writeFileSync(join(folder, 'readme.md'), 'no labels');
    const manifest = {
      swapped: { doi: swapped, repo: 'local', extent: [68, 6, 98, 37] },
      empty: { doi: 'readme.md', repo: 'local' },
      absent: { doi: 'absent.geojson', repo: 'local' },
      good: { doi: good, repo: 'local', extent: [68, 6, 98, 37] },
    };
    const { absent: _, ...here } = manifest; // what is fetched fails before what is read
    await expect(run(here, newLake())).rejects.toThrow(/invalid-data.*swapped/);
    await expect(run(manifest, newLake())).rejects.toThrow(/not-found.*absent/);
    const lake = newLake();
    const report = await run(manifest, lake, { keepGoing: true, models: false });
    expect(report.datasets.map(({ dataset, status, problem }) => [dataset, status, problem?.kind ?? null])).toEqual([
      ['swapped', 'failed', 'invalid-data'],
      ['empty', 'failed', 'no-data'],
      ['absent', 'failed', 'not-found'],
      ['good', 'added', null],
    ]);
    expect(await rows(lake, 'SELECT dataset FROM features')).toEqual([{ dataset: 'good' }]);
    await expect(run(manifest, lake, { only: ['god'] })).rejects.toThrow(
      /no data set god.*swapped, empty, absent, good/,
    );
  });

  it('refuses a file that does not tell its CRS, unless the manifest does', async () => {
    writeFileSync(join(folder, 'xy.csv'), 'x,y\n500000,5300000\n');
    await expect(run({ xy: { doi: 'xy.csv', repo: 'local' } }, newLake())).rejects.toThrow(
      /coordinate reference system/,
    );
    const lake = newLake();
    await run({ xy: { doi: 'xy.csv', repo: 'local', crs: 'EPSG:32633' } }, lake, { models: false });
    expect(await rows(lake, 'SELECT round(lon, 6) AS lon, geom_kind, area_geod_m2 FROM features')).toEqual([
      { lon: 15, geom_kind: 'point', area_geod_m2: null },
    ]);
  });

  it('two at once in one lake: both are in', async () => {
    const lake = newLake();
    const manifest = twoSets('both');
    const reports = await Promise.all([run({ set_a: manifest.set_a }, lake), run({ set_b: manifest.set_b }, lake)]);
    expect(reports.map(({ datasets }) => datasets[0]!.status)).toEqual(['added', 'added']);
    expect(await rows(lake, 'SELECT count(*) AS n, count(DISTINCT dataset) AS d FROM site_members')).toEqual([
      { n: 5n, d: 2n },
    ]);
    expect(await rows(lake, 'SELECT count(*) AS n FROM sites')).toEqual([{ n: 4n }]);
  });
});
