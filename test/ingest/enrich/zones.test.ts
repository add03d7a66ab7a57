import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDuckDb, type DuckDb } from '../../../src/duckdb/connection.js';
import { enrichSites } from '../../../src/ingest/enrich/enrich-sites.js';
import { measureZones, uncovered, type Zone } from '../../../src/ingest/enrich/measure-zones.js';
import { siteCells } from '../../../src/ingest/enrich/site-cells.js';
import { queryLakeRows } from '../../../src/lake/query.js';
import type { Geometry } from '../../../src/vector/label.js';
import { temporaryFolder } from '../../lake/temporary.js';
import { writeFixtureLake } from '../../models/fixture-lake.js';
import { boxWkt, startOverture, type MadeFeature, type OvertureServer } from './overture-server.js';

const folder = temporaryFolder();
const lake = { catalog: join(folder, 'lake.ducklake'), dataPath: join(folder, 'lake/') };
const rows = async (sql: string) => (await queryLakeRows(lake, sql)).map((row) => Object.values(row));

type Box = readonly [west: number, south: number, east: number, north: number];
const box = ([w, s, e, n]: Box): Geometry => ({
  kind: 'polygons',
  polygons: [[Float64Array.from([w, s, e, s, e, n, w, n, w, s])]],
});
const zone = (id: string, kind: string, place: Box): Zone => ({ id, class: kind, geometry: box(place) });

describe('zones of sites', () => {
  let db: DuckDb;
  beforeAll(async () => {
    db = await openDuckDb({ extensions: ['spatial'] });
  });
  afterAll(() => db.close());

  it('count area once where they overlap, by class and altogether', async () => {
    const site = { siteUid: 's', geometry: box([0, 0, 0.1, 0.1]) };
    const zones = [
      zone('a', 'forest', [0, 0, 0.04, 0.1]),
      zone('b', 'forest', [0.02, 0, 0.06, 0.1]),
      zone('c', 'crop', [0.05, 0, 0.08, 0.1]),
      zone('far', 'crop', [5, 5, 6, 6]),
    ];
    const [found] = await measureZones(db, zones, [site]);
    expect(found!.zones.map(({ zone: number, share }) => [number, share])).toEqual([
      [0, expect.closeTo(0.4, 9)],
      [1, expect.closeTo(0.4, 9)],
      [2, expect.closeTo(0.3, 9)],
    ]);
    expect([...found!.classes].map(([name, { share, zones: count }]) => [name, share, count])).toEqual([
      ['crop', expect.closeTo(0.3, 9), 1],
      ['forest', expect.closeTo(0.6, 9), 2],
    ]);
    expect(found!.all).toMatchObject({ share: expect.closeTo(0.8, 9), zones: 3 });
    expect(uncovered(found!)).toMatchObject({
      share: expect.closeTo(0.2, 9),
      areaM2: expect.closeTo(0.2 * found!.areaM2, 0),
    });
  });

  it('that touch are added up, and points lie in all that hold them', async () => {
    const sites = [
      { siteUid: 's', geometry: box([0, 0, 0.1, 0.1]) },
      { siteUid: 'p', geometry: { kind: 'points' as const, points: Float64Array.of(0.01, 0.01) } },
    ];
    const zones = [
      zone('a', 'forest', [0, 0, 0.05, 0.1]),
      zone('b', 'forest', [0.05, 0, 0.1, 0.1]),
      zone('c', 'forest', [0, 0, 0.02, 0.02]),
    ];
    const [polygon, point] = await measureZones(db, zones, sites);
    expect(polygon!.all.share).toBeCloseTo(1, 9);
    expect(uncovered(polygon!)).toBeNull();
    expect(point!.zones.map(({ zone: number }) => number)).toEqual([0, 2]);
    expect([point!.all.share, uncovered(point!)]).toEqual([1, null]);
    expect((await measureZones(db, [], sites)).map(({ all }) => all.share)).toEqual([0, 0]);
  });
});

