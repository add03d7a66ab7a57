import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cellToBoundary, latLngToCell } from 'h3-js';
import { beforeAll, describe, expect, it } from 'vitest';
import { fetchStac } from '../../../src/ingest/stac/fetch-stac.js';
import { searchStac, type StacSearchInput } from '../../../src/ingest/stac/search-stac.js';
import { createSources } from '../../../src/io/sources.js';
import type { Json } from '../../../src/stac/item.js';
import { harvestItems } from '../../../src/stac/search.js';
import { temporaryFolder } from '../../lake/temporary.js';
import { pythonWithOracles, runPython } from '../../python.js';
import { hasShared, sharedPath } from '../../shared.js';

const SCRIPT = fileURLToPath(new URL('matching_items.py', import.meta.url));
const folder = temporaryFolder();
const lake = join(folder, 'lake.ducklake');

type Item = {
  readonly id: string;
  readonly collection?: string;
  readonly geometry: Json;
  readonly properties: Record<string, Json>;
};

/** 1000 Sentinel-2 items of North America, ten that rustac has as JSON, and those across the antimeridian. */
function files(): string[] {
  const antimeridian = sharedPath('data/stac/earthsearch-v0-antimeridian');
  return [
    sharedPath('data/stac/rustac/1000-sentinel-2-items.parquet'),
    sharedPath('data/stac/rustac/item-collection.json'),
    ...readdirSync(antimeridian).map((name) => join(antimeridian, name)),
  ];
}

async function readItems(): Promise<Item[]> {
  const sources = createSources();
  const read = await Promise.all(files().map((stac) => harvestItems({ stac }, sources)));
  await sources.close();
  return read.flatMap(({ items }) => items.map(({ json }) => json as unknown as Item));
}

const boxOf = (west: number, south: number, east: number, north: number) => ({
  type: 'Polygon',
  coordinates: [[[west, south], [east, south], [east, north], [west, north], [west, south]]], // prettier-ignore
});

