import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { DuckDb } from '../../../src/duckdb/connection.js';
import { fetchStac } from '../../../src/ingest/stac/fetch-stac.js';
import { loadPgstac } from '../../../src/ingest/stac/load-pgstac.js';
import { askServer, inTransaction, serverJson, withPgstac } from '../../../src/ingest/stac/pgstac-server.js';
import { searchPgstac, type PgstacSearchInput } from '../../../src/ingest/stac/search-pgstac.js';
import { searchStac } from '../../../src/ingest/stac/search-stac.js';
import { slimItem } from '../../../src/ingest/stac/slim-item.js';
import type { JsonObject } from '../../../src/stac/json.js';
import { hasPostgis, postgresServer, runPsql } from '../../lake/postgres-server.js';
import { temporaryFolder } from '../../lake/temporary.js';
import { pgstacSql, PYPGSTAC } from '../../python.js';
import { makeItem } from '../../stac/make-item.js';
import { seeded } from '../../vector/mutate.js';

const SQL = pgstacSql();
const SEED = 20_261_128;
const KEYS = ['red', 'href', 'roles', 'x', 'title', '__proto__', 'eo:bands', 'a'];
const folder = temporaryFolder();
const server = postgresServer();
const databaseNamed = (name: string) => server!.replace('dbname=postgres', `dbname=${name}`);

const ring = (west: number, south: number) => [[west, south], [west + 1, south], [west + 1, south + 1], [west, south + 1], [west, south]]; // prettier-ignore
const red = { type: 'image/tiff; application=geotiff', roles: ['data'] };
const items = Array.from({ length: 60 }, (_, i) =>
  makeItem(`i${i}`, {
    collection: i % 3 === 0 ? 'three' : "it's",
    bbox: [i - 30, 10, i - 29, 11],
    geometry: { type: 'Polygon', coordinates: [ring(i - 30, 10)] },
    properties: {
      datetime: new Date(Date.UTC(2024, 0, 1 + i)).toISOString(),
      'eo:cloud_cover': (i * 7) % 100,
      title: `Maß "${i}"\t☀ 'it'`,
      proj: { shape: [i, 0.1 + 0.2] },
    },
    // What `three` says of its assets is not stored in its items.
    assets: { red: { ...red, href: `https://example.com/${i}/red.tif`, ...(i % 6 === 0 ? { title: 'other' } : {}) } },
  }),
);
const collectionOf = (id: string, fields: object = {}) => ({
  type: 'Collection',
  stac_version: '1.0.0',
  id,
  description: `all of ${id}`,
  license: 'CC-BY-4.0',
  links: [],
  extent: { spatial: { bbox: [[-30, 10, 31, 11]] }, temporal: { interval: [['2024-01-01T00:00:00Z', null]] } },
  ...fields,
});
const three = collectionOf('three', { item_assets: { red: { ...red, title: 'Red' } }, keywords: ['3'] });
const lines = (list: readonly unknown[]) => list.map((one) => `${JSON.stringify(one)}\n`).join('');
const byId = (list: readonly { readonly id?: unknown }[]) =>
  list.toSorted((a, b) => (String(a.id) < String(b.id) ? -1 : 1));

describe.skipIf(server === null)('a database without pgstac', () => {
  it('is told what it lacks, and the message holds no password', async () => {
    const from = join(folder, 'one.json');
    writeFileSync(from, JSON.stringify(items[0]));
    await expect(loadPgstac({ from, database: `${server!} password=secret` })).rejects.toMatchObject({
      problem: { kind: 'missing-component', component: 'pgstac' },
    });
    const error = await searchPgstac({ database: 'host=/nowhere password=secret' }).catch((one: Error) => one);
    expect(String(error)).toMatch(/lake: /);
    expect(String(error)).not.toContain('secret');
  });
});

