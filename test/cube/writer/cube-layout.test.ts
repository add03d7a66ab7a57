import { describe, expect, it } from 'vitest';
import { arrayJson, fillValueAttribute, metadataBytes, rootJson } from '../../../src/cube/writer/array-json.js';
import { cubeLayout } from '../../../src/cube/writer/cube-layout.js';
import { cubeStacItem } from '../../../src/cube/writer/stac-item.js';
import { makeGrid } from '../../../src/grid/make-grid.js';
import { BLOSC, cubeInput, GRID, TIMES } from './sample-cube.js';

describe('cubeLayout', () => {
  it('lays out bands, reasons, labels and coordinates', () => {
    const { arrays, coordinates, attributes } = cubeLayout(cubeInput('uint16', { shard: 32 }));
    expect(
      arrays.map(({ name, dtype, shape, chunk, shard, fill }) => [name, dtype, shape, chunk, shard, fill]),
    ).toEqual([
      ['red', 'uint16', [2, 37, 50], [1, 16, 16], [1, 32, 32], 1],
      ['scl', 'uint8', [2, 37, 50], [1, 16, 16], [1, 32, 32], 0],
      ['reason', 'uint8', [2, 37, 50], [1, 16, 16], [1, 32, 32], 5],
      ['coverage', 'float32', [37, 50], [16, 16], [32, 32], 0],
      ['label', 'uint32', [37, 50], [16, 16], [32, 32], 0],
    ]);
    expect(coordinates.map(({ name, dtype, values }) => [name, dtype, values.length])).toEqual([
      ['time', 'int64', 2],
      ['solar_day', 'int32', 2],
      ['x', 'float64', 50],
      ['y', 'float64', 37],
      ['spatial_ref', 'int32', 1],
      ['red_scale', 'float64', 2],
      ['red_offset', 'float64', 2],
    ]);
    expect(attributes).toMatchObject({
      'proj:code': 'EPSG:32633',
      'spatial:dimensions': ['y', 'x'],
      'spatial:shape': [37, 50],
      'spatial:transform': GRID.transform,
      'spatial:bbox': [399_960, 5_199_650, 400_460, 5_200_020],
      items: [['a', 'b'], ['c']],
    });
  });

  it('gives reasons no _FillValue, since 5 is one of them', () => {
    const reason = cubeLayout(cubeInput('uint16')).arrays.find(({ name }) => name === 'reason')!;
    expect(reason.attributes).not.toHaveProperty('_FillValue');
    expect(reason.attributes).toMatchObject({ flag_values: [0, 1, 2, 3, 4, 5], grid_mapping: 'spatial_ref' });
  });

  it('refuses names that are taken or none, and lists of another length', () => {
    const input = cubeInput('uint16');
    for (const name of ['x', 'time', 'reason', 'scl', 'a/b', '..', '__x', 'zarr.json', 'c', '']) {
      const bands = [...input.bands, { name, dtype: 'uint8', nodata: 0 } as const];
      expect(() => cubeLayout({ ...input, bands }), name).toThrow(/invalid-argument/);
    }
    expect(() => cubeLayout({ ...input, solarDays: [1] })).toThrow(/2 time steps/);
    expect(() => cubeLayout({ ...input, shard: 40 })).toThrow(/no multiple/);
  });
});

describe('metadata', () => {
  it('names fill values as their types do (W2)', () => {
    const fillOf = (dtype: Parameters<typeof cubeInput>[0], nodata: number | null) =>
      arrayJson(cubeLayout(cubeInput(dtype, { nodata })).arrays[0]!)['fill_value'];
    expect([fillOf('float32', NaN), fillOf('float32', -Infinity), fillOf('float64', -9999)]).toEqual([
      'NaN',
      '-Infinity',
      -9999,
    ]);
    expect([fillOf('int16', -1), fillOf('uint16', null), fillOf('float32', null), fillOf('bool', null)]).toEqual([
      -1,
      0,
      'NaN',
      false,
    ]);
    expect(fillValueAttribute(NaN, 'float32')).toBe('AAAAAAAA+H8=');
    expect(fillValueAttribute(255, 'uint8')).toBe(255);
  });

  it('is consolidated at the root in name order, and every number in it is JSON', () => {
    const root = rootJson(cubeLayout(cubeInput('float32')));
    const { metadata } = root['consolidated_metadata'] as { metadata: object };
    expect(Object.keys(metadata)).toEqual(Object.keys(metadata).toSorted());
    expect(() => metadataBytes({ scale: NaN })).toThrow(/"scale" is NaN/);
  });
});

