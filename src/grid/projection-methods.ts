import { formatNumber } from './crs-model.js';

/** What a parameter means, whatever a format calls it. */
export type ParameterRole =
  | 'lat0'
  | 'lon0'
  | 'lat1'
  | 'lat2'
  | 'k'
  | 'x0'
  | 'y0'
  | 'azimuth'
  | 'gamma'
  | 'colatitude'
  | 'pseudoParallel'
  | 'height';

/** A parameter as EPSG names it; `epsg` null for those it does not know. */
export type MethodParameter = { readonly role: ParameterRole; readonly name: string; readonly epsg: number | null };

/**
 * A map projection: its EPSG (or PROJ) name and code, its parameters in the order of `CrsModel` values, and the PROJ
 * string of its values (degrees) without ellipsoid and false origin. We add the false origin ourselves: proj4 forgets it
 * in its sinusoidal projection.
 */
export type ProjectionMethod = {
  readonly key: string;
  readonly name: string;
  readonly epsg: number | null;
  readonly parameters: readonly MethodParameter[];
  /** True where x beyond 180° only repeats the world; false where it lies outside the map and must become NaN. */
  readonly wraps: boolean;
  proj(values: readonly number[]): string;
};

const parameter = (role: ParameterRole, name: string, epsg: number | null): MethodParameter => ({ role, name, epsg });
const LAT0 = parameter('lat0', 'Latitude of natural origin', 8801);
const LON0 = parameter('lon0', 'Longitude of natural origin', 8802);
const K0 = parameter('k', 'Scale factor at natural origin', 8805);
const X0 = parameter('x0', 'False easting', 8806);
const Y0 = parameter('y0', 'False northing', 8807);
const LAT1 = parameter('lat1', 'Latitude of 1st standard parallel', 8823);
const LAT2 = parameter('lat2', 'Latitude of 2nd standard parallel', 8824);
const FALSE_LAT = parameter('lat0', 'Latitude of false origin', 8821);
const FALSE_LON = parameter('lon0', 'Longitude of false origin', 8822);
const FALSE_X = parameter('x0', 'Easting at false origin', 8826);
const FALSE_Y = parameter('y0', 'Northing at false origin', 8827);
const CENTRE_LAT = parameter('lat0', 'Latitude of projection centre', 8811);
const CENTRE_LON = parameter('lon0', 'Longitude of projection centre', 8812);
const POLAR_LAT = parameter('lat1', 'Latitude of standard parallel', 8832);
const POLAR_LON = parameter('lon0', 'Longitude of origin', 8833);
const AZIMUTH = parameter('azimuth', 'Azimuth at projection centre', 8813);
const GAMMA = parameter('gamma', 'Angle from Rectified to Skew Grid', 8814);
const CENTRE_K = parameter('k', 'Scale factor at projection centre', 8815);

/** A method whose PROJ string is `+proj=…` and one `+key=value` for each parameter that has a key. */
function plain(
  key: string,
  name: string,
  epsg: number | null,
  parameters: readonly (readonly [MethodParameter, string | null])[],
  wraps = true,
): ProjectionMethod {
  const proj = (values: readonly number[]): string =>
    [
      `+proj=${key}`,
      ...parameters.flatMap(([, word], i) => (word === null ? [] : [`+${word}=${formatNumber(values[i] ?? 0)}`])),
    ].join(' ');
  return { key, name, epsg, parameters: parameters.map(([entry]) => entry), wraps, proj };
}

const CENTRED = [
  [LAT0, 'lat_0'],
  [LON0, 'lon_0'],
  [X0, null],
  [Y0, null],
] as const;
const SCALED = [
  [LAT0, 'lat_0'],
  [LON0, 'lon_0'],
  [K0, 'k_0'],
  [X0, null],
  [Y0, null],
] as const;
const CONIC = [
  [FALSE_LAT, 'lat_0'],
  [FALSE_LON, 'lon_0'],
  [LAT1, 'lat_1'],
  [LAT2, 'lat_2'],
  [FALSE_X, null],
  [FALSE_Y, null],
] as const;
const TRUE_SCALE = [
  [LAT1, 'lat_ts'],
  [LON0, 'lon_0'],
  [X0, null],
  [Y0, null],
] as const;
const WORLD = [
  [LON0, 'lon_0'],
  [X0, null],
  [Y0, null],
] as const;

const rename = (method: ProjectionMethod, key: string): ProjectionMethod => ({ ...method, key });
const withExtra = (method: ProjectionMethod, extra: (values: readonly number[]) => string): ProjectionMethod => ({
  ...method,
  proj: (values) => `${method.proj(values)} ${extra(values)}`,
});

const MERCATOR_A = plain('merc', 'Mercator (variant A)', 9804, SCALED);
const obliqueParameters = [CENTRE_LAT, CENTRE_LON, AZIMUTH, GAMMA, CENTRE_K];

