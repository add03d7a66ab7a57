import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CubeError, isCubeError } from '../../src/errors.js';
import { crsDefinition, crsModel, crsWkt, formatCrs, parseCrs, sameCrs } from '../../src/grid/crs-definition.js';
import { createTransform } from '../../src/grid/transform.js';
import { MODIS_WKT } from './proj-values.js';

const ESRI_UTM =
  'PROJCS["WGS_1984_UTM_Zone_33N",GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],' +
  'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",500000.0],' +
  'PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",15.0],PARAMETER["Scale_Factor",0.9996],' +
  'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]';
const GDAL_WEB_MERCATOR =
  'PROJCS["WGS 84 / Pseudo-Mercator",GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],' +
  'UNIT["degree",0.0174532925199433]],PROJECTION["Mercator_1SP"],PARAMETER["central_meridian",0],PARAMETER["scale_factor",1],' +
  'PARAMETER["false_easting",0],PARAMETER["false_northing",0],UNIT["metre",1],AXIS["Easting",EAST],AXIS["Northing",NORTH],' +
  'EXTENSION["PROJ4","+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m +nadgrids=@null +wktext +no_defs"],AUTHORITY["EPSG","3857"]]';
const WGS84_JSON = {
  type: 'GeographicCRS',
  name: 'WGS 84',
  datum: {
    type: 'GeodeticReferenceFrame',
    name: 'World Geodetic System 1984',
    ellipsoid: { name: 'WGS 84', semi_major_axis: 6378137, inverse_flattening: 298.257223563 },
  },
  coordinate_system: {
    subtype: 'ellipsoidal',
    axis: [
      { name: 'Geodetic latitude', abbreviation: 'Lat', direction: 'north', unit: 'degree' },
      { name: 'Geodetic longitude', abbreviation: 'Lon', direction: 'east', unit: 'degree' },
    ],
  },
  id: { authority: 'EPSG', code: 4326 },
};
const kindOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return isCubeError(error) ? error.problem.kind : 'other';
  }
  return 'none';
};

