import proj4 from 'proj4';
import { describe, expect, it } from 'vitest';
import type { Directory, FieldValue } from '../../../src/raster/cog/directory.js';
import { parseCrs } from '../../../src/raster/cog/geo-crs.js';
import { parseGeoKeys } from '../../../src/raster/cog/geo-keys.js';

type Key = readonly [id: number, value: number | readonly number[] | string];

/** A directory that holds nothing but GeoKeys: integers below 65536 inline, lists and text in their own tags. */
function directoryOf(...keys: readonly Key[]): Directory {
  const entries: number[] = [1, 1, 0, keys.length];
  const doubles: number[] = [];
  let ascii = '';
  for (const [id, value] of keys) {
    if (typeof value === 'number') entries.push(id, 0, 1, value);
    else if (typeof value === 'string') {
      entries.push(id, 34_737, value.length + 1, ascii.length);
      ascii += `${value}|`;
    } else {
      entries.push(id, 34_736, value.length, doubles.length);
      doubles.push(...value);
    }
  }
  const fields = new Map<number, FieldValue>([
    [34_735, { kind: 'numbers', values: Float64Array.from(entries) }],
    [34_736, { kind: 'numbers', values: Float64Array.from(doubles) }],
    [34_737, { kind: 'text', text: ascii }],
  ]);
  return { offset: 8, fields, problems: [] };
}

const crsOf = (...keys: readonly Key[]) => parseCrs(parseGeoKeys(directoryOf(...keys)));
const PROJECTED: Key = [1024, 1];
const USER = 32_767;
const user = (base: number, method: number, ...keys: readonly Key[]) =>
  crsOf(PROJECTED, [2048, base], [3072, USER], [3074, USER], [3075, method], [3076, 9001], ...keys);

describe('EPSG codes', () => {
  it('takes a projected code', () => {
    expect(crsOf(PROJECTED, [3072, 32_633], [2048, 4326])).toEqual({
      crs: { kind: 'epsg', code: 32_633 },
      problems: [],
    });
  });

  it('takes a geographic code', () => {
    expect(crsOf([1024, 2], [2048, 4326]).crs).toEqual({ kind: 'epsg', code: 4326 });
    expect(crsOf([1024, 2], [2048, 4269], [2057, [6_378_137]], [2059, [298.257222101004]]).crs).toEqual({
      kind: 'epsg',
      code: 4269,
    });
    expect(crsOf([1024, 2], [2048, 4999]).crs).toEqual({ kind: 'epsg', code: 4999 });
  });

  it('takes a code where the model type is left out', () => {
    expect(crsOf([3072, 3035]).crs).toEqual({ kind: 'epsg', code: 3035 });
    expect(crsOf([2048, 4258]).crs).toEqual({ kind: 'epsg', code: 4258 });
  });

  it.each([
    [4326, 16_033, 32_633],
    [4326, 16_107, 32_707],
    [4258, 16_032, 25_832],
    [4269, 16_014, 26_914],
  ])('knows the UTM zones of EPSG:%i (conversion %i) as EPSG:%i', (base, conversion, code) => {
    expect(crsOf(PROJECTED, [2048, base], [3072, USER], [3074, conversion]).crs).toEqual({ kind: 'epsg', code });
  });
});

