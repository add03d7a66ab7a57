import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ingest } from '../../../src/ingest/ingest.js';
import { fetchStac, type StacFetchInput } from '../../../src/ingest/stac/fetch-stac.js';
import { queryLakeRows } from '../../../src/lake/query.js';
import { temporaryFolder } from '../../lake/temporary.js';
import { startApiServer, type ApiItem, type ApiServer } from '../../stac/api-server.js';
import { makeItem } from '../../stac/make-item.js';

const folder = temporaryFolder();
const servers: ApiServer[] = [];
let count = 0;
const newLake = () => join(folder, `lake-${++count}.ducklake`);
const rows = (lake: string, sql: string) =>
  queryLakeRows({ catalog: lake, dataPath: lake.replace(/\.ducklake$/, '/') }, sql);
const ids = async (lake: string) =>
  (await rows(lake, 'SELECT item_id FROM stac_items ORDER BY 1')).map((row) => row['item_id']);

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(items: readonly ApiItem[]): Promise<ApiServer> {
  const server = await startApiServer({ items });
  servers.push(server);
  return server;
}

/** A scene a degree wide whose south-west corner is given. */
function scene(id: string, west: number, south: number, properties: object = {}, more: object = {}): ApiItem {
  const [east, north] = [west + 1, south + 1];
  const ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]; // prettier-ignore
  return makeItem(id, {
    bbox: [west, south, east, north],
    geometry: { type: 'Polygon', coordinates: [ring] },
    properties,
    ...more,
  });
}

function file(name: string, items: readonly ApiItem[]): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify({ type: 'FeatureCollection', features: items }));
  return path;
}

const fetchFile = (lake: string, name: string, items: readonly ApiItem[], more: Partial<StacFetchInput> = {}) =>
  fetchStac({ lake, from: file(name, items), ...more });

