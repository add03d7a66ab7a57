import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCubeError } from '../../src/errors.js';
import { createSources } from '../../src/io/sources.js';
import { createMemorySources } from '../../src/io/memory-source.js';
import { seededRandom } from '../../src/sample/random.js';
import { groupItems } from '../../src/stac/group.js';
import { parseInstant, parseInterval } from '../../src/stac/interval.js';
import type { StacItem } from '../../src/stac/item.js';
import { parseItem } from '../../src/stac/parse-item.js';
import { periodNumber } from '../../src/stac/period.js';
import { resolveBand } from '../../src/stac/resolve-band.js';
import { searchItems } from '../../src/stac/search.js';
import { solarDay } from '../../src/stac/solar-day.js';
import { latestVersions } from '../../src/stac/versions.js';
import { hasShared, sharedPath } from '../shared.js';

const SEED = 99;
const day = (text: string) => Date.parse(`${text}T00:00:00Z`) / 86_400_000;

const ITEM = {
  type: 'Feature',
  stac_version: '1.0.0',
  id: 'S2A_33TWM_20230815_0_L2A',
  collection: 'sentinel-2-l2a',
  bbox: [15, 45, 16, 46],
  geometry: null,
  properties: {
    datetime: '2023-08-15T09:57:57.246+02:00',
    platform: 'sentinel-2a',
    'proj:epsg': 32633,
    'proj:transform': [10, 0, 0, 0, -10, 0, 0, 0, 1],
    'proj:shape': [100, 200],
    's2:sequence': '0',
  },
  assets: {
    B04: {
      href: './B04.tif',
      type: 'image/tiff; application=geotiff',
      roles: ['data'],
      'eo:bands': [{ name: 'B04', common_name: 'red' }],
      'raster:bands': [{ nodata: 0, scale: 1e-4, offset: -0.1, data_type: 'uint16' }],
    },
    multi: {
      href: 'https://example.com/multi.tif',
      bands: [{ name: 'a' }, { name: 'b', 'eo:common_name': 'nir' }],
      'proj:code': 'EPSG:4326',
    },
  },
} as const;
const URL_OF_ITEM = 'https://example.com/items/item.json';

describe('T1 solar days', () => {
  it.each([
    ['2024-03-01T23:30Z', 14.9, '2024-03-01'],
    ['2024-03-01T23:30Z', 15, '2024-03-02'],
    ['2024-03-01T23:30Z', 151.2, '2024-03-02'],
    ['2024-03-01T00:20Z', -14.9, '2024-03-01'],
    ['2024-03-01T00:20Z', -15, '2024-02-29'],
    ['2024-03-01T00:20Z', -122.4, '2024-02-29'],
    ['2024-03-01T22:15Z', 179.9, '2024-03-02'],
    ['2024-03-01T22:15Z', -179.9, '2024-03-01'],
  ])('T1 %s at %f° is %s', (time, lon, expected) => {
    expect(solarDay(Date.parse(time), lon)).toBe(day(expected));
  });
});

describe('T5 periods', () => {
  it('T5 weeks begin on Mondays, months and years follow the calendar, days and hours count from 2000', () => {
    const same = (period: string, a: string, b: string) =>
      periodNumber(period)(Date.parse(a)) === periodNumber(period)(Date.parse(b));
    expect(same('P1W', '2024-01-01T00:00Z', '2024-01-07T23:59Z')).toBe(true);
    expect(same('P1W', '2024-01-07T23:59Z', '2024-01-08T00:00Z')).toBe(false);
    expect(same('P1M', '2024-02-01T00:00Z', '2024-02-29T23:00Z')).toBe(true);
    expect(same('P1Y', '2023-12-31T23:59Z', '2024-01-01T00:00Z')).toBe(false);
    expect(same('P10D', '2000-01-01T00:00Z', '2000-01-10T23:00Z')).toBe(true);
    expect(same('PT6H', '2024-01-01T05:59Z', '2024-01-01T06:00Z')).toBe(false);
  });

  it('T5 dekads end after days 10, 20 and the month, seasons after February, May, August and November', () => {
    const steps = (period: string, times: string[]) => {
      const numbers = times.map((time) => periodNumber(period)(Date.parse(time)));
      return numbers.slice(1).map((number, i) => number - numbers[i]!);
    };
    const days = ['01', '10', '11', '20', '21', '29'].map((day) => `2024-02-${day}T23:59Z`);
    expect(steps('dekad', [...days, '2024-03-01T00:00Z'])).toEqual([0, 1, 0, 1, 0, 1]);
    const months = ['1999-11', '1999-12', '2000-02', '2000-03', '2000-05', '2000-06', '2000-08', '2000-09', '2000-12'];
    expect(
      steps(
        'season',
        months.map((month) => `${month}-15T00:00Z`),
      ),
    ).toEqual([1, 0, 1, 0, 1, 0, 1, 1]);
    expect(() => periodNumber('monthly')).toThrow(/dekad, season/);
  });
});

