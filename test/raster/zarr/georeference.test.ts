import { describe, expect, it } from 'vitest';
import { crsWkt, sameCrs } from '../../../src/grid/crs-definition.js';
import { openZarr } from '../../../src/raster/zarr/open.js';
import type { Raster } from '../../../src/raster/raster.js';
import { arrayV2, arrayV3, coordinateV3, groupV3, memoryStore, steps, STORE } from './memory-store.js';

const UTM33 = { kind: 'epsg', code: 32633 } as const;
const X = steps(399_965, 10, 30);
const Y = steps(5_200_015, -10, 20);
const TRANSFORM = [10, 0, 399_960, 0, -10, 5_200_020];

type Parts = {
  readonly attributes?: object;
  readonly group?: object;
  readonly x?: readonly number[] | null;
  readonly y?: readonly number[] | null;
  readonly xAttributes?: object;
  readonly yAttributes?: object;
  readonly names?: readonly [string, string];
  readonly more?: Record<string, object>;
};

/** A raster of 30 × 20 pixels with the attributes and coordinates of a test. */
function open(parts: Parts): Promise<Raster> {
  const [yName, xName] = parts.names ?? ['y', 'x'];
  const { x = X, y = Y } = parts;
  return openZarr(
    memoryStore({
      'zarr.json': groupV3(parts.group),
      'v/zarr.json': arrayV3({ shape: [20, 30], dimensions: [yName, xName], attributes: parts.attributes ?? {} }),
      ...(x === null ? {} : coordinateV3(xName, x, parts.xAttributes)),
      ...(y === null ? {} : coordinateV3(yName, y, parts.yAttributes)),
      ...parts.more,
    }),
    STORE,
    { variable: 'v' },
  );
}

const gridMapping = (attributes: object) => ({ 'crs/zarr.json': arrayV3({ shape: [], attributes }) });

describe('transforms', () => {
  it('come from pixel centres (G3)', async () => {
    const { levels, problems } = await open({});
    expect(levels[0]!.transform).toEqual(TRANSFORM);
    expect(levels[0]!.axes).toEqual({ y: 0, x: 1, band: null });
    expect(problems).toEqual([]);
  });

  it('go up where y does', async () => {
    const { levels } = await open({ y: steps(5_199_825, 10, 20) });
    expect(levels[0]!.transform).toEqual([10, 0, 399_960, 0, 10, 5_199_820]);
  });

  it('are missing where coordinates are not even, which is said', async () => {
    const { levels, problems } = await open({ x: X.map((value, i) => (i === 17 ? value + 0.2 : value)) });
    expect(levels[0]!.transform).toBeNull();
    expect(problems.join()).toMatch(/coordinate x is not evenly spaced/);
  });

  it('take the exact numbers of GeoTransform where rounded coordinates agree', async () => {
    const x = steps(10 + 1 / 48, 1 / 24, 30).map((value) => Number(value.toFixed(4)));
    const y = steps(50 - 1 / 48, -1 / 24, 20).map((value) => Number(value.toFixed(4)));
    const GeoTransform = `10 ${1 / 24} 0 50 0 ${-1 / 24}`;
    const { levels, problems } = await open({
      x,
      y,
      attributes: { grid_mapping: 'crs' },
      more: gridMapping({ GeoTransform }),
    });
    expect(levels[0]!.transform).toEqual([1 / 24, 0, 10, 0, -1 / 24, 50]);
    expect(problems).toEqual([]);
  });

  it('follow the coordinates where GeoTransform is stale, which is said', async () => {
    const GeoTransform = '399860 10 0 5200020 0 -10';
    const { levels, problems } = await open({
      attributes: { grid_mapping: 'crs' },
      more: gridMapping({ GeoTransform }),
    });
    expect(levels[0]!.transform).toEqual(TRANSFORM);
    expect(problems.join()).toMatch(/GeoTransform .* contradicts the coordinates/);
  });

  it('come from spatial:transform of the array or group where there are no coordinates', async () => {
    const stated = { 'spatial:transform': TRANSFORM, 'spatial:shape': [20, 30] };
    for (const parts of [{ attributes: stated }, { group: stated }]) {
      expect((await open({ ...parts, x: null, y: null })).levels[0]!.transform).toEqual(TRANSFORM);
    }
  });

  it('are not taken from a group whose spatial:shape is another', async () => {
    const group = { 'spatial:transform': TRANSFORM, 'spatial:shape': [200, 300] };
    const { levels, problems } = await open({ group, x: null, y: null });
    expect(levels[0]!.transform).toBeNull();
    expect(problems.join()).toMatch(/spatial:shape/);
  });

  it('are shifted half a pixel where nodes are registered', async () => {
    const stated = { 'spatial:transform': [10, 0, 399_965, 0, -10, 5_200_015], 'spatial:registration': 'node' };
    expect((await open({ attributes: stated, x: null, y: null })).levels[0]!.transform).toEqual(TRANSFORM);
  });

  it('come from spatial:bbox, with dimensions named by spatial:dimensions', async () => {
    const stated = {
      'spatial:bbox': [399_960, 5_199_820, 400_260, 5_200_020],
      'spatial:dimensions': ['rows', 'columns'],
    };
    const { levels } = await open({ attributes: stated, x: null, y: null, names: ['rows', 'columns'] });
    expect(levels[0]!.transform).toEqual(TRANSFORM);
    expect(levels[0]!.axes).toEqual({ y: 0, x: 1, band: null });
  });

  it('of a single pixel need a stated one', async () => {
    const store = (attributes: object) =>
      memoryStore({
        'zarr.json': groupV3(),
        'v/zarr.json': arrayV3({ shape: [1, 1], dimensions: ['y', 'x'], attributes }),
        ...coordinateV3('x', [5]),
        ...coordinateV3('y', [5]),
      });
    expect((await openZarr(store({}), STORE, { variable: 'v' })).levels[0]!.transform).toBeNull();
    const stated = { 'spatial:transform': [10, 0, 0, 0, -10, 10] };
    expect((await openZarr(store(stated), STORE, { variable: 'v' })).levels[0]!.transform).toEqual([
      10, 0, 0, 0, -10, 10,
    ]);
  });

  it('find x and y by their CF attributes where names say nothing', async () => {
    const { levels } = await open({
      names: ['i', 'j'],
      xAttributes: { standard_name: 'projection_x_coordinate' },
      yAttributes: { axis: 'Y' },
    });
    expect(levels[0]!.transform).toEqual(TRANSFORM);
  });

  it('of longitudes from 180 to 360 are moved west; those across 180 stay, which is said', async () => {
    const degrees = { xAttributes: { units: 'degrees_east' }, yAttributes: { units: 'degrees_north' } };
    const lonLat = { ...degrees, names: ['lat', 'lon'] as const, y: steps(49.75, -0.5, 20) };
    const america = await open({ ...lonLat, x: steps(235.25, 0.5, 30) });
    expect(america.levels[0]!.transform).toEqual([0.5, 0, -125, 0, -0.5, 50]);
    expect(america.problems.join()).toMatch(/taken as -125 to -110/);
    const across = await open({ ...lonLat, x: steps(6, 12, 30) });
    expect(across.levels[0]!.transform![2]).toBe(0);
    expect(across.problems.join()).toMatch(/longitudes run to 360/);
  });

  it('need x and y: an array without them has none, and is read all the same', async () => {
    const { levels } = await open({ names: ['i', 'j'] });
    expect([levels[0]!.axes, levels[0]!.transform]).toEqual([null, null]);
  });
});

