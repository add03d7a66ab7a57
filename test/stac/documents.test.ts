import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDuckDb, sqlString } from '../../src/duckdb/connection.js';
import { isCubeError } from '../../src/errors.js';
import { createMemorySources, MemorySource } from '../../src/io/memory-source.js';
import { createSources } from '../../src/io/sources.js';
import { seededRandom } from '../../src/sample/random.js';
import { readLines } from '../../src/stac/read-lines.js';
import { searchItems, type SearchQuery } from '../../src/stac/search.js';
import { makeItem, makeItems } from './make-item.js';

const SEED = 4711;
const ROOT = 'https://example.com/';
const bytesOf = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const memory = (files: Readonly<Record<string, unknown>>) =>
  createMemorySources(Object.fromEntries(Object.entries(files).map(([path, value]) => [ROOT + path, bytesOf(value)])));
const idsOf = ({ items }: { readonly items: readonly { readonly id: string }[] }) => items.map(({ id }) => id);
const search = (files: Readonly<Record<string, unknown>>, path: string, query: Omit<SearchQuery, 'stac'> = {}) =>
  searchItems({ ...query, stac: ROOT + path }, memory(files));

describe('static catalogues', () => {
  const link = (rel: string, href: string) => ({ rel, href });
  const files = {
    'catalog.json': {
      type: 'Catalog',
      id: 'c',
      links: [link('child', './a/collection.json'), link('child', 'b/collection.json')],
    },
    'a/collection.json': {
      type: 'Collection',
      id: 'images',
      item_assets: { red: { 'eo:bands': [{ name: 'B4', common_name: 'rouge' }] } },
      links: [link('root', '../catalog.json'), link('child', './year/catalog.json')],
    },
    // A cycle back to the root, and an item twice.
    'a/year/catalog.json': {
      type: 'Catalog',
      links: [link('item', './i.json'), link('item', 'i.json'), link('child', '../../catalog.json')],
    },
    'a/year/i.json': makeItem('i', { assets: { red: { href: '../i.tif' } } }),
    'b/collection.json': { type: 'Collection', id: 'others', links: [link('item', './missing.json')] },
  };

  it('are walked once, cycles or not; other collections are not read', async () => {
    const { items } = await search(files, 'catalog.json', { collections: ['images'] });
    expect(items).toHaveLength(1);
    expect(items[0]!.assets[0]).toMatchObject({ href: `${ROOT}a/i.tif`, bands: [{ commonName: 'rouge' }] });
    await expect(search(files, 'catalog.json')).rejects.toThrowError(/not-found.*missing\.json/);
  });

  it('an endless one is refused', async () => {
    const endless = {
      open: (url: string) =>
        new MemorySource(bytesOf({ type: 'Catalog', links: [link('child', './x/catalog.json')] }), url),
      close: async () => {},
    };
    await expect(searchItems({ stac: `${ROOT}catalog.json` }, endless)).rejects.toThrowError(/nested deeper than 32/);
  });
});

describe('filters', () => {
  const files = {
    'items.json': {
      type: 'FeatureCollection',
      features: [
        makeItem('plain', { properties: { 'eo:cloud_cover': 5, platform: 'sentinel-2a' } }),
        makeItem('range', {
          bbox: [179, 10, -179, 11],
          properties: { datetime: null, start_datetime: '2023-08-01T00:00:00Z', end_datetime: '2023-08-31T00:00:00Z' },
        }),
        makeItem('late', { properties: { datetime: '2023-09-01T00:00:00+02:00', 'eo:cloud_cover': 50 } }),
      ],
    },
  };

  it.each<[Omit<SearchQuery, 'stac'>, string[]]>([
    [{}, ['range', 'plain', 'late']],
    [{ datetime: '2023-08-31' }, ['range', 'late']],
    [{ datetime: '../2023-08-15T10:00:00Z' }, ['range', 'plain']],
    [{ ids: ['late', 'none'] }, ['late']],
    [{ collections: [] }, []],
    [{ query: { 'eo:cloud_cover': { lt: 10 } } }, ['plain']],
    [{ query: { 'eo:cloud_cover': { gte: 5, lte: 50 }, platform: { startsWith: 'sent' } } }, ['plain']],
    [{ query: { 'eo:cloud_cover': { in: [50, 51] } } }, ['late']],
    [{ query: { platform: { neq: 'landsat-8' } } }, ['plain']],
    [{ bbox: [178, 0, -178, 20] }, ['range']],
    [{ bbox: [-180, 0, -179.5, 20] }, ['range']],
    [{ bbox: [0, 0, 20, 60] }, ['plain', 'late']],
    [{ intersects: { type: 'Point', coordinates: [15.5, 46.5] } }, ['plain', 'late']],
    [{ limit: 1 }, ['range']],
  ])('%j', async (query, expected) => {
    expect(idsOf(await search(files, 'items.json', query))).toEqual(expected);
  });

  it('wrong conditions are named', async () => {
    const wrong: readonly [Omit<SearchQuery, 'stac'>, RegExp][] = [
      [{ query: { a: { near: 1 } } }, /source\.query\.a: unknown operator "near"/],
      [{ bbox: [1, 2, 3] }, /source\.bbox/],
      [{ bbox: [0, 50, 10, 40] }, /source\.bbox.*latitudes/],
      [{ bbox: [0, 0, 1, 1], intersects: {} }, /either bbox or intersects/],
      [{ intersects: { type: 'Point' } }, /source\.intersects/],
      [{ datetime: 'soon' }, /source\.datetime/],
    ];
    for (const [query, words] of wrong) await expect(search(files, 'items.json', query)).rejects.toThrowError(words);
  });
});