describe('groups', () => {
  it('T3 are the same whatever order the members come in', () => {
    const member = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      timeMs: fc.integer({ min: 0, max: 3 * 86_400_000 }),
      properties: fc.record({ cloud: fc.constantFrom(0, 1, 10, '1', 'a', null) }),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(member, { selector: ({ id, timeMs }) => `${id}${timeMs}` }),
        fc.constantFrom('time', 'solar_day', 'id', 'P1D'),
        fc.constantFrom('cloud', '-cloud'),
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        (members, groupby, order, keys) => {
          const options = { groupby, sortby: [order], midLon: 12 };
          const shuffled = members
            .map((one) => ({ one, key: keys.next().value ?? 0 }))
            .sort((a, b) => a.key - b.key)
            .map(({ one }) => one);
          expect(groupItems(shuffled, options)).toEqual(groupItems(members, options));
          const times = groupItems(members, options).map(({ timeMs }) => timeMs);
          expect(times).toEqual(times.toSorted((a, b) => a - b));
        },
      ),
    );
  });
});

describe('times', () => {
  it('offsets are normalised, intervals are closed, dates are whole days', () => {
    expect(parseInstant('2023-08-15T09:57:57.246+02:00')).toBe(Date.parse('2023-08-15T07:57:57.246Z'));
    expect(parseInstant('2023-02-30T00:00:00Z')).toBeNull();
    expect(parseInterval('2023-08-01/2023-08-31')).toEqual({
      fromMs: Date.parse('2023-08-01'),
      toMs: Date.parse('2023-09-01') - 1,
    });
    expect(parseInterval('../2023-08-31T00:00:00Z').fromMs).toBe(-Infinity);
    expect(() => parseInterval('yesterday')).toThrowError(/invalid-spec/);
    expect(() => parseInterval('2024-01-02/2024-01-01')).toThrowError(/ends before/);
  });
});