describe('projections spelt out', () => {
  // Expected coordinates of (lon, lat) by PROJ 9.8.
  it.each<[string, ReturnType<typeof crsOf>, readonly [number, number], readonly [number, number]]>([
    [
      'transverse Mercator',
      user(4258, 1, [3081, [10]], [3080, [15]], [3092, [0.9999]], [3082, [500_000]], [3083, [1000]]),
      [16.5, 48.2],
      [611492.1368, 4236475.8215],
    ],
    [
      'UTM zone on Bessel',
      crsOf(PROJECTED, [2048, USER], [2056, 7004], [3072, USER], [3074, 16_033]),
      [16.5, 48.2],
      [611445.135, 5339072.7628],
    ],
    [
      'Lambert conic, two parallels',
      user(4326, 8, [3085, [47]], [3084, [13]], [3078, [49]], [3079, [46]], [3086, [400_000]], [3087, [400_000]]),
      [14, 48],
      [474600.5575, 511624.0472],
    ],
    [
      'Lambert conic, one parallel',
      user(4326, 9, [3081, [47]], [3080, [13]], [3092, [0.9998]], [3082, [400_000]], [3083, [400_000]]),
      [14, 48],
      [474619.8044, 511640.2537],
    ],
    [
      'Albers',
      user(4269, 11, [3078, [29.5]], [3079, [45.5]], [3081, [23]], [3080, [-96]], [3082, [0]], [3083, [0]]),
      [-90, 40],
      [507398.5369, 1903000.4017],
    ],
    [
      'Lambert azimuthal',
      user(4258, 10, [3089, [52]], [3088, [10]], [3082, [4_321_000]], [3083, [3_210_000]]),
      [14, 48],
      [4619493.5087, 2773238.116],
    ],
    [
      'polar stereographic B',
      user(4326, 15, [3095, [-45]], [3081, [70]], [3082, [0]], [3083, [0]]),
      [-30, 75],
      [422879.1313, -1578206.4037],
    ],
    [
      'polar stereographic A',
      user(4326, 15, [3095, [-40]], [3081, [90]], [3092, [0.994]], [3082, [2_000_000]], [3083, [2_000_000]]),
      [-30, 75],
      [2290782.5896, 350889.9864],
    ],
    [
      'Mercator A',
      user(4326, 7, [3080, [100]], [3092, [0.997]], [3082, [3_900_000]], [3083, [900_000]]),
      [110, -5],
      [5009855.3232, 348076.9047],
    ],
    [
      'sinusoidal',
      crsOf(
        PROJECTED,
        [2048, USER],
        [2057, [6_371_007.181]],
        [2058, [6_371_007.181]],
        [3072, USER],
        [3075, 24],
        [3088, [0]],
      ),
      [14, 48],
      [1041656.1757, 5337362.4949],
    ],
  ])('%s', (_, { crs, problems }, lonLat, expected) => {
    expect(problems).toEqual([]);
    const text = crs?.kind === 'wkt2' ? crs.text : 'none';
    const [x, y] = proj4(text).forward([...lonLat]);
    expect(Math.hypot(x! - expected[0], y! - expected[1])).toBeLessThan(0.001);
  });

  it.each([
    [7, 'Mercator (variant B)', 9805],
    [17, 'Equidistant Cylindrical', 1028],
    [28, 'Lambert Cylindrical Equal Area', 9835],
    [12, 'Azimuthal Equidistant', 1125],
    [16, 'Oblique Stereographic', 9809],
  ])('method %i is %s', (method, name, code) => {
    const { crs } = user(4326, method, [3078, [30]], [3080, [10]]);
    expect(crs?.kind === 'wkt2' && crs.text).toContain(`METHOD["${name}",ID["EPSG",${code}]]`);
    expect(crs?.kind === 'wkt2' && crs.text).toMatch(/PARAMETER\["Longitude of natural origin",10,/);
  });

  it('writes WKT2 with the identifiers of EPSG', () => {
    const { crs } = user(4326, 10, [1026, 'My "area"'], [3089, [45]], [3088, [-100]]);
    expect(crs).toEqual({
      kind: 'wkt2',
      text:
        'PROJCRS["My ""area""",BASEGEOGCRS["WGS 84",DATUM["World Geodetic System 1984",ELLIPSOID["WGS 84",6378137,298.257223563,' +
        'LENGTHUNIT["metre",1]]],PRIMEM["Greenwich",0,ANGLEUNIT["degree",0.017453292519943295]],ID["EPSG",4326]],' +
        'CONVERSION["unnamed",METHOD["Lambert Azimuthal Equal Area",ID["EPSG",9820]],' +
        'PARAMETER["Latitude of natural origin",45,ANGLEUNIT["degree",0.017453292519943295],ID["EPSG",8801]],' +
        'PARAMETER["Longitude of natural origin",-100,ANGLEUNIT["degree",0.017453292519943295],ID["EPSG",8802]],' +
        'PARAMETER["False easting",0,LENGTHUNIT["metre",1],ID["EPSG",8806]],' +
        'PARAMETER["False northing",0,LENGTHUNIT["metre",1],ID["EPSG",8807]]],' +
        'CS[Cartesian,2],AXIS["easting (X)",east,ORDER[1]],AXIS["northing (Y)",north,ORDER[2]],LENGTHUNIT["metre",1]]',
    });
  });

  it('lets spelt-out axes win over the code they contradict', () => {
    const { crs } = user(4326, 10, [2057, [6_378_140]], [2059, [298.257]]);
    expect(crs?.kind === 'wkt2' && crs.text).toContain('ELLIPSOID["unknown",6378140,298.257,');
    expect(crs?.kind === 'wkt2' && crs.text).not.toContain('ID["EPSG",4326]');
  });

  it('keeps feet, a prime meridian and a datum shift', () => {
    const keys: Key[] = [
      [2056, 7004],
      [2061, [2.5]],
      [2062, [598.1, 73.7, 418.2, 0.202, 0.045, -2.455, 6.7]],
      [3076, 9003],
      [3075, 1],
    ];
    const { crs } = crsOf(PROJECTED, [2048, USER], [3072, USER], ...keys);
    const text = crs?.kind === 'wkt2' ? crs.text : '';
    expect(text).toContain('LENGTHUNIT["US survey foot",0.3048006096012192]');
    expect(text).toContain('PRIMEM["unknown",2.5,');
    expect(text).toContain('PARAMETER["Scale difference",1.0000067,ID["EPSG",8611]]');
    expect(text).toMatch(/^BOUNDCRS\[SOURCECRS\[PROJCRS\[/);
  });

  it('takes the WKT that ESRI software leaves in a citation', () => {
    const wkt =
      'PROJCS["unknown",GEOGCS["x",DATUM["y",SPHEROID["z",6378137.0,298.25]]],PROJECTION["Geostationary_Satellite"]]';
    expect(crsOf([1024, USER], [3073, `ESRI PE String = ${wkt}`]).crs).toEqual({ kind: 'wkt2', text: wkt });
  });
});

describe('no usable CRS says why', () => {
  it.each<[string, ReturnType<typeof crsOf>]>([
    ['geocentric coordinates', crsOf([1024, 3], [2048, 4978])],
    ['projected CRS code 40000 is not an EPSG code', crsOf(PROJECTED, [3072, 40_000])],
    ['projection method 4 with these parameters is not known', user(4326, 4)],
    ['projection method 15 with these parameters is not known', user(4326, 15, [3081, [70]], [3092, [0.9]])],
    ['a projection on EPSG:4999, whose ellipsoid is not given', user(4999, 10)],
    ['conversion EPSG:10101 is not known', crsOf(PROJECTED, [2048, 4267], [3072, USER], [3074, 10_101])],
    ['an unknown unit', user(4326, 10, [3076, 9999])],
    ['a user-defined geographic CRS without ellipsoid', crsOf([1024, 2], [2048, USER])],
    ['the keys name none', crsOf([1025, 1])],
  ])('%s', (why, { crs, problems }) => {
    expect(crs).toBeNull();
    expect(problems).toEqual([`no usable CRS: ${why}`]);
  });

  it('is silent where a file has no keys', () => {
    expect(parseCrs(null)).toEqual({ crs: null, problems: [] });
  });

  it('leaves out keys that point nowhere', () => {
    const directory = directoryOf([1024, 2], [2048, 4326]);
    const entries = [1, 1, 0, 3, 1024, 0, 1, 2, 2048, 0, 1, 4326, 2057, 34_736, 1, 9];
    const fields = new Map(directory.fields).set(34_735, { kind: 'numbers', values: Float64Array.from(entries) });
    const { crs, problems } = parseCrs(parseGeoKeys({ ...directory, fields }));
    expect(crs).toEqual({ kind: 'epsg', code: 4326 });
    expect(problems).toEqual(['GeoKey 2057 points to values that are not there']);
  });
});
