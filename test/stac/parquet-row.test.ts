import { expect, it } from 'vitest';
import { itemOfRow } from '../../src/stac/parquet-row.js';

it('a row becomes the item it was made of, without what only other rows have', () => {
  const row = {
    id: 'a',
    stac_version: '1.1.0',
    bbox: { xmin: 1, ymin: 2, zmin: 0, xmax: 3, ymax: 4, zmax: 9 },
    geometry: '{"type":"Point","coordinates":[1,2]}',
    assets: '{"a":{"href":"NaN.tif","nodata":NaN,"low":-Infinity,"title":null},"b":null,"c":{"href":null}}',
    datetime: new Date('2023-08-15T10:00:00.5Z'),
    start_datetime: null,
    'proj:shape': [10n, 20n],
    big: 2n ** 60n,
    low: -Infinity,
    raw: new Uint8Array(3),
  };
  expect(itemOfRow(row)).toEqual({
    type: 'Feature',
    id: 'a',
    stac_version: '1.1.0',
    bbox: [1, 2, 3, 4],
    geometry: { type: 'Point', coordinates: [1, 2] },
    assets: { a: { href: 'NaN.tif', nodata: 'nan', low: '-inf' } },
    properties: {
      datetime: '2023-08-15T10:00:00.500Z',
      'proj:shape': [10, 20],
      big: '1152921504606846976',
      low: '-inf',
    },
  });
});

it('a MAP of assets and properties in one column are understood', () => {
  const assets = [{ key: 'red', value: { href: 'r.tif' } }];
  const { assets: found, properties } = itemOfRow({ id: 'a', assets, properties: '{"datetime":"2023-01-01"}' });
  expect([found, properties]).toEqual([{ red: { href: 'r.tif' } }, { datetime: '2023-01-01' }]);
});

it('an item of an interval keeps its datetime, which is null: without one it is no valid item, and differed from what was written', () => {
  const row = { id: 'a', datetime: null, start_datetime: new Date('2023-08-15T00:00:00Z'), end_datetime: null };
  expect(itemOfRow(row)).toMatchObject({
    properties: { datetime: null, start_datetime: '2023-08-15T00:00:00.000Z' },
  });
  expect(itemOfRow({ id: 'a', properties: '{"datetime":null,"gsd":10}' })['properties']).toEqual({
    datetime: null,
    gsd: 10,
  });
});