describe('items', () => {
  it('G5 CRS, transform of nine, shape, bands and absolute hrefs', () => {
    const item = parseItem(ITEM, URL_OF_ITEM);
    expect(item.timeMs).toBe(Date.parse('2023-08-15T07:57:57.246Z'));
    expect(item.assets[0]).toMatchObject({
      href: 'https://example.com/items/B04.tif',
      crs: { kind: 'epsg', code: 32633 },
      transform: [10, 0, 0, 0, -10, 0],
      shape: [100, 200],
      bands: [{ name: 'B04', commonName: 'red', nodata: 0, scale: 1e-4, offset: -0.1, dtype: 'uint16' }],
    });
    expect(item.assets[1]!.crs).toEqual({ kind: 'epsg', code: 4326 });
  });

  it('bands by key, by number, by name and by common name; else the candidates', () => {
    const item = parseItem(ITEM, URL_OF_ITEM);
    expect(resolveBand(item, 'B04').bandIndex).toBe(0);
    expect(resolveBand(item, 'red').asset.key).toBe('B04');
    expect(resolveBand(item, 'multi.2')).toMatchObject({ bandIndex: 1 });
    expect(resolveBand(item, 'nir')).toMatchObject({ bandIndex: 1 });
    expect(() => resolveBand(item, 'swir')).toThrowError(/B04.*multi/);
  });

  it('an asset that may not be read only matters when it is asked for', () => {
    const assets = {
      ...ITEM.assets,
      a: { href: 'file:///etc/passwd' },
      b: { href: 5 },
      c: 'none',
      d: { href: 'gs://x/y' },
    };
    const item = parseItem({ ...ITEM, assets }, URL_OF_ITEM);
    expect(item.brokenAssets?.map(({ key, problem }) => [key, problem.kind])).toEqual([
      ['a', 'forbidden'],
      ['b', 'invalid-data'],
      ['c', 'invalid-data'],
      ['d', 'forbidden'],
    ]);
    expect(resolveBand(item, 'red').asset.key).toBe('B04');
    expect(() => resolveBand(item, 'a')).toThrowError(/forbidden/);
    expect(() => resolveBand(item, 'b')).toThrowError(/asset "b": href is 5/);
  });

  it(`5000 mutants give an item or a CubeError (seed ${SEED})`, () => {
    const random = seededRandom(SEED);
    const junk = [null, true, -1, Infinity, '', 'nan', [], {}, [[]], { a: 1 }, 'file:///x', '\u0000'];
    const mutate = (value: unknown): unknown => {
      if (random() < 0.06) return junk[Math.floor(random() * junk.length)];
      if (Array.isArray(value)) return value.map(mutate);
      if (typeof value === 'object' && value !== null)
        return Object.fromEntries(
          Object.entries(value).map(([key, one]) => [random() < 0.03 ? `${key}x` : key, mutate(one)]),
        );
      return value;
    };
    for (let i = 0; i < 5000; i++) {
      try {
        const item = parseItem(mutate(ITEM), URL_OF_ITEM);
        for (const band of ['red', 'multi.2']) resolveBand(item, band);
      } catch (error) {
        if (!isCubeError(error)) throw error;
      }
    }
  });
});

describe('T8 versions', () => {
  const version = (id: string, baseline: string, code = 'MGRS-33TWM'): StacItem =>
    parseItem(
      { ...ITEM, id, properties: { ...ITEM.properties, 'grid:code': code, 's2:processing_baseline': baseline } },
      URL_OF_ITEM,
    );

  it('T8 keeps the latest processing and names it; neighbours stay', () => {
    const { kept, dropped } = latestVersions([
      version('old', '02.14'),
      version('new', '05.00'),
      version('next', '02.14', 'MGRS-33TWL'),
    ]);
    expect(kept.map(({ id }) => id).sort()).toEqual(['new', 'next']);
    expect(dropped.map(({ item, reason }) => [item.id, reason])).toEqual([['old', 'an older version of new']]);
  });
});

describe('search', () => {
  const memory = (files: Record<string, string>) =>
    createMemorySources(
      Object.fromEntries(Object.entries(files).map(([url, text]) => [url, new TextEncoder().encode(text)])),
    );

  it('reads NDJSON and item collections alike, each item once', async () => {
    const other = { ...ITEM, id: 'other', properties: { ...ITEM.properties, datetime: '2023-08-16T00:00:00Z' } };
    const lines = `${JSON.stringify(ITEM)}\n\n${JSON.stringify(other)}\n${JSON.stringify(ITEM)}\n`;
    const collection = JSON.stringify({ type: 'FeatureCollection', features: [other, ITEM] });
    const sources = memory({ 'https://example.com/a.ndjson': lines, 'https://example.com/c.json': collection });
    for (const stac of ['https://example.com/a.ndjson', 'https://example.com/c.json']) {
      expect((await searchItems({ stac }, sources)).items.map(({ id }) => id)).toEqual([ITEM.id, 'other']);
    }
    const filtered = await searchItems(
      { stac: 'https://example.com/c.json', datetime: '2023-08-16', query: { platform: { eq: 'sentinel-2a' } } },
      sources,
    );
    expect(filtered.items.map(({ id }) => id)).toEqual(['other']);
  });

  it.skipIf(!hasShared)('walks the real catalogue', async () => {
    const sources = createSources();
    const { items } = await searchItems(
      { stac: sharedPath('data/imagery/s2-earthsearch-static/catalog.json'), datetime: '2023-08-13' },
      sources,
    );
    expect(items.map(({ id }) => id)).toEqual(['S2B_33TWM_20230813_0_L2A', 'S2B_33TWL_20230813_0_L2A']);
    await sources.close();
  });
});