describe.skipIf(server === null || !hasPostgis() || SQL === null)('pgstac', () => {
  const lake = join(folder, 'lake.ducklake');
  const database = () => databaseNamed('stac');
  const path = join(folder, 'items.ndjson');

  beforeAll(async () => {
    runPsql(server!, 'postgres', '-c', 'CREATE DATABASE stac');
    runPsql(server!, 'stac', '-c', 'CREATE EXTENSION postgis', '-c', 'CREATE EXTENSION btree_gist', '-f', SQL!);
    runPsql(server!, 'postgres', '-c', 'CREATE DATABASE theirs TEMPLATE stac');
    writeFileSync(path, lines([three, ...items, makeItem('nowhere')]));
    await fetchStac({ from: path, lake });
  });

  it('takes the items of a lake and of NDJSON, once, and makes collections that are nowhere', async () => {
    const ofLake = await loadPgstac({ lake, database: database(), collections: ['three'] });
    expect(ofLake).toEqual({ items: 20, collections: 1, leftOut: 0, warnings: [] });
    const ofFile = await loadPgstac({ from: path, database: database() });
    expect(ofFile).toEqual({ items: 60, collections: 2, leftOut: 1, warnings: [] });
    const again = await loadPgstac({ from: path, database: database() });
    expect(again).toEqual({ items: 60, collections: 0, leftOut: 1, warnings: [] });
    const { items: found } = await searchPgstac({ database: database(), limit: 1000 });
    expect(found).toHaveLength(60);
    const wanted = items.find(({ id }) => id === 'i6')!;
    expect(found.find(({ id }) => id === 'i6')).toMatchObject({ assets: wanted.assets, properties: wanted.properties });
  });

  it.each<[string, Omit<PgstacSearchInput, 'database'>]>([
    ['CQL2 text', { filter: "eo:cloud_cover < 20 AND collection = 'it''s'" }],
    ['CQL2-JSON', { filter: { op: 'between', args: [{ property: 'eo:cloud_cover' }, 10, 40] } }],
    ['a geometry in CQL2', { filter: 'S_INTERSECTS(geometry, POLYGON((0.5 10.5, 5.5 10.5, 5.5 10.6, 0.5 10.5)))' }],
    ['a time in CQL2', { filter: "datetime >= TIMESTAMP('2024-02-01T00:00:00Z')" }],
    ['a box', { bbox: [-5.5, 10, 3.5, 10.5] }],
    ['time and collection', { datetime: '2024-01-10T00:00:00Z/2024-01-20T00:00:00Z', collections: ['three'] }],
    ['what looks like SQL', { ids: ["'); DROP SCHEMA pgstac CASCADE; --"] }],
  ])('finds by %s what the lake finds', async (_, query) => {
    const { bbox, filter, ...rest } = query;
    const [ours, theirs] = await Promise.all([
      searchStac({
        lake,
        ...rest,
        ...(filter === undefined ? {} : { filter }),
        ...(bbox === undefined ? {} : { bbox: [bbox[0]!, bbox[1]!, bbox[2]!, bbox[3]!] }),
      }),
      searchPgstac({ database: database(), limit: 1000, ...query }),
    ]);
    const idsOf = (list: readonly { readonly id?: unknown }[]) => list.map(({ id }) => String(id)).sort();
    expect(idsOf(theirs.items)).toEqual(idsOf(ours.items.filter(({ id }) => id !== 'nowhere')));
  });

  it('gives many pages as one, up to the limit', async () => {
    const filter = 'eo:cloud_cover < 60';
    const whole = await searchPgstac({ database: database(), filter, limit: 1000 });
    expect(whole.items.length).toBeGreaterThan(30);
    const paged = await searchPgstac({ database: database(), filter, limit: 1000, pageSize: 7 });
    expect(paged).toEqual(whole);
    const some = await searchPgstac({ database: database(), filter, limit: 16, pageSize: 7 });
    expect(some.items).toEqual(whole.items.slice(0, 16));
  });

  it('leaves out what pgstac would refuse all for, and tells of lines that are no items', async () => {
    const odd = join(folder, 'odd.ndjson');
    const at = (id: string, properties: object) => makeItem(id, { ...items[1], id, properties });
    const backwards = { datetime: null, start_datetime: '2024-02-01T00:00:00Z', end_datetime: '2024-01-01T00:00:00Z' };
    const open = { datetime: null, start_datetime: '2024-02-01T00:00:00Z' };
    const interval = { ...open, end_datetime: '2024-02-03T00:00:00Z', title: 'C:\\new \\u0041' };
    const list = [at('backwards', backwards), at('open', open), at('interval', interval), { type: 'Table', id: 'x' }];
    writeFileSync(odd, lines([...list, collectionOf('empty')]));
    const report = await loadPgstac({ from: odd, database: database() });
    expect(report).toMatchObject({ items: 1, collections: 1, leftOut: 2 });
    expect(report.warnings).toHaveLength(1);
    const { items: found } = await searchPgstac({ database: database(), ids: ['backwards', 'open', 'interval'] });
    const { datetime: _null, ...properties } = interval; // it leaves nulls out
    expect(found).toMatchObject([{ id: 'interval', properties }]);
  });

  it('puts an item whose time has changed in the place of the older one', async () => {
    const moved = {
      ...items[3],
      properties: { ...(items[3]!.properties as object), datetime: '2030-05-05T00:00:00Z' },
    };
    const from = join(folder, 'moved.ndjson');
    for (const item of [moved, items[3]]) {
      writeFileSync(from, lines([item]));
      expect(await loadPgstac({ from, database: database() })).toMatchObject({ items: 1, collections: 0 });
      const { items: found } = await searchPgstac({ database: database(), ids: ['i3'] });
      expect(found).toMatchObject([{ properties: item!.properties }]);
    }
  });

  it(`stores items as pgstac's own function makes them slim, whatever items and collections say (seed ${SEED})`, async () => {
    const from = join(folder, 'seeded.ndjson');
    const { collections, odd } = oddItems(seeded(SEED));
    writeFileSync(from, lines([...collections, ...odd]));
    const loaded = await loadPgstac({ from, database: database() });
    expect(loaded).toMatchObject({ items: odd.length, collections: collections.length, leftOut: 0 });
    const ask = async (db: DuckDb) => {
      const found: string[] = [];
      for (const item of odd) {
        const { base } = (
          await askServer(db, `SELECT base_item::text AS base FROM pgstac.collections WHERE id = '${item.collection}'`)
        )[0]!;
        const slim = serverJson(slimItem(item as never, JSON.parse(String(base)) as JsonObject));
        const own = `SELECT count(*) AS n FROM pgstac.items, pgstac.content_slim(${serverJson(item as never)}) AS wanted
          WHERE id = '${item.id}' AND content = wanted AND wanted - 'pgstac:base_item' = ${slim}`;
        if (Number((await askServer(db, own))[0]!['n']) !== 1) found.push(JSON.stringify(item));
      }
      return found;
    };
    const unlike = await withPgstac({ database: database() }, (db) => inTransaction(db, undefined, () => ask(db)));
    expect(unlike).toEqual([]);
  });

  it('leaves it to the database where that makes items slim in another way', async () => {
    const other = databaseNamed('other');
    runPsql(server!, 'postgres', '-c', 'CREATE DATABASE other TEMPLATE theirs');
    const slim = `SELECT jsonb_build_object('slimmed', true) || (_item - '{id,geometry,collection,type}'::text[])`;
    runPsql(
      server!,
      'other',
      '-c',
      `CREATE OR REPLACE FUNCTION pgstac.content_slim(_item jsonb) RETURNS jsonb AS $$ ${slim} $$ LANGUAGE sql`,
    );
    expect(await loadPgstac({ from: path, database: other })).toMatchObject({ items: 60 });
    const { items: found } = await searchPgstac({ database: other, limit: 1000 });
    expect(found).toHaveLength(60);
    expect(found.every((item) => item['slimmed'] === true)).toBe(true);
  });

  it.skipIf(!existsSync(PYPGSTAC) || process.env['HELIOCUBE_PGSTAC_SQL'] !== undefined)(
    "holds what pypgstac's own loader puts there, and pypgstac finds the same",
    async () => {
      const [collections, its] = [join(folder, 'collections.ndjson'), join(folder, 'its.ndjson')];
      writeFileSync(collections, lines([three, collectionOf("it's")]));
      writeFileSync(its, lines(items));
      const theirs = databaseNamed('theirs');
      pypgstac(theirs, 'load', 'collections', collections, '--method', 'upsert');
      pypgstac(theirs, 'load', 'items', its, '--method', 'upsert');
      const filter = { op: '<', args: [{ property: 'eo:cloud_cover' }, 50] };
      for (const query of [{ ids: items.map(({ id }) => id) }, { filter, collections: ['three', "it's"] }]) {
        const [loaded, wanted] = await Promise.all(
          [database(), theirs].map((one) => searchPgstac({ ...query, database: one, limit: 1000 })),
        );
        const same = loaded!.items.filter(({ id }) => id !== 'interval');
        expect(same.length).toBeGreaterThan(20);
        expect(byId(same)).toEqual(byId(wanted!.items));
      }
      const asked = { filter, 'filter-lang': 'cql2-json', collections: ['three'], limit: 1000 };
      const found = JSON.parse(pypgstac(database(), 'search', JSON.stringify(asked))) as { features: { id: string }[] };
      const ours = await searchPgstac({ filter, collections: ['three'], database: database() });
      expect(ours.items).toEqual(found.features);
    },
  );
});

