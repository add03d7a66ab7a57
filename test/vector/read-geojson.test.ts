import { describe, expect, it } from 'vitest';
import { CubeError } from '../../src/errors.js';
import { parseGeoJson, parseGeoJsonSequence } from '../../src/vector/read-geojson.js';
import { mutated, seeded } from './mutate.js';
import { thrown } from '../thrown.js';

const SQUARE = {
  type: 'Polygon',
  coordinates: [
    [
      [10, 48],
      [10.01, 48],
      [10.01, 48.01],
      [10, 48.01],
      [10, 48],
    ],
  ],
};

function parse(text: string, crs?: string) {
  return parseGeoJson(new TextEncoder().encode(text), { path: '/labels.geojson', crs });
}

function collection(features: unknown[], more = ''): string {
  return `{ "type": "FeatureCollection", ${more} "features": ${JSON.stringify(features)} }`;
}

describe('GeoJSON', () => {
  it('is lon/lat unless the file or, where it does not say, the caller says otherwise', () => {
    const bytes = (more = '', at: unknown = SQUARE) =>
      new TextEncoder().encode(collection([{ type: 'Feature', properties: {}, geometry: at }], more));
    const read = (text: Uint8Array, crsIfAbsent?: string) => parseGeoJson(text, { path: '/a.geojson', crsIfAbsent });
    expect(read(bytes())).toMatchObject({ crs: { code: 4326 }, warnings: [] });
    expect(read(bytes(), 'EPSG:4269')).toMatchObject({ crs: { code: 4269 }, warnings: [] });
    const member = '"crs": { "type": "name", "properties": { "name": "EPSG:4258" } },';
    expect(read(bytes(member), 'EPSG:4269')).toMatchObject({ crs: { code: 4258 } });
    const metres = { type: 'Point', coordinates: [500_000, 5_300_000] };
    expect(read(bytes('"crs": null,', metres), 'EPSG:32633')).toMatchObject({ crs: { code: 32633 }, warnings: [] });
    const line = new TextEncoder().encode(JSON.stringify({ type: 'Feature', properties: {}, geometry: SQUARE }));
    expect(parseGeoJsonSequence(line, { path: '/a.geojsonl', crsIfAbsent: 'EPSG:4269' }).crs).toMatchObject({
      code: 4269,
    });
  });

  it('whose coordinates are degrees is not in metres, whatever a manifest says of it', () => {
    const text = new TextEncoder().encode(collection([{ type: 'Feature', properties: {}, geometry: SQUARE }]));
    expect(parseGeoJson(text, { path: '/a.geojson', crsIfAbsent: 'EPSG:3857' })).toMatchObject({
      crs: { code: 4326 },
      warnings: [expect.stringMatching(/all coordinates are degrees.*EPSG:3857/)],
    });
    expect(parseGeoJson(text, { path: '/a.geojson', crs: 'EPSG:3857' }).crs).toMatchObject({ code: 3857 });
  });

  it('numbers every feature and keeps what is no feature as a record with the reason', () => {
    const table = parse(
      collection([
        { type: 'Feature', id: 7, properties: { a: 1 }, geometry: SQUARE },
        'x',
        { type: 'Feature', properties: null, geometry: null },
      ]),
    );
    expect(table.records.map(({ record, id, geometry }) => [record, id, geometry.kind])).toEqual([
      [1, '7', 'polygons'],
      [2, null, 'unusable'],
      [3, null, 'unusable'],
    ]);
    expect(table.crs).toEqual({ kind: 'epsg', code: 4326 });
  });

  it('reads a bare feature and a bare geometry', () => {
    expect(
      parse(JSON.stringify({ type: 'Feature', properties: { features: [1] }, geometry: SQUARE })).records,
    ).toHaveLength(1);
    expect(parse(JSON.stringify(SQUARE)).records[0]?.geometry.kind).toBe('polygons');
  });

  it('takes the CRS of the 2008 format, and the stated one over it', () => {
    const crs = '"crs": { "type": "name", "properties": { "name": "urn:ogc:def:crs:EPSG::32633" } },';
    expect(parse(collection([], crs)).crs).toEqual({ kind: 'epsg', code: 32633 });
    expect(parse(collection([], crs), 'EPSG:3035').crs).toEqual({ kind: 'epsg', code: 3035 });
  });

  it('is not confused by brackets, quotes and "features" in text and properties', () => {
    const properties = { text: 'a ] } "features": [ \\" \u{1f31e}', features: [[1], { features: 2 }] };
    const table = parse(
      collection([{ type: 'Feature', properties, geometry: SQUARE }], '"note": {"features": [1]}, "name": "features",'),
    );
    expect(table.records[0]?.properties).toEqual(properties);
  });

  it('keeps ids above 2^53 digit for digit', () => {
    const text = collection([
      { type: 'Feature', properties: { osm: 'BIG', n: 12, t: '12345678901234567890' }, geometry: SQUARE },
    ]).replace('"BIG"', '12345678901234567890');
    expect(parse(text).records[0]?.properties).toEqual({
      osm: '12345678901234567890',
      n: 12,
      t: '12345678901234567890',
    });
  });

  it('says what is wrong with a collection', () => {
    expect(thrown(() => parse('{"type":"FeatureCollection","features":[{]'))).toMatchObject({
      kind: 'invalid-data',
      offset: expect.any(Number),
    });
    expect(thrown(() => parse('{"type":"FeatureCollection"}'))).toMatchObject({ kind: 'invalid-data' });
    expect(thrown(() => parse('nonsense'))).toMatchObject({ kind: 'invalid-data' });
    expect(thrown(() => parse('['.repeat(1_000_000)))).toMatchObject({
      kind: 'invalid-data',
      what: expect.stringContaining('nested deeper'),
    });
    expect(thrown(() => parse(collection([SQUARE, SQUARE]).replace('},{', '},,{')))).toMatchObject({
      kind: 'invalid-data',
    });
  });

  it('reads sequences with and without record separators', () => {
    const line = JSON.stringify({ type: 'Feature', properties: {}, geometry: SQUARE });
    const bytes = new TextEncoder().encode(`\u001e${line}\r\n\n${line}\n{"broken\n${line}`);
    const { records } = parseGeoJsonSequence(bytes, { path: '/labels.geojsonl' });
    expect(records.map(({ record, geometry }) => [record, geometry.kind])).toEqual([
      [1, 'polygons'],
      [2, 'polygons'],
      [3, 'unusable'],
      [4, 'polygons'],
    ]);
  });

  it('gives a value or a CubeError for 5,000 mutated files (seed 11)', () => {
    const random = seeded(11);
    const whole = new TextEncoder().encode(
      collection(
        [
          {
            type: 'Feature',
            id: 'a',
            properties: { name: 'Gänserndorf', n: 1.5, list: [1, { b: null }] },
            geometry: SQUARE,
          },
          {
            type: 'Feature',
            properties: {},
            geometry: { type: 'MultiPolygon', coordinates: [SQUARE.coordinates, SQUARE.coordinates] },
          },
          {
            type: 'Feature',
            properties: {},
            geometry: { type: 'GeometryCollection', geometries: [SQUARE, { type: 'Point', coordinates: [1, 2, 3] }] },
          },
        ],
        '"crs": { "type": "name", "properties": { "name": "urn:ogc:def:crs:OGC:1.3:CRS84" } },',
      ),
    );
    const outcomes = { value: 0, error: 0 };
    for (let i = 0; i < 5000; i++) {
      try {
        parseGeoJson(mutated(whole, random), { path: '/labels.geojson' });
        outcomes.value++;
      } catch (error) {
        expect(error).toBeInstanceOf(CubeError);
        outcomes.error++;
      }
    }
    expect(outcomes.value).toBeGreaterThan(100);
    expect(outcomes.error).toBeGreaterThan(100);
  });
});