describe('cells of sites', () => {
  it('hold every part of a site, on both sides of the antimeridian, grown by the reach', () => {
    const cut: Geometry = {
      kind: 'polygons',
      polygons: [179.9, -180].map((w) => [Float64Array.from([w, 0, w + 0.1, 0, w + 0.1, 1, w, 1, w, 0])]),
    };
    const cells = siteCells(
      [
        { siteUid: 'a', geometry: cut },
        { siteUid: 'b', geometry: box([179.5, 0.2, 179.6, 0.3]) },
      ],
      1,
    );
    expect(cells.map(({ box: around, boxes }) => [around, boxes.length])).toEqual([
      [[-180, 0, expect.closeTo(-179.9, 9), 1], 1],
      [[179.5, 0, 180, 1], 2],
    ]);
    const [grown] = siteCells([{ siteUid: 'b', geometry: box([10, 60, 10, 60]) }], 1, 1000);
    expect(grown!.box[1]).toBeLessThan(60 - 1000 / 111_500);
    expect(grown!.box[0]).toBeLessThan(10 - 2 * (1000 / 111_700));
  });

  it('reach across the antimeridian and around the pole, where they missed what lies beyond', () => {
    const sides = siteCells([{ siteUid: 'a', geometry: box([179.9, 0, 179.9995, 0.1]) }], 1, 200);
    expect(sides.map(({ box: [west, , east] }) => [west, east])).toEqual([
      [-180, expect.closeTo(-179.9987, 4)],
      [expect.closeTo(179.8982, 4), 180],
    ]);
    const [polar] = siteCells([{ siteUid: 'a', geometry: box([10, 89.999, 10.1, 89.9995]) }], 1, 200);
    expect(polar!.box).toEqual([-180, expect.closeTo(89.9972, 4), 180, 90]);
  });
});

const feature = (id: string, wkt: string, subtype?: string, kind?: string): MadeFeature => ({
  id,
  wkt,
  ...(subtype === undefined ? {} : { subtype }),
  ...(kind === undefined ? {} : { class: kind }),
});

describe("Overture's buildings and land", () => {
  let server: OvertureServer;
  beforeAll(async () => {
    await writeFixtureLake(lake);
    server = await startOverture(join(folder, 'files'), {
      r1: {
        // Half of u2 (10.11 to 10.12 east), twice.
        'buildings/building': [[
          feature('b1', boxWkt(10.11, 50.1, 10.115, 50.11), 'industrial'),
          feature('b2', boxWkt(10.11, 50.1, 10.115, 50.11), undefined, 'warehouse'),
          feature('b3', boxWkt(20, 50, 21, 51)),
        ]],
        'base/land_cover': [[feature('c1', boxWkt(9, 49, 10.0025, 51), 'crop'), feature('c2', boxWkt(10.0025, 49, 11, 51), 'grass')]],
        'base/land_use': [[feature('l1', boxWkt(10, 50, 10.005, 50.01), 'protected', 'nature_reserve')]],
      },
    }); // prettier-ignore
  }, 120_000);
  afterAll(() => server.close());

  it('become tables, each in one transaction, and stay where nothing has changed', async () => {
    const overture = { kind: 'overture' as const, catalog: server.catalog };
    const input = { lake, borders: [], buildings: overture, land: { cover: overture, use: overture }, models: false };
    const report = await enrichSites(input);
    expect(report.tables.map(({ kind, status, counts }) => [kind, status, counts])).toEqual([
      ['buildings', 'written', { covered: 1, free: 7 }],
      ['land', 'written', { cover: 3, use: 1 }],
      ['scores', 'written', { rooftop: 1, ground: 3, water: 3, unknown: 1 }],
    ]);
    expect(
      await rows(
        `SELECT site_uid, building_id, class, round(share, 6), release FROM site_buildings WHERE site_uid IN ('u2', 'o2') ORDER BY ALL`,
      ),
    ).toEqual([
      ['o2', null, null, 1, 'r1'],
      ['u2', 'b1', 'industrial', 0.5, 'r1'],
      ['u2', 'b2', 'warehouse', 0.5, 'r1'],
      ['u2', null, null, 0.5, 'r1'],
    ]);
    expect(
      await rows(
        `SELECT site_uid, theme, class, round(share, 6), zones, source FROM site_land WHERE site_uid = 'd1' ORDER BY ALL`,
      ),
    ).toEqual([
      ['d1', 'cover', 'crop', 0.25, 1, 'overture/land_cover'],
      ['d1', 'cover', 'grass', 0.75, 1, 'overture/land_cover'],
      ['d1', 'use', 'protected', 0.5, 1, 'overture/land_use'],
      ['d1', 'use', null, 0.5, 0, 'overture/land_use'],
    ]);
    const snapshots = async () => rows('SELECT count(*) FROM lake.snapshots()');
    const before = await snapshots();
    expect((await enrichSites(input)).tables.map(({ status }) => status)).toEqual([
      'unchanged',
      'unchanged',
      'unchanged',
    ]);
    expect(await snapshots()).toEqual(before);
  }, 120_000);
});