describe('parseCrs', () => {
  it.each([
    'EPSG:32633',
    'epsg:32633',
    '32633',
    'EPSG::32633',
    'urn:ogc:def:crs:EPSG::32633',
    'urn:ogc:def:crs:EPSG:9.8:32633',
    'http://www.opengis.net/def/crs/EPSG/0/32633',
    'https://www.opengis.net/def/crs/EPSG/0/32633',
    'http://www.opengis.net/gml/srs/epsg.xml#32633',
    32633,
  ])('G5 %s', (input) => expect(parseCrs(input)).toEqual({ kind: 'epsg', code: 32633 }));

  it('reads the names that GDAL knows without a code', () => {
    const codes = ['WGS84', 'wgs 84', 'WGS72', 'NAD27', 'NAD83'].map((name) => formatCrs(parseCrs(name)));
    expect(codes).toEqual(['EPSG:4326', 'EPSG:4326', 'EPSG:4322', 'EPSG:4267', 'EPSG:4269']);
  });

  it.each(['OGC:CRS84', 'CRS84', 'urn:ogc:def:crs:OGC:1.3:CRS84', 'http://www.opengis.net/def/crs/OGC/1.3/CRS84'])(
    '%s',
    (input) => expect(parseCrs(input)).toEqual({ kind: 'epsg', code: 4326 }),
  );

  it('G5 a definition with a code that says the same becomes the code', () => {
    expect(parseCrs(WGS84_JSON)).toEqual({ kind: 'epsg', code: 4326 });
    expect(parseCrs(JSON.stringify(WGS84_JSON))).toEqual({ kind: 'epsg', code: 4326 });
    expect(parseCrs(GDAL_WEB_MERCATOR)).toEqual({ kind: 'epsg', code: 3857 });
    for (const code of [32633, 3035, 3031, 2154, 27700, 5514, 2056, 28992, 4807, 27572, 2263]) {
      expect(parseCrs(crsWkt({ kind: 'epsg', code }))).toEqual({ kind: 'epsg', code });
    }
  });

  it('a code that contradicts the definition loses', () => {
    const wrong = ESRI_UTM.replace('UNIT["Meter",1.0]]', 'UNIT["Meter",1.0],AUTHORITY["EPSG","32634"]]');
    expect(parseCrs(wrong).kind).toBe('wkt2');
    expect(sameCrs(parseCrs(wrong), parseCrs(32633))).toBe(true);
  });

  it('a compound system is its horizontal part', () => {
    expect(parseCrs('EPSG:9707')).toEqual({ kind: 'epsg', code: 4326 });
    const wkt = `COMPD_CS["x",${GDAL_WEB_MERCATOR},VERT_CS["h",VERT_DATUM["d",2005],UNIT["metre",1]]]`;
    expect(parseCrs(wkt)).toEqual({ kind: 'epsg', code: 3857 });
    expect(sameCrs(parseCrs(`${ESRI_UTM},VERTCS["h",VDATUM["d"],UNIT["Meter",1.0]]`), parseCrs(32633))).toBe(true);
  });

  it('what is no CRS is an error that says so', () => {
    for (const input of [
      '',
      'EPSG:',
      'EPSG:999999',
      'hello',
      'PROJCS[',
      'PROJCS["a",',
      'GEOGCS["a"]',
      '{"type":1}',
      '{',
      -1,
      {},
      [],
    ]) {
      expect(['invalid-argument', 'unsupported']).toContain(kindOf(() => parseCrs(input)));
    }
    expect(kindOf(() => parseCrs('EPSG:5773'))).toBe('invalid-argument'); // heights only
    expect(kindOf(() => parseCrs(`${'GEOGCS['.repeat(5000)}`))).toBe('invalid-argument');
  });

  it('mutated definitions give a value or a CubeError', () => {
    const texts = [ESRI_UTM, GDAL_WEB_MERCATOR, MODIS_WKT, crsWkt(parseCrs(31467)), JSON.stringify(WGS84_JSON)];
    const mutation = fc.record({
      text: fc.constantFrom(...texts),
      at: fc.nat(2000),
      length: fc.nat(12),
      put: fc.string({ maxLength: 8 }),
    });
    fc.assert(
      fc.property(mutation, ({ text, at, length, put }) => {
        const start = at % text.length;
        try {
          const crs = parseCrs(text.slice(0, start) + put + text.slice(start + length));
          crsDefinition(crs);
        } catch (error) {
          expect(error).toBeInstanceOf(CubeError);
        }
      }),
      { seed: 5, numRuns: 3000 },
    );
  });
});

describe('sameCrs', () => {
  it('compares what coordinates mean', () => {
    expect(sameCrs(parseCrs('EPSG:4326'), parseCrs('OGC:CRS84'))).toBe(true);
    expect(sameCrs(parseCrs(ESRI_UTM), parseCrs(32633))).toBe(true);
    expect(sameCrs(parseCrs('EPSG:900913'), parseCrs(3857))).toBe(true);
    expect(sameCrs(parseCrs(4979), parseCrs(4326))).toBe(true);
    expect(sameCrs(parseCrs(31467), parseCrs(5677))).toBe(true); // the same zone with its axes the other way round
    expect(sameCrs(parseCrs(32633), parseCrs(25833))).toBe(false); // another datum
    expect(sameCrs(parseCrs(32633), parseCrs(32634))).toBe(false);
    expect(sameCrs(parseCrs(4326), parseCrs(4258))).toBe(false);
    expect(sameCrs(parseCrs(3395), parseCrs(3857))).toBe(false);
  });
});

