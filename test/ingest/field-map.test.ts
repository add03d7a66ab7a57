import { describe, expect, it } from 'vitest';
import { FieldMapper, type Misread } from '../../src/ingest/apply-field-map.js';
import { fieldMapSchema } from '../../src/ingest/manifest-schema.js';
import { formatDay } from '../../src/ingest/parse-days.js';
import type { Json } from '../../src/stac/item.js';

function read(map: object, properties: { [key: string]: Json }, nulls: string[] = []) {
  const misread: Misread[] = [];
  const attributes = new FieldMapper(fieldMapSchema.parse(map), nulls).read(properties, (one) => misread.push(one));
  return { attributes, misread };
}

describe('a field map', () => {
  it('converts units once', () => {
    for (const [unit, m2] of [
      ['m2', 2],
      ['km2', 2e6],
      ['ha', 2e4],
      ['acre', 8093.7128448],
      ['ft2', 0.18580608],
    ] as const) {
      const { attributes } = read({ area_src: { column: 'a', unit, kind: 'panel' } }, { a: 2 });
      expect(attributes).toMatchObject({ areaSrcM2: m2, areaSrcUnit: unit, areaSrcKind: 'panel' });
    }
    for (const [unit, mw] of [
      ['W', 5e-6],
      ['kWp', 5e-3],
      ['MW', 5],
      ['GWp', 5000],
    ] as const) {
      expect(read({ cap_dc: { column: 'p', unit } }, { p: 5 }).attributes.capDcMw).toBeCloseTo(mw, 12);
    }
  });

  it('knows what marks a missing value, also in words of the source', () => {
    const map = { cap_ac: 'p', tilt_deg: 't', admin1: 's', native_id: 'id' };
    for (const missing of [-9999, '-9999', '', 'nan', 'NaN', 'NA', 'null', 'None', null]) {
      const { attributes, misread } = read(map, { p: missing, t: missing, s: missing, id: missing });
      expect(attributes).toMatchObject({ capAcMw: null, tiltDeg: null, admin1: null, nativeId: null });
      expect(misread).toEqual([]);
    }
    expect(read(map, { s: 'unbekannt' }, ['unbekannt']).attributes.admin1).toBeNull();
    expect(read(map, { s: 'nancy' }).attributes.admin1).toBe('nancy');
  });

  it('takes the first column that has a value, and maps words', () => {
    const map = {
      native_id: { column: ['osm_id', 'repd_id'] },
      setting: { column: 'located', map: { rood: 'rooftop', gound: 'ground' } },
      mount: { value: 'fixed' },
    };
    const { attributes } = read(map, { osm_id: null, repd_id: 7, located: 'rood' });
    expect(attributes).toMatchObject({ nativeId: '7', setting: 'rooftop', mount: 'fixed' });
    expect(read(map, { located: 'Ground' }).attributes.setting).toBe('ground');
  });

  it('tells what it cannot read, and keeps it null', () => {
    const map = { tilt_deg: 't', installed: 'd', mount: 'm', cap_ac: 'p', confidence: { column: 'c', scale: 4 } };
    const { attributes, misread } = read(map, { t: 120, d: 'soon', m: 'magnets', p: 'many', c: 9 });
    expect(attributes).toMatchObject({ tiltDeg: null, instStart: null, instEnd: null, mount: null, capAcMw: null });
    expect(misread.map(({ target }) => target).sort()).toEqual([
      'cap_ac',
      'confidence',
      'installed',
      'mount',
      'tilt_deg',
    ]);
    expect(read(map, { c: 3 }).attributes).toMatchObject({ confidence: 0.75, confSrc: 'c' });
  });

  it('makes intervals of install dates, open where the source knows one side only', () => {
    const days = (map: object, value: Json) => {
      const { instStart, instEnd } = read({ installed: map }, { d: value }).attributes;
      return [instStart, instEnd].map((day) => (day === null ? null : formatDay(day)));
    };
    expect(days({ column: 'd' }, 2019)).toEqual(['2019-01-01', '2019-12-31']);
    expect(days({ column: 'd', censored: 'before' }, 2020)).toEqual([null, '2020-12-31']);
    expect(days({ column: 'd', censored: 'after' }, 2020)).toEqual(['2020-01-01', null]);
    expect(days({ value: '<2021-12-31' }, null)).toEqual([null, '2021-12-31']);
  });

  it('takes the quarter of a year from a column of its own', () => {
    const map = { installed: { column: 'y', quarter: 'q' } };
    const days = (y: Json, q: Json) => {
      const { instStart, instEnd } = read(map, { y, q }).attributes;
      return [instStart, instEnd].map((day) => (day === null ? null : formatDay(day)));
    };
    const fourth = ['2017-10-01', '2017-12-31'];
    for (const quarter of [4, '4', '4.0', '2017Q4', '2017-Q4']) expect(days(2017, quarter)).toEqual(fourth);
    for (const odd of [0, 5, null, 'x', '2018Q1', -9999]) expect(days(2017, odd)).toEqual(['2017-01-01', '2017-12-31']);
    expect(days(null, 4)).toEqual([null, null]);
    expect(new FieldMapper(fieldMapSchema.parse(map)).columns()).toEqual(['y', 'q']);
  });

  it('turns azimuths into 0 to 360 from north', () => {
    expect(read({ azimuth_deg: 'a' }, { a: -90 }).attributes.azimuthDeg).toBe(270);
    expect(read({ azimuth_deg: 'a' }, { a: 180 }).attributes.azimuthDeg).toBe(180);
    expect(read({ azimuth_deg: 'a' }, { a: 400 }).attributes.azimuthDeg).toBeNull();
  });

  it('tells the column that each value is from', () => {
    const map = {
      native_id: { column: ['osm_id', 'repd_id'] },
      cap_dc: { column: ['repd', 'osm'], kind: ['reported', 'estimated'], unit: 'MWp' },
      cap_ac: { column: 'ac', kind: 'reported' },
      area_src: { column: ['panel', 'site'], kind: ['panel', 'site'] },
      installed: { column: ['d', 'e'] },
      confidence: { column: ['c', 'j'] },
      setting: { column: ['s', 't'], map: { none: null, roof: 'rooftop', x: 'y' } },
      country_iso3: { value: 'GBR' },
      tilt_deg: 'tilt',
    };
    const row = { repd_id: 7, repd: -9999, osm: 2, ac: 1, site: 9, e: 2019, j: 0.5, s: 'none', t: 'roof', tilt: 999 };
    const { attributes } = read(map, row);
    expect(attributes).toMatchObject({
      nativeId: '7',
      capDcMw: 2,
      capKind: 'estimated',
      capDcKind: 'estimated',
      capAcKind: 'reported',
      areaSrcKind: 'site',
      confSrc: 'j',
      setting: 'rooftop',
      countryIso3: 'GBR',
    });
    expect(attributes.provenance).toEqual({
      native_id: 'repd_id',
      cap_dc: 'osm',
      cap_ac: 'ac',
      area_src: 'site',
      installed: 'e',
      confidence: 'j',
      setting: 't',
    });
    expect(read(map, { repd: 3 }).attributes).toMatchObject({ capKind: 'reported', capAcKind: null });
    for (const column of ['a', ['a'], ['a', 'b', 'c']])
      expect(fieldMapSchema.safeParse({ cap_dc: { column, kind: ['reported', 'estimated'] } }).success).toBe(false);
  });

  it('takes countries by their codes of three or two letters', () => {
    const country = (value: Json) => {
      const { attributes, misread } = read({ country_iso3: 'c' }, { c: value });
      return [attributes.countryIso3, misread.map(({ target }) => target)];
    };
    expect(country('DEU')).toEqual(['DEU', []]);
    expect(country(' gb ')).toEqual(['GBR', []]);
    expect(country('XK')).toEqual(['XKX', []]);
    expect(country(null)).toEqual([null, []]);
    for (const odd of ['Germany', 'ZZZ', 'GB-ENG', 276]) expect(country(odd)).toEqual([null, ['country_iso3']]);
  });

  it('names its columns', () => {
    const map = fieldMapSchema.parse({ native_id: { column: ['a', 'b'] }, tilt_deg: 'c' });
    expect(new FieldMapper(map).columns()).toEqual(['a', 'b', 'c']);
  });
});