describe('item collections', () => {
  it('a broken item is left out with a warning; where all are broken it is an error', async () => {
    const broken = { ...makeItem('broken'), properties: { datetime: 5 } };
    const files = {
      'some.json': { type: 'FeatureCollection', features: [broken, makeItem('good')] },
      'none.json': { type: 'FeatureCollection', features: [broken] },
    };
    const found = await search(files, 'some.json');
    expect(idsOf(found)).toEqual(['good']);
    expect(found.warnings).toEqual([expect.stringMatching(/left out: item broken: datetime is 5/)]);
    await expect(search(files, 'none.json')).rejects.toThrowError(/item broken: datetime is 5/);
  });

  it('of two items with one id the one updated later counts, whichever comes first', async () => {
    const [old, current] = ['2023-01-01T00:00:00Z', '2024-01-01T00:00:00Z'].map((updated) =>
      makeItem('same', { properties: { updated } }),
    );
    for (const features of [
      [old, current],
      [current, old],
    ]) {
      const { items } = await search({ 'x.json': { type: 'FeatureCollection', features } }, 'x.json');
      expect(items.map(({ properties }) => properties['updated'])).toEqual(['2024-01-01T00:00:00Z']);
    }
  });
});

describe('NDJSON', () => {
  it('lines come whole whatever the pieces', async () => {
    const text = '{"a":1}\r\n\n  \n\u001e{"b":"é"}\n{"c":3}';
    for (let pieceBytes = 1; pieceBytes < 12; pieceBytes++) {
      const lines: string[] = [];
      for await (const { bytes } of readLines(new MemorySource(bytesOf(text)), { pieceBytes })) {
        lines.push(new TextDecoder().decode(bytes).trim());
      }
      expect(lines).toEqual(['{"a":1}', '{"b":"é"}', '{"c":3}']);
    }
  });

  it('a cut line is an error that says where', async () => {
    const text = `${JSON.stringify(makeItem('a'))}\n${JSON.stringify(makeItem('b')).slice(0, 50)}`;
    await expect(search({ 'i.ndjson': text }, 'i.ndjson')).rejects.toThrowError(/invalid-data.*at byte \d+.*not JSON/);
  });
});

it('a footprint around a pole is found beyond its corners, whatever box its item states', async () => {
  const ring = [[10, 75], [100, 75], [-170, 75], [-80, 75], [10, 75]]; // prettier-ignore
  const south = ring.map(([lon, lat]) => [lon, -lat!]);
  const files = {
    'items.json': {
      type: 'FeatureCollection',
      features: [
        makeItem('north', { bbox: [-180, 75, 180, 90], geometry: { type: 'Polygon', coordinates: [ring] } }),
        makeItem('south', { bbox: undefined, geometry: { type: 'Polygon', coordinates: [south] } }),
      ],
    },
  };
  const { items } = await search(files, 'items.json');
  expect(items.map(({ bbox }) => bbox)).toEqual([
    [-180, 75, 180, 90],
    [-180, -90, 180, -75],
  ]);
  expect(idsOf(await search(files, 'items.json', { bbox: [-60, 80, -50, 81] }))).toEqual(['north']);
  expect(idsOf(await search(files, 'items.json', { bbox: [-60, -81, -50, -80] }))).toEqual(['south']);
});