describe('cubeStacItem', () => {
  const item = (input: ReturnType<typeof cubeInput>) =>
    cubeStacItem({
      id: 'austria',
      href: './cube.zarr',
      store: 'zarr',
      grid: input.grid,
      layout: cubeLayout(input),
      timesMs: input.timesMs,
      software: { heliocube: '0.1.0' },
    });

  it('describes the cube (W7)', () => {
    expect(item(cubeInput('float32'))).toMatchObject({
      type: 'Feature',
      stac_version: '1.1.0',
      bbox: [13.6854392, 46.9428335, 13.6920888, 46.9462375],
      properties: {
        datetime: null,
        start_datetime: new Date(TIMES[0]!).toISOString(),
        end_datetime: new Date(TIMES[1]!).toISOString(),
        'proj:code': 'EPSG:32633',
        'proj:shape': [37, 50],
        'proj:transform': GRID.transform,
        'cube:dimensions': {
          x: { type: 'spatial', axis: 'x', extent: [399_960, 400_460], step: 10, reference_system: 32_633 },
        },
        'cube:variables': {
          red: { dimensions: ['time', 'y', 'x'], type: 'data', nodata: 'nan' },
          label: { type: 'auxiliary' },
        },
      },
      assets: {
        cube: { href: './cube.zarr', bands: [{ name: 'red', data_type: 'float32', nodata: 'nan' }, { name: 'scl' }] },
      },
    });
  });

  it('has one time where there is one', () => {
    const input = { ...cubeInput('float32'), timesMs: [TIMES[0]!], solarDays: [1], items: [['a']], scales: {} };
    expect(item(input)['properties']).toMatchObject({ datetime: '2023-08-01T10:01:02.345Z' });
  });

  it('crosses the antimeridian as RFC 7946 says (W7)', () => {
    const bounds = { xmin: 299_990, ymin: 7_900_000, xmax: 400_000, ymax: 8_000_000 };
    const grid = makeGrid({
      crs: { kind: 'epsg', code: 32_701 },
      resolution: 1000,
      bounds,
      anchor: 'edge',
      chunk: 512,
    });
    const crossing = { ...bounds, xmin: 100_000, xmax: 300_000 };
    const far = makeGrid({
      crs: { kind: 'epsg', code: 32_701 },
      resolution: 1000,
      bounds: crossing,
      anchor: 'edge',
      chunk: 512,
    });
    expect(item({ ...cubeInput('uint8'), grid })['geometry']).toMatchObject({ type: 'Polygon' });
    const { bbox, geometry } = item({ ...cubeInput('uint8'), grid: far }) as {
      bbox: number[];
      geometry: { type: string; coordinates: unknown[] };
    };
    expect(bbox[0]).toBeGreaterThan(bbox[2]!);
    expect(geometry.type).toBe('MultiPolygon');
    expect(geometry.coordinates).toHaveLength(2);
  });

  it('gives the WKT where a CRS has no code', async () => {
    const { crsWkt } = await import('../../../src/grid/crs-definition.js');
    const text = crsWkt({ kind: 'epsg', code: 3035 }).replace(/,ID\["EPSG",3035\]/, '');
    const input = cubeInput('uint8', { codec: BLOSC, grid: { ...GRID, crs: { kind: 'wkt2', text } } });
    expect(item(input)['properties']).toMatchObject({ 'proj:code': null, 'proj:wkt2': text });
    expect(cubeLayout(input).attributes).toMatchObject({ 'proj:wkt2': text });
    expect(cubeLayout(input).arrays[0]!.attributes['_CRS']).toEqual({ wkt: text });
  });
});