describe('crsDefinition and crsWkt', () => {
  it('keeps the datum shift that PROJ leaves out of its strings (147 m in Britain)', () => {
    expect(crsDefinition(parseCrs(27700)).proj4).toContain('+towgs84=446.448,-125.157,542.06,0.15,0.247,0.842,-20.489');
    // Both are wrong in tables that forget to turn coordinate frames and micro-radians around.
    expect(crsDefinition(parseCrs(31370)).proj4).toContain(
      '+towgs84=-106.8686,52.2978,-103.7239,0.3366,-0.457,1.8422,-1.2747',
    );
    expect(crsDefinition(parseCrs(28992)).proj4).toMatch(
      /\+towgs84=565\.4171,50\.3319,465\.5524,-0\.39895\d*,0\.34398\d*,-1\.87740\d*,4\.0725/,
    );
  });

  it('units', () => {
    expect(crsDefinition(parseCrs(32633))).toMatchObject({
      geographic: false,
      metresPerUnit: 1,
      name: 'WGS 84 / UTM zone 33N',
    });
    expect(crsDefinition(parseCrs(2263)).metresPerUnit).toBeCloseTo(0.3048006096, 10);
    expect(crsDefinition(parseCrs(4326)).metresPerUnit).toBeCloseTo(111_132.95, 1);
    expect(crsModel(parseCrs(4807)).unit.name).toBe('grad');
  });

  it('writes WKT 2 with its code', () => {
    expect(crsWkt(parseCrs(32633))).toMatch(/^PROJCRS\["WGS 84 \/ UTM zone 33N",BASEGEOGCRS.*,ID\["EPSG",32633\]\]$/);
    expect(crsWkt(parseCrs(4326))).toMatch(/^GEOGCRS.*,north,ORDER\[1\].*,east,ORDER\[2\].*,ID\["EPSG",4326\]\]$/);
    expect(formatCrs(parseCrs('urn:ogc:def:crs:EPSG::3035'))).toBe('EPSG:3035');
  });

  it('a CRS that needs a grid file is refused by the name of the file', () => {
    expect(() => createTransform(parseCrs(4267), parseCrs(4326))).toThrow(
      /unsupported: EPSG:4267: .* needs the grid file ca_nrc_ntv2_0\.tif/,
    );
    const grid =
      'GEOGCS["x",DATUM["OSGB_1936",SPHEROID["Airy 1830",6377563.396,299.3249646],EXTENSION["PROJ4_GRIDS","OSTN15.gsb"]],UNIT["degree",0.0174532925199433]]';
    expect(() => createTransform(parseCrs(grid), parseCrs(4326))).toThrow(/needs the grid file OSTN15\.gsb/);
    // Within the datum no grid is needed.
    expect(() => createTransform(parseCrs(26710), parseCrs(4267))).not.toThrow();
  });

  it('a projection that we lack is an error where coordinates are asked for', () => {
    const crs = parseCrs('EPSG:27200');
    expect(crs).toEqual({ kind: 'epsg', code: 27200 });
    expect(() => createTransform(crs, parseCrs(4326))).toThrow(
      /unsupported: EPSG:27200: it has the projection New Zealand Map Grid/,
    );
    expect(() => createTransform(parseCrs('EPSG:2048'), parseCrs(4326))).toThrow(/unsupported/);
  });

  it('takes the shift that a definition states itself', () => {
    const own = ESRI_UTM.replace('D_WGS_1984', 'My_Datum').replace('298.257223563]', '299.15],TOWGS84[100,200,300]');
    expect(crsDefinition(parseCrs(own)).proj4).toContain('+towgs84=100,200,300,0,0,0,0');
    const unknown = own.replace(',TOWGS84[100,200,300]', '');
    expect(() => createTransform(parseCrs(unknown), parseCrs(4326))).toThrow(
      /no shift from its datum "My_Datum" to WGS 84 is known/,
    );
  });

  it('Web Mercator stays the sphere that it is, in every spelling', () => {
    expect(crsDefinition(parseCrs(3857)).proj4).toMatch(/\+proj=merc .*\+a=6378137 \+b=6378137 \+nadgrids=@null/);
    expect(crsDefinition(parseCrs(3857)).proj4).not.toContain('towgs84');
  });

  it('reads a zone where the method belongs', () => {
    expect(
      parseCrs(ESRI_UTM.replace('Transverse_Mercator', 'UTM33N').replace(/]$/, ',AUTHORITY["EPSG","32633"]]')),
    ).toEqual({ kind: 'epsg', code: 32633 });
  });

  it('knows ESRI codes of open data', () => {
    const albers = Float64Array.of(-100, 40);
    createTransform(parseCrs(4326), parseCrs('EPSG:102003')).transform(albers);
    expect(albers[0]).toBeCloseTo(-338390.5875508668, 3);
    expect(albers[1]).toBeCloseTo(287313.8794652284, 3);
    const robinson = Float64Array.of(15, 48);
    createTransform(parseCrs(4326), parseCrs('ESRI:54009')).transform(robinson);
    expect(robinson[0]).toBeCloseTo(1170208.0340422278, 2);
  });
});