describe('stac-geoparquet', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'heliocube-test-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('gives the items it was made of, from a file and from elsewhere', async () => {
    const items = makeItems(30).map((item, index) => ({ ...item, 'eo:cloud_cover': index }));
    await writeFile(join(folder, 'items.json'), JSON.stringify(items));
    const path = join(folder, 'items.parquet');
    const db = await openDuckDb({ extensions: ['spatial'] });
    await db.run(`COPY (
      SELECT type, stac_version, id, collection, assets, properties.datetime::TIMESTAMP AS datetime, "eo:cloud_cover",
             {'xmin': bbox[1], 'ymin': bbox[2], 'xmax': bbox[3], 'ymax': bbox[4]} AS bbox,
             ST_AsWKB(ST_Point(15, 46)) AS geometry
      FROM read_json(${sqlString(join(folder, 'items.json'))})) TO ${sqlString(path)} (FORMAT parquet)`);
    await db.close();
    const sources = createSources();
    const query = { datetime: '2023-08-01T00:10:00Z/2023-08-01T00:19:00Z', query: { 'eo:cloud_cover': { gte: 15 } } };
    const local = await searchItems({ stac: path, ...query }, sources);
    expect(idsOf(local)).toEqual(['i015', 'i016', 'i017', 'i018', 'i019']);
    expect(local.items[0]).toMatchObject({
      bbox: [15, 46, 16, 47],
      geometry: { type: 'Point', coordinates: [15, 46] },
    });
    expect(local.items[0]!.assets[0]!.href).toBe('https://example.com/i015/red.tif');
    const bytes = (await sources.open(path).read('all')).bytes;
    const elsewhere = createMemorySources({ 'https://example.com/items': bytes });
    expect(idsOf(await searchItems({ stac: 'https://example.com/items', ...query }, elsewhere))).toEqual(idsOf(local));
    await sources.close();
  });

  it('keeps microseconds and the footprint in the own projection, which is WKB', async () => {
    await writeFile(join(folder, 'one.json'), JSON.stringify([makeItem('a')]));
    const path = join(folder, 'one.parquet');
    const db = await openDuckDb({ extensions: ['spatial'] });
    await db.run(`COPY (
      SELECT id, assets, TIMESTAMPTZ '2024-06-01 12:00:00.123456+02' AS datetime, TIMESTAMP '2024-06-01 10:00:00' AS updated,
             'infinity'::TIMESTAMP AS expires, ST_AsWKB(ST_Point(15, 46)) AS geometry, ST_AsWKB(ST_Point(500000, 5100000)) AS "proj:geometry"
      FROM read_json(${sqlString(join(folder, 'one.json'))})) TO ${sqlString(path)} (FORMAT parquet)`);
    await db.close();
    const sources = createSources();
    const { items } = await searchItems({ stac: path }, sources);
    await sources.close();
    expect(items[0]!.properties).toEqual({
      datetime: '2024-06-01T10:00:00.123456Z',
      updated: '2024-06-01T10:00:00.000Z',
      'proj:geometry': { type: 'Point', coordinates: [500000, 5100000] },
    });
  });

  it('other or broken Parquet is invalid data', async () => {
    const files = { 'broken.parquet': 'PAR1 and nothing else PAR1' };
    await expect(search(files, 'broken.parquet')).rejects.toThrowError(/invalid-data/);
  });
});

it(`5000 mutated documents give items or a CubeError (seed ${SEED})`, async () => {
  const random = seededRandom(SEED);
  const texts = [
    JSON.stringify({ type: 'FeatureCollection', features: makeItems(2), links: [{ rel: 'self', href: './x' }] }),
    JSON.stringify({
      type: 'Collection',
      id: 'images',
      links: [{ rel: 'item', href: './i.json' }],
      item_assets: { red: {} },
    }),
    makeItems(2)
      .map((item) => JSON.stringify(item))
      .join('\n'),
  ];
  for (let i = 0; i < 5000; i++) {
    const bytes = bytesOf(texts[i % texts.length]!);
    for (let n = 0; n < 1 + (i % 3); n++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    const sources = createMemorySources({ [`${ROOT}x.json`]: bytes, [`${ROOT}i.json`]: bytesOf(makeItem('i')) });
    try {
      await searchItems({ stac: `${ROOT}x.json`, datetime: '2023', bbox: [0, 0, 90, 90] }, sources);
    } catch (error) {
      if (!isCubeError(error)) throw error;
    }
  }
});