describe('a fetch of STAC items', () => {
  it('writes nothing where nothing has changed, and replaces what has', async () => {
    const lake = newLake();
    const items = [scene('a', 0, 0), scene('b', 5, 5), makeItem('c', { bbox: undefined, collection: undefined })];
    expect(await fetchFile(lake, 'one.json', items)).toMatchObject({ added: 3, replaced: 0, unchanged: 0 });
    const cells = await rows(lake, 'SELECT item_id, resolution, count(*) AS n FROM item_h3 GROUP BY ALL ORDER BY ALL');
    expect(cells.map((row) => [row['item_id'], row['resolution']])).toEqual(
      ['a', 'b'].flatMap((id) => [3, 4, 5].map((resolution) => [id, resolution])),
    );
    const again = await fetchFile(lake, 'one.json', items);
    expect(again).toMatchObject({ added: 0, replaced: 0, unchanged: 3, runId: null, snapshotId: null });
    const changed = [scene('a', 40, 40), items[1]!, items[2]!, scene('a', 0, 0, {}, { collection: 'others' })];
    const third = await fetchFile(lake, 'two.json', changed);
    expect(third).toMatchObject({ added: 1, replaced: 1, unchanged: 2 });
    const left = await rows(lake, 'SELECT item_id, collection, xmin, run_id FROM stac_items ORDER BY ALL');
    expect(left.map((row) => [row['item_id'], row['collection'], row['xmin']])).toEqual([
      ['a', 'images', 40],
      ['a', 'others', 0],
      ['b', 'images', 5],
      ['c', null, null],
    ]);
    expect(left.filter((row) => row['run_id'] === third.runId)).toHaveLength(2);
    const after = await rows(lake, 'SELECT count(*) AS n, count(DISTINCT (item_id, collection, h3)) AS d FROM item_h3');
    expect(after[0]!['n']).toBe(after[0]!['d']);
    expect(await rows(lake, 'SELECT count(*) AS n FROM stac_fetches')).toEqual([{ n: 2n }]);
  });

  it('reads a published manifest: collections, cloud cover, filter, items of a place, priority', async () => {
    const cloudy = (id: string, cover: number, more: object = {}) =>
      scene(id, 15, 46, { 'eo:cloud_cover': cover }, { collection: 'sentinel-2-l2a', ...more });
    const server = await serve([
      cloudy('s1', 5),
      cloudy('s2', 12, { properties: { 'eo:cloud_cover': 12, platform: 'x' } }),
      cloudy('s3', 19),
      cloudy('s4', 30),
      scene('r1', 15, 46, {}, { collection: 'sentinel-1-grd' }),
      scene('elsewhere', 80, 10, {}, { collection: 'sentinel-1-grd' }),
      scene('other', 15, 46, {}, { collection: 'other' }),
    ]);
    const entry = (priority: number, more: object) => ({
      display_name: 'An API',
      catalog_type: 'api',
      catalog_uri: server.url,
      priority,
      skip: false,
      ...more,
    });
    const manifest = {
      second: entry(2, { include_collections: ['sentinel-2-l2a', 'nothing'] }),
      first: entry(1, {
        include_collections: ['sentinel-2-l2a', 'sentinel-1-grd'],
        collection_sensors: { 'sentinel-2-l2a': { platform: 'Sentinel-2A/B' } },
        search_parameters: {
          max_cloud_cover: 20,
          date_range: '2020-01-01/2024-12-31',
          buffer_meters: 1000,
          max_items_per_location: 2,
        },
        cql_filter: "platform <> 'x'",
      }),
      vectors: { catalog_type: 'static', catalog_uri: 'https://example.com/catalog.json', data_type: 'vector' },
      skipped: entry(1, { skip: true }),
    };
    const lake = newLake();
    const report = await fetchStac({ from: manifest, lake, bbox: [15.2, 46.2, 15.3, 46.3] });
    expect(
      report.sources.map(({ name, status, requests, found, items, cloudy: c, filtered, beyond, known }) => [
        name,
        status,
        requests,
        found,
        items,
        c,
        filtered,
        beyond,
        known,
      ]),
    ).toEqual([
      ['second', 'fetched', 1, 4, 2, 0, 0, 0, 2],
      // Clouds are asked for where items tell them, and those that do not are asked for by themselves.
      ['first', 'fetched', 2, 4, 3, 0, 1, 0, 0],
      ['vectors', 'skipped', 0, 0, 0, 0, 0, 0, 0],
      ['skipped', 'skipped', 0, 0, 0, 0, 0, 0, 0],
    ]);
    expect(report.sources[0]!.warnings).toEqual(['no item of collection "nothing"']);
    expect(await ids(lake)).toEqual(['r1', 's1', 's2', 's3', 's4']);
  });

  it('takes of each place the least cloudy items, of equals the newest', async () => {
    const at = (id: string, west: number, cover: number | undefined, day: number) =>
      scene(id, west, 46, {
        ...(cover === undefined ? {} : { 'eo:cloud_cover': cover }),
        datetime: `2023-08-0${day}T00:00:00Z`,
      });
    const items = [
      at('a', 15, 1, 1),
      at('b', 15, 1, 2),
      at('c', 15, 0, 1),
      at('d', 15, undefined, 9),
      at('e', 30, 90, 1),
    ];
    const lake = newLake();
    const report = await fetchFile(lake, 'places.json', items, { maxItems: 2 });
    expect(report.sources[0]).toMatchObject({ found: 5, items: 2, beyond: 3 });
    expect(await ids(lake)).toEqual(['b', 'c']);
  });

  it('searches around the sites of the lake, all in one request', async () => {
    const lake = newLake();
    const corner = (lon: number, lat: number) => ({ type: 'Polygon', coordinates: [[[lon, lat], [lon + 0.001, lat], [lon + 0.001, lat + 0.001], [lon, lat + 0.001], [lon, lat]]] }); // prettier-ignore
    const places = [[15.5, 46.5], [15.6, 46.6], [-120.5, 35.5], [179.9995, -16.5]] as const; // prettier-ignore
    const features = places.map(([lon, lat]) => ({ type: 'Feature', geometry: corner(lon, lat), properties: {} }));
    writeFileSync(join(folder, 'sites.geojson'), JSON.stringify({ type: 'FeatureCollection', features }));
    await ingest({ manifest: { set: { doi: 'sites.geojson', repo: 'local' } }, folder, lake, models: false });
    const server = await serve([
      scene('here', 15, 46),
      scene('there', -121, 35),
      scene('east', 179, -17),
      scene('west', -180, -17),
      scene('nowhere', 60, 10),
      // Meets the box around all sites and none of them.
      scene('between', -60, 20),
    ]);
    const report = await fetchStac({ from: server.url, lake, sites: true, bufferM: 100 });
    expect(report.sources[0]).toMatchObject({ requests: 1, found: 4 });
    expect(await ids(lake)).toEqual(['east', 'here', 'there', 'west']);
    expect(server.requests.filter(({ path }) => path === '/v1/search')).toHaveLength(1);
  });

  it('asks for a place where an API is read', async () => {
    const server = await serve([]);
    await expect(fetchStac({ from: server.url, lake: newLake() })).rejects.toThrow(/no place is given/);
    const lake = newLake();
    await fetchFile(lake, 'none.json', [scene('a', 0, 0)]);
    await expect(fetchStac({ from: server.url, lake, sites: true })).rejects.toThrow(/no-data: the lake has no sites/);
  });

  it('stores no signature, and nothing that a remote item may not name', async () => {
    const signed = 'https://acct.blob.core.windows.net/c/red.tif?st=2024&se=2025&sp=rl&sv=2023&sr=c&sig=SECRET';
    const server = await serve([
      makeItem('a', {
        assets: {
          red: {
            href: signed,
            alternate: { s3: { href: 'https://b.s3.amazonaws.com/r.tif?versionId=7&X-Amz-Signature=SECRET' } },
          },
          secret: { href: 'file:///etc/passwd' },
          tiles: { href: 'https://example.com/tiles.json?collection=c&item=a' },
        },
        links: [
          { rel: 'self', href: 'https://user:SECRET@example.com/a.json?token=SECRET' },
          { rel: 'x', href: 'file:///etc/passwd' },
        ],
      }),
    ]);
    const lake = newLake();
    const report = await fetchStac({ from: server.url, lake, bbox: [-180, -90, 180, 90] });
    const [row] = await rows(lake, 'SELECT assets, links, self_href, properties FROM stac_items');
    expect(JSON.stringify(row)).not.toMatch(/SECRET|passwd/);
    expect(JSON.parse(String(row!['assets']))).toEqual({
      red: {
        href: 'https://acct.blob.core.windows.net/c/red.tif',
        alternate: { s3: { href: 'https://b.s3.amazonaws.com/r.tif?versionId=7' } },
      },
      tiles: { href: 'https://example.com/tiles.json?collection=c&item=a' },
    });
    expect(row!['self_href']).toBe('https://example.com/a.json');
    expect(report.sources[0]!.warnings.join()).toMatch(/asset "secret" cannot be used/);
  });

  it('cuts footprints at the antimeridian and keeps boxes around most of the world', async () => {
    const lake = newLake();
    await fetchFile(lake, 'edges.json', [
      makeItem('jump', { bbox: [179, 0, -179, 1], geometry: { type: 'Polygon', coordinates: [[[179, 0], [-179, 0], [-179, 1], [179, 1], [179, 0]]] } }), // prettier-ignore
      scene('wide', -170, 0, {}, { bbox: [-170, -60, 170, 60], geometry: { type: 'Polygon', coordinates: [[[-170, -60], [170, -60], [170, 60], [-170, 60], [-170, -60]]] } }), // prettier-ignore
      makeItem('pole', { bbox: [-180, 80, 180, 90], geometry: { type: 'Polygon', coordinates: [[[0, 80], [90, 80], [180, 80], [-90, 80], [0, 80]]] } }), // prettier-ignore
      makeItem('line', { bbox: [1, 1, 2, 2], geometry: { type: 'LineString', coordinates: [[1, 1], [2, 2]] } }), // prettier-ignore
    ]);
    const found = await rows(
      lake,
      `SELECT item_id, ST_GeometryType(geometry)::VARCHAR AS kind, round(ST_Area(geometry), 3) AS area, (SELECT max(resolution) FROM item_h3 h WHERE h.item_id = i.item_id) AS finest
       FROM stac_items i ORDER BY 1`,
    );
    expect(found.map((row) => [row['item_id'], row['kind'], row['area'], row['finest']])).toEqual([
      ['jump', 'MULTIPOLYGON', 2, 5],
      ['line', 'POLYGON', 1, 5],
      ['pole', 'POLYGON', 3600, 3],
      ['wide', 'POLYGON', 40800, 1],
    ]);
  });

  it('goes on without catalogues that fail, when it is told to', async () => {
    const lake = newLake();
    const from = [join(folder, 'absent.json'), file('there.json', [scene('a', 0, 0)])];
    await expect(fetchStac({ from, lake })).rejects.toThrow(/not-found/);
    const manifest = { gone: { catalog_uri: 'absent.json' }, there: { catalog_uri: 'there.json' } };
    const report = await fetchStac({ from: manifest, folder, lake, keepGoing: true });
    expect(report.sources.map(({ name, status }) => [name, status])).toEqual([
      ['gone', 'failed'],
      ['there', 'fetched'],
    ]);
    expect(report.sources[0]!.problem).toMatchObject({ kind: 'not-found' });
  });
});
