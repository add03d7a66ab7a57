import { GeoKey, keyNumber, type GeoKeys } from './geo-keys.js';

/** One parameter of a conversion; its unit follows from `kind`. */
export type ProjectionParameter = {
  readonly name: string;
  /** EPSG parameter code, or null where EPSG has none. */
  readonly code: number | null;
  readonly kind: 'angle' | 'length' | 'scale';
  readonly value: number;
};

/** A map projection in EPSG's words. Angles are in the unit of the keys, lengths in the unit of the CRS. */
export type Projection = {
  readonly method: string;
  readonly code: number | null;
  readonly parameters: readonly ProjectionParameter[];
};

/** Keys that writers use for one thing, in the order in which libgeotiff looks at them. */
const LATITUDE = [GeoKey.NatOriginLat, GeoKey.FalseOriginLat, GeoKey.CenterLat];
const LONGITUDE = [GeoKey.NatOriginLong, GeoKey.FalseOriginLong, GeoKey.CenterLong, GeoKey.StraightVertPoleLong];
const EASTING = [GeoKey.FalseEasting, GeoKey.FalseOriginEasting, GeoKey.CenterEasting];
const NORTHING = [GeoKey.FalseNorthing, GeoKey.FalseOriginNorthing, GeoKey.CenterNorthing];
const SCALE = [GeoKey.ScaleAtNatOrigin, GeoKey.ScaleAtCenter];

/** EPSG parameters, by what they are called in the functions below. */
const PARAMETERS = {
  latitude: { name: 'Latitude of natural origin', code: 8801, kind: 'angle' },
  longitude: { name: 'Longitude of natural origin', code: 8802, kind: 'angle' },
  scale: { name: 'Scale factor at natural origin', code: 8805, kind: 'scale' },
  easting: { name: 'False easting', code: 8806, kind: 'length' },
  northing: { name: 'False northing', code: 8807, kind: 'length' },
  falseLatitude: { name: 'Latitude of false origin', code: 8821, kind: 'angle' },
  falseLongitude: { name: 'Longitude of false origin', code: 8822, kind: 'angle' },
  parallel1: { name: 'Latitude of 1st standard parallel', code: 8823, kind: 'angle' },
  parallel2: { name: 'Latitude of 2nd standard parallel', code: 8824, kind: 'angle' },
  falseEasting: { name: 'Easting at false origin', code: 8826, kind: 'length' },
  falseNorthing: { name: 'Northing at false origin', code: 8827, kind: 'length' },
  trueScaleLatitude: { name: 'Latitude of standard parallel', code: 8832, kind: 'angle' },
  originLongitude: { name: 'Longitude of origin', code: 8833, kind: 'angle' },
} as const;
type ParameterName = keyof typeof PARAMETERS;

/** The projection that ProjCoordTransGeoKey and its parameters describe (GeoTIFF 1.1 §C.7), or null where we do not know it. */
export function parseProjection(keys: GeoKeys): Projection | null {
  const transformation = keyNumber(keys, [GeoKey.CoordinateTransformation], 0);
  switch (transformation) {
    case 1:
      return project('Transverse Mercator', 9807, keys, ['latitude', 'longitude', 'scale', 'easting', 'northing']);
    case 7:
      return mercator(keys);
    case 8:
      return conic('Lambert Conic Conformal (2SP)', 9802, keys);
    case 9:
      return project('Lambert Conic Conformal (1SP)', 9801, keys, [
        'latitude',
        'longitude',
        'scale',
        'easting',
        'northing',
      ]);
    case 10:
      return project('Lambert Azimuthal Equal Area', 9820, keys, ['latitude', 'longitude', 'easting', 'northing']);
    case 11:
      return conic('Albers Equal Area', 9822, keys);
    case 12:
      return project('Azimuthal Equidistant', 1125, keys, ['latitude', 'longitude', 'easting', 'northing']);
    case 15:
      return polarStereographic(keys);
    case 16:
      return project('Oblique Stereographic', 9809, keys, ['latitude', 'longitude', 'scale', 'easting', 'northing']);
    case 17:
      return project('Equidistant Cylindrical', 1028, keys, [
        'parallel1',
        'latitude',
        'longitude',
        'easting',
        'northing',
      ]);
    case 23:
      return project('Robinson', null, keys, ['longitude', 'easting', 'northing']);
    case 24:
      return project('Sinusoidal', null, keys, ['longitude', 'easting', 'northing']);
    case 28:
      return project('Lambert Cylindrical Equal Area', 9835, keys, ['parallel1', 'longitude', 'easting', 'northing']);
    default:
      return null;
  }
}