/** EPSG 9812 and 9815. A cylinder along the parallel of the centre is the Swiss one, which has its own formula. */
function oblique(variant: 'A' | 'B'): ProjectionMethod {
  const b = variant === 'B';
  const x = b ? parameter('x0', 'Easting at projection centre', 8816) : X0;
  const y = b ? parameter('y0', 'Northing at projection centre', 8817) : Y0;
  return {
    key: `omerc-${variant.toLowerCase()}`,
    name: `Hotine Oblique Mercator (variant ${variant})`,
    epsg: b ? 9815 : 9812,
    parameters: [...obliqueParameters, x, y],
    wraps: true,
    proj(values) {
      const [lat = 0, lon = 0, azimuth = 0, gamma = 0, k = 1] = values;
      const swiss = b && Math.abs(azimuth - 90) < 1e-4 && Math.abs(gamma - 90) < 1e-4;
      const shape = swiss
        ? `+proj=somerc +lat_0=${formatNumber(lat)} +lon_0=${formatNumber(lon)}`
        : `+proj=omerc${b ? '' : ' +no_uoff'} +lat_0=${formatNumber(lat)} +lonc=${formatNumber(lon)} +alpha=${formatNumber(azimuth)} +gamma=${formatNumber(gamma)}`;
      return `${shape} +k_0=${formatNumber(k)}`;
    },
  };
}

const pole = (latitude: number): string => `+lat_0=${latitude < 0 ? -90 : 90}`;

const list: readonly ProjectionMethod[] = [
  plain('tmerc', 'Transverse Mercator', 9807, SCALED),
  // EPSG Guidance Note 7-2, 1.3.1.2: the natural origin is the standard parallel of the one-parallel cone.
  rename(
    withExtra(
      plain('lcc', 'Lambert Conic Conformal (1SP)', 9801, SCALED),
      ([lat = 0]) => `+lat_1=${formatNumber(lat)}`,
    ),
    'lcc-1sp',
  ),
  plain('lcc', 'Lambert Conic Conformal (2SP)', 9802, CONIC),
  rename(MERCATOR_A, 'merc-a'),
  rename(plain('merc', 'Mercator (variant B)', 9805, TRUE_SCALE), 'merc-b'),
  rename(plain('merc', 'Popular Visualisation Pseudo Mercator', 1024, CENTRED), 'webmerc'),
  plain('laea', 'Lambert Azimuthal Equal Area', 9820, CENTRED),
  plain('aea', 'Albers Equal Area', 9822, CONIC),
  plain('sterea', 'Oblique Stereographic', 9809, SCALED),
  rename(plain('stere', 'Polar Stereographic (variant A)', 9810, SCALED), 'stere-a'),
  rename(
    withExtra(
      plain('stere', 'Polar Stereographic (variant B)', 9829, [
        [POLAR_LAT, 'lat_ts'],
        [POLAR_LON, 'lon_0'],
        [X0, null],
        [Y0, null],
      ]),
      ([lat = 0]) => pole(lat),
    ),
    'stere-b',
  ),
  plain('cea', 'Lambert Cylindrical Equal Area', 9835, TRUE_SCALE),
  plain('krovak', 'Krovak (North Orientated)', 1041, [
    [CENTRE_LAT, 'lat_0'],
    [parameter('lon0', 'Longitude of origin', 8833), 'lon_0'],
    [parameter('colatitude', 'Co-latitude of cone axis', 1036), 'alpha'],
    [parameter('pseudoParallel', 'Latitude of pseudo standard parallel', 8818), 'lat_1'],
    [parameter('k', 'Scale factor on pseudo standard parallel', 8819), 'k_0'],
    [X0, null],
    [Y0, null],
  ]),
  oblique('A'),
  oblique('B'),
  plain('cass', 'Cassini-Soldner', 9806, CENTRED),
  plain('poly', 'American Polyconic', 9818, CENTRED),
  plain('aeqd', 'Azimuthal Equidistant', 1125, CENTRED),
  plain('eqearth', 'Equal Earth', 1078, WORLD, false),
  plain('eqc', 'Equidistant Cylindrical', 1028, TRUE_SCALE),
  plain('eqdc', 'Equidistant Conic', 1119, CONIC),
  rename(plain('stere', 'Stereographic', null, SCALED), 'stere'),
  plain('ortho', 'Orthographic', 9840, CENTRED),
  plain('gnom', 'Gnomonic', null, CENTRED),
  plain('sinu', 'Sinusoidal', null, WORLD, false),
  plain('moll', 'Mollweide', null, WORLD, false),
  plain('robin', 'Robinson', null, WORLD, false),
  plain('geos', 'Geostationary Satellite (Sweep Y)', null, [
    [LON0, 'lon_0'],
    [parameter('height', 'Satellite Height', null), 'h'],
    [X0, null],
    [Y0, null],
  ]),
  rename(
    withExtra(
      plain('geos', 'Geostationary Satellite (Sweep X)', null, [
        [LON0, 'lon_0'],
        [parameter('height', 'Satellite Height', null), 'h'],
        [X0, null],
        [Y0, null],
      ]),
      () => '+sweep=x',
    ),
    'geos-x',
  ),
];

/** The map projections that we compute, by key. */
export const METHODS: ReadonlyMap<string, ProjectionMethod> = new Map(list.map((method) => [method.key, method]));

const BY_EPSG: ReadonlyMap<number, ProjectionMethod> = new Map(
  list.flatMap((method) => (method.epsg === null ? [] : [[method.epsg, method] as const])),
);

/** The value of a parameter by its role, or the default when the method has none. */
export function valueOf(
  method: ProjectionMethod,
  values: readonly number[],
  role: ParameterRole,
  otherwise: number,
): number {
  const index = method.parameters.findIndex((entry) => entry.role === role);
  return index < 0 ? otherwise : (values[index] ?? otherwise);
}

/** The method with an EPSG method code, or null when we do not compute it. */
export function methodByEpsg(code: number): ProjectionMethod | null {
  return BY_EPSG.get(code) ?? null;
}
