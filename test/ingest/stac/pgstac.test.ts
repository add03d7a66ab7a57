import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { fetchStac } from '../../../src/ingest/stac/fetch-stac.js';
import { loadPgstac, searchPgstac, type PgstacSearchInput } from '../../../src/ingest/stac/pgstac.js';
import { searchStac } from '../../../src/ingest/stac/search-stac.js';
import { postgresServer } from '../../lake/postgres-server.js';
import { temporaryFolder } from '../../lake/temporary.js';
import { makeItem } from '../../stac/make-item.js';

const EXTENSIONS = '/usr/share/postgresql';
/** SQL of pgstac, such as pypgstac's migrations/pgstac.0.10.0.sql; it is downloaded by nobody here. */
const SQL = process.env['HELIOCUBE_PGSTAC_SQL'];

const hasPostgis =
  existsSync(EXTENSIONS) &&
  readdirSync(EXTENSIONS).some((version) => existsSync(join(EXTENSIONS, version, 'extension/postgis.control')));
const folder = temporaryFolder();
const server = postgresServer();

function psql(database: string, ...parameters: string[]): void {
  const settings = Object.fromEntries((server ?? '').split(' ').map((pair) => pair.split('=') as [string, string]));
  const place = ['-h', settings['host']!, '-U', settings['user']!, '-d', database];
  const ran = spawnSync('psql', [...place, '-q', '-v', 'ON_ERROR_STOP=1', ...parameters], { encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(ran.stderr);
}

const ring = (west: number, south: number) => [[west, south], [west + 1, south], [west + 1, south + 1], [west, south + 1], [west, south]]; // prettier-ignore
const items = Array.from({ length: 60 }, (_, i) =>
  makeItem(`i${i}`, {
    collection: i % 3 === 0 ? 'three' : "it's",
    bbox: [i - 30, 10, i - 29, 11],
    geometry: { type: 'Polygon', coordinates: [ring(i - 30, 10)] },
    properties: { datetime: new Date(Date.UTC(2024, 0, 1 + i)).toISOString(), 'eo:cloud_cover': (i * 7) % 100 },
  }),
);

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

describe.skipIf(server === null || !hasPostgis || SQL === undefined)('pgstac', () => {
  const lake = join(folder, 'lake.ducklake');
  const database = () => server!.replace('dbname=postgres', 'dbname=stac');
  const path = join(folder, 'items.ndjson');

  beforeAll(async () => {
    psql('postgres', '-c', 'CREATE DATABASE stac');
    psql('stac', '-c', 'CREATE EXTENSION postgis', '-c', 'CREATE EXTENSION btree_gist');
    psql('stac', '-f', SQL!);
    writeFileSync(path, [...items, makeItem('nowhere')].map((one) => `${JSON.stringify(one)}\n`).join(''));
    await fetchStac({ from: path, lake });
  }, 120_000);

  it('takes the items of a lake and of NDJSON, once', async () => {
    expect(readFileSync(path, 'utf8').trim().split('\n')).toHaveLength(61);
    expect(await loadPgstac({ lake, database: database(), collections: ['three'] })).toEqual({
      items: 20,
      collections: 1,
      leftOut: 0,
    });
    expect(await loadPgstac({ from: path, database: database() })).toEqual({ items: 60, collections: 1, leftOut: 1 });
    const { items: found } = await searchPgstac({ database: database(), limit: 1000 });
    expect(found).toHaveLength(60);
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
    const ours = await searchStac({
      lake,
      ...rest,
      ...(filter === undefined ? {} : { filter }),
      ...(bbox === undefined ? {} : { bbox: [bbox[0]!, bbox[1]!, bbox[2]!, bbox[3]!] }),
    });
    const theirs = await searchPgstac({ database: database(), limit: 1000, ...query });
    const idsOf = (list: readonly { readonly id?: unknown }[]) => list.map(({ id }) => String(id)).sort();
    expect(idsOf(theirs.items)).toEqual(idsOf(ours.items.filter(({ id }) => id !== 'nowhere')));
  });
});