describe.skipIf(!hasShared)(`items of real catalogues${hasShared ? '' : ' (skipped: no ../shared)'}`, () => {
  let items: Item[] = [];
  const keys = (list: readonly { readonly id?: unknown; readonly collection?: unknown }[]) =>
    list.map(({ id, collection }) => `${String(collection)} ${String(id)}`).sort();
  const found = async (input: Omit<StacSearchInput, 'lake'>) => keys((await searchStac({ lake, ...input })).items);
  const expected = (test: (properties: Record<string, Json>, item: Item) => boolean) =>
    keys(items.filter((item) => test(item.properties, item)));

  beforeAll(async () => {
    items = await readItems();
    await fetchStac({ from: files(), lake });
  }, 300_000);

  it('are all there, once', async () => {
    expect(await found({})).toEqual(keys(items));
    expect(items).toHaveLength(1016);
    expect(new Set(keys(items)).size).toBe(1016);
  });

  it('come back with what they said', async () => {
    const whole = await searchStac({ lake });
    const stored = new Map(whole.items.map((item) => [item['id'], item]));
    for (const item of items) {
      const { properties, collection } = stored.get(item.id)!;
      expect({ properties, collection }).toEqual({ properties: item.properties, collection: item.collection });
    }
  });

  const cloud = (properties: Record<string, Json>) => properties['eo:cloud_cover'];
  const time = (properties: Record<string, Json>) => Date.parse(String(properties['datetime']));

  it('by time, cloud cover, collection and limit as one by one', async () => {
    const may = [Date.UTC(2023, 4, 1), Date.UTC(2023, 5, 1) - 1] as const;
    expect(await found({ datetime: '2023-05' })).toEqual(expected((p) => time(p) >= may[0] && time(p) <= may[1]));
    expect(await found({ maxCloudCover: 20 })).toEqual(
      expected((p) => cloud(p) === undefined || Number(cloud(p)) <= 20),
    );
    expect(await found({ collections: ['sentinel-s2-l2a'] })).toEqual(
      expected((_, { collection }) => collection === 'sentinel-s2-l2a'),
    );
    const { matched, items: first } = await searchStac({ lake, limit: 3 });
    const times = items.map(({ properties }) => time(properties)).sort((a, b) => b - a);
    expect(matched).toBe(1016);
    expect(first.map(({ properties }) => time(properties as Record<string, Json>))).toEqual(times.slice(0, 3));
  });

  it.each<[string, (properties: Record<string, Json>, item: Item) => boolean]>([
    ['eo:cloud_cover < 20', (p) => typeof cloud(p) === 'number' && Number(cloud(p)) < 20],
    ['NOT eo:cloud_cover < 20', (p) => typeof cloud(p) === 'number' && !(Number(cloud(p)) < 20)],
    [
      'eo:cloud_cover BETWEEN 10 AND 30 OR "mgrs:utm_zone" = 13',
      (p) => (Number(cloud(p)) >= 10 && Number(cloud(p)) <= 30) || p['mgrs:utm_zone'] === 13,
    ],
    [
      "platform IN ('sentinel-2b', 'Sentinel-2B')",
      (p) => ['sentinel-2b', 'Sentinel-2B'].includes(String(p['platform'])),
    ],
    ["CASEI(platform) LIKE CASEI('SENTINEL-2_')", (p) => /^sentinel-2.$/i.test(String(p['platform']))],
    ["grid:code LIKE 'MGRS-13T%' AND s2:processing_baseline >= '05.10'", (p) => String(p['grid:code']).startsWith('MGRS-13T') && String(p['s2:processing_baseline']) >= '05.10'], // prettier-ignore
    ['grid:code IS NULL', (p) => p['grid:code'] === undefined || p['grid:code'] === null],
    ["datetime > TIMESTAMP('2024-03-31T17:51:00Z')", (p) => time(p) > Date.UTC(2024, 2, 31, 17, 51)],
    [
      "T_DURING(datetime, INTERVAL('2023-06-01', '2023-12-31'))",
      (p) => time(p) > Date.UTC(2023, 5, 1) && time(p) < Date.UTC(2024, 0, 1) - 1,
    ],
    ["updated >= TIMESTAMP('2024-04-01T00:00:00Z')", (p) => Date.parse(String(p['updated'])) >= Date.UTC(2024, 3, 1)],
    ["id = 'no''such' OR collection = 'sentinel-2-l2a'", (_, { collection }) => collection === 'sentinel-2-l2a'],
    ['"no/such~name\'; DROP TABLE x" = 1', () => false],
    ['earthsearch:boa_offset_applied = TRUE', (p) => p['earthsearch:boa_offset_applied'] === true],
  ])('%s', async (filter, test) => {
    expect(await found({ filter })).toEqual(expected(test));
  });

  it.skipIf(pythonWithOracles() === null)(
    'at a place as shapely finds them one by one',
    async () => {
      const cell = (lon: number, lat: number, resolution: number) => latLngToCell(lat, lon, resolution);
      const cells = [cell(-105.5, 40.1, 3), cell(-105.5, 40.1, 5), cell(-105.5, 40.1, 8), cell(179.99, 66.9, 2), cell(-179.9, 66.9, 6), cell(-105, 40, 0)]; // prettier-ignore
      const boxes: [number, number, number, number][] = [
        [-106, 40, -105, 41],
        [-105.5001, 40.1, -105.5, 40.1001],
        [-180, 60, -179.5, 68],
        [179.5, 50, 180, 70],
        [-130, 20, -60, 60],
        [10, 10, 11, 11],
      ];
      const random = Array.from({ length: 12 }, (_, i) => [-106 + ((i * 37) % 100) / 50, 38 + ((i * 61) % 100) / 33]);
      const points = random.map((coordinates) => ({ type: 'Point', coordinates }));
      const places = [
        ...cells.map((one) => ({
          search: { cells: [one] },
          geometry: { type: 'Polygon', coordinates: [cellToBoundary(one, true)] },
        })),
        ...boxes.map((bbox) => ({ search: { bbox }, geometry: boxOf(...bbox) })),
        ...points.map((geometry) => ({ search: { intersects: geometry }, geometry })),
      ];
      const answer = (await runPython(
        SCRIPT,
        [],
        JSON.stringify({
          items: items.map(({ geometry }) => geometry),
          places: places.map(({ geometry }) => geometry),
        }),
      )) as { readonly meets: number[]; readonly covers: number[] }[];
      let total = 0;
      for (const [i, { search }] of places.entries()) {
        const told = (list: readonly number[]) => keys(list.map((place) => items[place]!));
        expect(await found(search), JSON.stringify(search)).toEqual(told(answer[i]!.meets));
        if (i < cells.length + 2) expect(await found({ ...search, covers: true })).toEqual(told(answer[i]!.covers));
        total += answer[i]!.meets.length;
      }
      expect(total).toBeGreaterThan(1000);
      // The same by label file, by CQL2, and all points at once.
      const path = join(folder, 'labels.geojson');
      const features = points.map((geometry) => ({ type: 'Feature', geometry, properties: {} }));
      writeFileSync(path, JSON.stringify({ type: 'FeatureCollection', features }));
      const any = new Set(answer.slice(-points.length).flatMap(({ meets }) => meets));
      expect(await found({ labels: path })).toEqual(keys([...any].map((i) => items[i]!)));
      expect(await found({ intersects: JSON.parse(readFileSync(path, 'utf8')) })).toEqual(
        keys([...any].map((i) => items[i]!)),
      );
      const box = boxes[2]!;
      expect(await found({ filter: `S_INTERSECTS(geometry, BBOX(${box.join(',')}))` })).toEqual(
        await found({ bbox: box }),
      );
      expect(await found({ bbox: [179.5, 50, -179.5, 70] })).toEqual([...new Set([...(await found({ bbox: [179.5, 50, 180, 70] })), ...(await found({ bbox: [-180, 50, -179.5, 70] }))])].sort()); // prettier-ignore
    },
    300_000,
  );
});