describe('reference systems', () => {
  const crsOf = async (parts: Parts) => {
    const { levels, problems } = await open(parts);
    return { crs: levels[0]!.crs, problems };
  };

  it('come from crs_wkt or spatial_ref of the grid mapping', async () => {
    for (const key of ['crs_wkt', 'spatial_ref']) {
      const found = await crsOf({
        attributes: { grid_mapping: 'crs: x y' },
        more: gridMapping({ [key]: crsWkt(UTM33) }),
      });
      expect(found).toEqual({ crs: UTM33, problems: [] });
    }
  });

  it('come from _CRS and from proj:code, proj:wkt2 of array or group', async () => {
    const url = 'http://www.opengis.net/def/crs/EPSG/0/32633';
    expect(await crsOf({ attributes: { _CRS: { url } } })).toEqual({ crs: UTM33, problems: [] });
    expect(await crsOf({ attributes: { _CRS: { wkt: crsWkt(UTM33) } } })).toEqual({ crs: UTM33, problems: [] });
    expect(await crsOf({ attributes: { 'proj:code': 'EPSG:32633' } })).toEqual({ crs: UTM33, problems: [] });
    expect(await crsOf({ group: { 'proj:wkt2': crsWkt(UTM33), 'proj:code': 'EPSG:32633' } })).toEqual({
      crs: UTM33,
      problems: [],
    });
  });

  it('that contradict each other are said; the grid mapping wins', async () => {
    const attributes = { grid_mapping: 'crs', 'proj:code': 'EPSG:32632' };
    const found = await crsOf({ attributes, more: gridMapping({ crs_wkt: crsWkt(UTM33) }) });
    expect(found.crs).toEqual(UTM33);
    expect(found.problems.join()).toMatch(/proj:code of the array says EPSG:32632/);
  });

  it('that cannot be read are said', async () => {
    const found = await crsOf({ attributes: { 'proj:code': 'IAU_2015:30100', _CRS: { url: 5 } } });
    expect(found.crs).toBeNull();
    expect(found.problems).toHaveLength(2);
  });

  it('are EPSG:4326 for lat and lon only where the units are degrees', async () => {
    const lonLat = { names: ['lat', 'lon'] as const, x: steps(10.02, 0.04, 30), y: steps(50, -0.04, 20) };
    const units = { xAttributes: { units: 'degrees_east' }, yAttributes: { units: 'degrees_north' } };
    expect((await crsOf({ ...lonLat, ...units })).crs).toEqual({ kind: 'epsg', code: 4326 });
    expect((await crsOf(lonLat)).crs).toBeNull();
    expect((await crsOf({ ...lonLat, ...units, xAttributes: { units: 'm' } })).crs).toBeNull();
  });

  const WGS84 = { semi_major_axis: 6_378_137, inverse_flattening: 298.257223563 };
  const GRS80 = { semi_major_axis: 6_378_137, inverse_flattening: 298.257222101 };
  const cases: readonly (readonly [name: string, code: number, attributes: object])[] = [
    [
      'transverse Mercator',
      32633,
      {
        ...WGS84,
        grid_mapping_name: 'transverse_mercator',
        latitude_of_projection_origin: 0,
        longitude_of_central_meridian: 15,
        scale_factor_at_central_meridian: 0.9996,
        false_easting: 500_000,
        false_northing: 0,
      },
    ],
    [
      'Lambert azimuthal',
      3035,
      {
        ...GRS80,
        grid_mapping_name: 'lambert_azimuthal_equal_area',
        latitude_of_projection_origin: 52,
        longitude_of_projection_origin: 10,
        false_easting: 4_321_000,
        false_northing: 3_210_000,
      },
    ],
    [
      'Lambert conformal',
      2154,
      {
        ...GRS80,
        grid_mapping_name: 'lambert_conformal_conic',
        standard_parallel: [49, 44],
        latitude_of_projection_origin: 46.5,
        longitude_of_central_meridian: 3,
        false_easting: 700_000,
        false_northing: 6_600_000,
      },
    ],
    [
      'Albers',
      5070,
      {
        ...GRS80,
        grid_mapping_name: 'albers_conical_equal_area',
        standard_parallel: [29.5, 45.5],
        latitude_of_projection_origin: 23,
        longitude_of_central_meridian: -96,
      },
    ],
    [
      'polar stereographic',
      3031,
      {
        ...WGS84,
        grid_mapping_name: 'polar_stereographic',
        latitude_of_projection_origin: -90,
        standard_parallel: -71,
        straight_vertical_longitude_from_pole: 0,
      },
    ],
    ['lon/lat', 4326, { ...WGS84, grid_mapping_name: 'latitude_longitude' }],
  ];

  /** Parameters of a CF grid mapping name no datum, so its CRS is compared by where it puts points. */
  it.each(cases)('come from CF parameters: %s', async (_name, code, attributes) => {
    const { createTransform } = await import('../../../src/grid/transform.js');
    const degrees = code === 4326 ? { x: steps(10, 0.1, 30), y: steps(50, -0.1, 20) } : {};
    const more = gridMapping(attributes);
    const { crs, problems } = await crsOf({ ...degrees, attributes: { grid_mapping: 'crs' }, more });
    expect(problems).toEqual([]);
    const lonLat = { kind: 'epsg', code: 4326 } as const;
    const start = code === 3031 ? [20, -75] : code === 5070 ? [-100, 40] : [12, 47];
    const [ours, theirs] = [crs!, { kind: 'epsg', code } as const].map((to) => {
      const point = Float64Array.from(start);
      createTransform(lonLat, to).transform(point);
      return point;
    });
    expect(Math.hypot(ours![0]! - theirs![0]!, ours![1]! - theirs![1]!)).toBeLessThan(1e-3);
  });

  it('in kilometres are in kilometres', async () => {
    const mapping = cases[0]![2];
    const attributes = { ...mapping, false_easting: 500 };
    const { crs } = await crsOf({
      attributes: { grid_mapping: 'crs' },
      more: gridMapping(attributes),
      xAttributes: { units: 'km' },
    });
    expect(sameCrs(crs!, UTM33)).toBe(false);
    const { createTransform } = await import('../../../src/grid/transform.js');
    const [km, m] = [Float64Array.of(16, 47), Float64Array.of(16, 47)];
    createTransform({ kind: 'epsg', code: 4326 }, crs!).transform(km);
    createTransform({ kind: 'epsg', code: 4326 }, UTM33).transform(m);
    expect(km[0]! * 1000).toBeCloseTo(m[0]!, 3);
    expect(km[1]! * 1000).toBeCloseTo(m[1]!, 3);
  });

  it('of projections that we do not know are refused, not guessed', async () => {
    const attributes = { grid_mapping_name: 'rotated_latitude_longitude', grid_north_pole_latitude: 39 };
    const { crs, problems } = await crsOf({ attributes: { grid_mapping: 'crs' }, more: gridMapping(attributes) });
    expect(crs).toBeNull();
    expect(problems.join()).toMatch(/rotated_latitude_longitude/);
  });
});