/** Transverse Mercator of a UTM zone, for base CRSs that have no EPSG code for it. Values in degrees and metres. */
export function utmProjection(zone: number, north: boolean): Projection {
  const values = {
    latitude: 0,
    longitude: zone * 6 - 183,
    scale: 0.9996,
    easting: 500_000,
    northing: north ? 0 : 10_000_000,
  };
  const names = ['latitude', 'longitude', 'scale', 'easting', 'northing'] as const;
  const parameters = names.map((name) => ({ ...PARAMETERS[name], value: values[name] }));
  return { method: 'Transverse Mercator', code: 9807, parameters };
}

function project(method: string, code: number | null, keys: GeoKeys, names: readonly ParameterName[]): Projection {
  return { method, code, parameters: names.map((name) => ({ ...PARAMETERS[name], value: valueOf(keys, name) })) };
}

function valueOf(keys: GeoKeys, name: ParameterName): number {
  switch (name) {
    case 'latitude':
      return keyNumber(keys, LATITUDE, 0);
    case 'falseLatitude':
      return keyNumber(keys, [GeoKey.FalseOriginLat, ...LATITUDE], 0);
    case 'trueScaleLatitude':
      return keyNumber(keys, LATITUDE, 0);
    case 'longitude':
      return keyNumber(keys, LONGITUDE, 0);
    case 'falseLongitude':
      return keyNumber(keys, [GeoKey.FalseOriginLong, ...LONGITUDE], 0);
    case 'originLongitude':
      return keyNumber(keys, [GeoKey.StraightVertPoleLong, ...LONGITUDE], 0);
    case 'scale':
      return keyNumber(keys, SCALE, 1);
    case 'easting':
      return keyNumber(keys, EASTING, 0);
    case 'northing':
      return keyNumber(keys, NORTHING, 0);
    case 'falseEasting':
      return keyNumber(keys, [GeoKey.FalseOriginEasting, ...EASTING], 0);
    case 'falseNorthing':
      return keyNumber(keys, [GeoKey.FalseOriginNorthing, ...NORTHING], 0);
    case 'parallel1':
      return keyNumber(keys, [GeoKey.StdParallel1], 0);
    case 'parallel2':
      return keyNumber(keys, [GeoKey.StdParallel2], 0);
  }
}

function conic(method: string, code: number, keys: GeoKeys): Projection {
  const origin = ['falseLatitude', 'falseLongitude'] as const;
  return project(method, code, keys, [...origin, 'parallel1', 'parallel2', 'falseEasting', 'falseNorthing']);
}

/** Variant B where a standard parallel is given, else variant A. */
function mercator(keys: GeoKeys): Projection {
  if (keys.numbers.has(GeoKey.StdParallel1)) {
    return project('Mercator (variant B)', 9805, keys, ['parallel1', 'longitude', 'easting', 'northing']);
  }
  return project('Mercator (variant A)', 9804, keys, ['latitude', 'longitude', 'scale', 'easting', 'northing']);
}

/** At the pole the scale factor counts (variant A), elsewhere the latitude is that of true scale (variant B). */
function polarStereographic(keys: GeoKeys): Projection | null {
  const latitude = valueOf(keys, 'trueScaleLatitude');
  if (Math.abs(latitude) === 90) {
    const { parameters } = project('', null, keys, ['latitude', 'originLongitude', 'scale', 'easting', 'northing']);
    const named = parameters.map((p) => (p.code === 8833 ? { ...PARAMETERS.longitude, value: p.value } : p));
    return { method: 'Polar Stereographic (variant A)', code: 9810, parameters: named };
  }
  if (valueOf(keys, 'scale') !== 1) return null;
  const names = ['trueScaleLatitude', 'originLongitude', 'easting', 'northing'] as const;
  return project('Polar Stereographic (variant B)', 9829, keys, names);
}