/** Ten collections that say something of their items' assets, and items that say the same, other things, more or less. */
function oddItems(random: () => number) {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const value = (depth: number): unknown => {
    if (depth > 3 || random() < 0.5) return pick([null, 0, 1, -1.5e3, 0.1, true, '', 'a', "it's \\u0041", {}, []]);
    const size = Math.floor(random() * 4);
    if (random() < 0.4) return Array.from({ length: size }, () => value(depth + 1));
    return Object.fromEntries(Array.from({ length: size }, () => [pick(KEYS), value(depth + 1)]));
  };
  const near = (one: unknown): unknown => {
    if (random() < 0.15) return value(2);
    if (Array.isArray(one)) return one.map(near);
    if (typeof one !== 'object' || one === null) return one;
    const kept = Object.entries(one).filter(() => random() < 0.9);
    const more = random() < 0.2 ? [[pick(KEYS), value(2)] as const] : [];
    return Object.fromEntries([...kept.map(([key, own]) => [key, near(own)] as const), ...more]);
  };
  const nearFields = (one: object) => Object.fromEntries(Object.entries(one).map(([key, own]) => [key, near(own)]));
  const bases = Array.from({ length: 10 }, () => ({ red: { ...red, x: value(1) }, blue: value(1), nir: value(0) }));
  const collections = bases.map((assets, i) => collectionOf(`odd${i}`, { item_assets: assets }));
  const odd = bases.flatMap((assets, i) =>
    Array.from({ length: 12 }, (_, k) => ({
      ...makeItem(`odd${i}-${k}`, { ...items[k], assets: nearFields(assets), [pick(KEYS)]: value(1) }),
      id: `odd${i}-${k}`,
      collection: `odd${i}`,
    })),
  );
  return { collections, odd };
}

/** What pypgstac prints. */
function pypgstac(database: string, ...parameters: string[]): string {
  const ran = spawnSync(PYPGSTAC, ['--dsn', database, ...parameters], { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (ran.status !== 0) throw new Error(`pypgstac: ${ran.stderr}`);
  return ran.stdout;
}
