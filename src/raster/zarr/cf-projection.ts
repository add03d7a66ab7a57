/**
 * Map projections of the CF conventions (appendix F) and their WKT 1 names. `parameters` pairs the CF attribute with the
 * WKT parameter and, where CF lets it be left out, its default. CF's `standard_parallel` may be one number or two.
 */
export type CfProjection = {
  readonly cf: string;
  readonly wkt: string;
  /** PROJ's name. */
  readonly proj: string;
  readonly parameters: readonly CfParameter[];
};

/** One parameter of a projection by its names. */
export type CfParameter = {
  readonly cf: string;
  readonly wkt: string;
  /** PROJ's name without the plus sign. */
  readonly proj: string;
  /** Place in a CF attribute of several numbers. */
  readonly at?: number;
  readonly otherwise?: number;
};

const CENTRAL: CfParameter = {
  cf: 'longitude_of_central_meridian',
  wkt: 'central_meridian',
  proj: 'lon_0',
  otherwise: 0,
};
const ORIGIN: CfParameter = {
  cf: 'latitude_of_projection_origin',
  wkt: 'latitude_of_origin',
  proj: 'lat_0',
  otherwise: 0,
};
const CENTRE_LATITUDE: CfParameter = { ...ORIGIN, wkt: 'latitude_of_center' };
const CENTRE_LONGITUDE: CfParameter = {
  cf: 'longitude_of_projection_origin',
  wkt: 'longitude_of_center',
  proj: 'lon_0',
  otherwise: 0,
};
const PARALLEL_1: CfParameter = { cf: 'standard_parallel', wkt: 'standard_parallel_1', proj: 'lat_1', at: 0 };
const PARALLEL_2: CfParameter = { cf: 'standard_parallel', wkt: 'standard_parallel_2', proj: 'lat_2', at: 1 };
const FALSE_ORIGIN: readonly CfParameter[] = [
  { cf: 'false_easting', wkt: 'false_easting', proj: 'x_0', otherwise: 0 },
  { cf: 'false_northing', wkt: 'false_northing', proj: 'y_0', otherwise: 0 },
];

/** Several entries of one CF name are tried in order: the first whose parameters are all there is taken. */
export const CF_PROJECTIONS: readonly CfProjection[] = [
  {
    cf: 'transverse_mercator',
    wkt: 'Transverse_Mercator',
    proj: 'tmerc',
    parameters: [
      ORIGIN,
      CENTRAL,
      { cf: 'scale_factor_at_central_meridian', wkt: 'scale_factor', proj: 'k_0', otherwise: 1 },
      ...FALSE_ORIGIN,
    ],
  },
  {
    cf: 'lambert_conformal_conic',
    wkt: 'Lambert_Conformal_Conic_2SP',
    proj: 'lcc',
    parameters: [PARALLEL_1, PARALLEL_2, ORIGIN, CENTRAL, ...FALSE_ORIGIN],
  },
  {
    cf: 'albers_conical_equal_area',
    wkt: 'Albers_Conic_Equal_Area',
    proj: 'aea',
    parameters: [PARALLEL_1, PARALLEL_2, CENTRE_LATITUDE, { ...CENTRAL, wkt: 'longitude_of_center' }, ...FALSE_ORIGIN],
  },
  {
    cf: 'lambert_azimuthal_equal_area',
    wkt: 'Lambert_Azimuthal_Equal_Area',
    proj: 'laea',
    parameters: [CENTRE_LATITUDE, CENTRE_LONGITUDE, ...FALSE_ORIGIN],
  },
  {
    cf: 'polar_stereographic',
    wkt: 'Polar_Stereographic',
    proj: 'stere',
    parameters: [
      { ...PARALLEL_1, wkt: 'latitude_of_origin', proj: 'lat_ts' },
      { cf: 'straight_vertical_longitude_from_pole', wkt: 'central_meridian', proj: 'lon_0', otherwise: 0 },
      ...FALSE_ORIGIN,
    ],
  },
  {
    cf: 'mercator',
    wkt: 'Mercator_2SP',
    proj: 'merc',
    parameters: [{ ...PARALLEL_1, proj: 'lat_ts' }, { ...CENTRE_LONGITUDE, wkt: 'central_meridian' }, ...FALSE_ORIGIN],
  },
  {
    cf: 'mercator',
    wkt: 'Mercator_1SP',
    proj: 'merc',
    parameters: [
      { ...CENTRE_LONGITUDE, wkt: 'central_meridian' },
      { cf: 'scale_factor_at_projection_origin', wkt: 'scale_factor', proj: 'k_0', otherwise: 1 },
      ...FALSE_ORIGIN,
    ],
  },
  {
    cf: 'lambert_cylindrical_equal_area',
    wkt: 'Cylindrical_Equal_Area',
    proj: 'cea',
    parameters: [{ ...PARALLEL_1, proj: 'lat_ts' }, CENTRAL, ...FALSE_ORIGIN],
  },
  {
    cf: 'sinusoidal',
    wkt: 'Sinusoidal',
    proj: 'sinu',
    parameters: [CENTRE_LONGITUDE, ...FALSE_ORIGIN],
  },
];