describe('bands and times', () => {
  it('take scale, offset, unit and no-data values from CF attributes', async () => {
    const attributes = {
      scale_factor: 0.1,
      add_offset: -5,
      units: 'K',
      _FillValue: 'AAAAAACIw8A=',
      missing_value: [-1, 7],
    };
    const { bands } = await open({ attributes });
    expect(bands).toEqual([
      { name: 'v', dtype: 'float64', nodata: [-10_000, -1, 7], scale: 0.1, offset: -5, unit: 'K' },
    ]);
  });

  it('take the fill value of Zarr v2 as no data, and do not with v3', async () => {
    const v2 = memoryStore({
      '.zgroup': { zarr_format: 2 },
      'v/.zarray': arrayV2({ shape: [2, 2], dtype: '<i2', fill: -999 }),
      'v/.zattrs': { _ARRAY_DIMENSIONS: ['y', 'x'] },
    });
    expect((await openZarr(v2, STORE, { variable: 'v' })).bands[0]!.nodata).toEqual([-999]);
    const v3 = memoryStore({ 'zarr.json': arrayV3({ shape: [2, 2], dimensions: ['y', 'x'], fill: -999 }) });
    expect((await openZarr(v3, STORE)).bands[0]!.nodata).toEqual([]);
  });

  it('give every index of a band dimension a band', async () => {
    const store = memoryStore({ 'zarr.json': arrayV3({ shape: [3, 2, 2], dimensions: ['band', 'y', 'x'] }) });
    const { bands, levels } = await openZarr(store, STORE);
    expect(levels[0]!.axes).toEqual({ band: 0, y: 1, x: 2 });
    expect(bands).toHaveLength(3);
  });

  const timed = (metadata: object, chunk: Uint8Array) =>
    memoryStore({
      'zarr.json': groupV3(),
      'v/zarr.json': arrayV3({ shape: [3, 2, 2], dimensions: ['time', 'y', 'x'] }),
      'time/zarr.json': metadata,
      'time/c/0': chunk,
    });

  it('decode CF times', async () => {
    const attributes = { units: 'hours since 2023-08-01', calendar: 'proleptic_gregorian' };
    const metadata = arrayV3({ shape: [3], dimensions: ['time'], dtype: 'int32', attributes });
    const { dimensions } = await openZarr(timed(metadata, new Uint8Array(Int32Array.of(0, 1, 25).buffer)), STORE, {
      variable: 'v',
    });
    const start = Date.UTC(2023, 7, 1);
    expect(dimensions[0]).toEqual({ name: 'time', size: 3, timesMs: [start, start + 3_600_000, start + 90_000_000] });
    expect(dimensions[1]).toEqual({ name: 'y', size: 2, timesMs: null });
  });

  it('decode numpy datetime64 in both versions', async () => {
    const seconds = BigInt64Array.of(0n, 60n, 86_400n);
    const base = arrayV3({ shape: [3], dimensions: ['time'] });
    const data_type = { name: 'numpy.datetime64', configuration: { unit: 's', scale_factor: 1 } };
    const v3 = await openZarr(timed({ ...base, data_type, fill_value: 'NaT' }, new Uint8Array(seconds.buffer)), STORE, {
      variable: 'v',
    });
    expect(v3.dimensions[0]!.timesMs).toEqual([0, 60_000, 86_400_000]);
    const v2 = memoryStore({
      '.zgroup': { zarr_format: 2 },
      'v/.zarray': arrayV2({ shape: [3, 2, 2] }),
      'v/.zattrs': { _ARRAY_DIMENSIONS: ['time', 'y', 'x'] },
      'time/.zarray': arrayV2({ shape: [3], dtype: '<M8[ns]' }),
      'time/.zattrs': { _ARRAY_DIMENSIONS: ['time'] },
      'time/0': new Uint8Array(seconds.map((value) => value * 1_000_000_000n).buffer),
    });
    expect((await openZarr(v2, STORE, { variable: 'v' })).dimensions[0]!.timesMs).toEqual([0, 60_000, 86_400_000]);
  });

  it('refuse calendars that we do not know by name', async () => {
    const metadata = arrayV3({
      shape: [3],
      dimensions: ['time'],
      attributes: { units: 'days since 2000-01-01', calendar: 'noleap' },
    });
    await expect(openZarr(timed(metadata, new Uint8Array(24)), STORE, { variable: 'v' })).rejects.toMatchObject({
      problem: { kind: 'unsupported', feature: expect.stringContaining('noleap') as string },
    });
  });
});
