import { CF_PROJECTIONS } from '../../raster/zarr/cf-projection.js';
import type { Json } from '../../stac/item.js';
import type { Attributes } from './layout.js';

/** Semi-major axis in metres and inverse flattening of PROJ's names for ellipsoids (EPSG's figures). */
const ELLIPSOIDS: Readonly<Record<string, readonly [major: number, inverseFlattening: number]>> = {
  WGS84: [6_378_137, 298.257223563],
  GRS80: [6_378_137, 298.257222101],
  bessel: [6_377_397.155, 299.1528128],
  intl: [6_378_388, 297],
  krass: [6_378_245, 298.3],
  airy: [6_377_563.396, 299.3249646],
};

const DATUM_ELLIPSOIDS: Readonly<Record<string, string>> = { WGS84: 'WGS84', NAD83: 'GRS80' };

/**
 * The attributes of a CF grid mapping (CF appendix F) from a PROJ string. Empty where CF has no words for it (web
 * Mercator, unknown projections or ellipsoids): `crs_wkt`, which says all, is written anyway and readers ask it first.
 */
export function cfAttributes(proj: string): Attributes {
  const given = parseProj(proj);
  const ellipsoid = ellipsoidAttributes(given);
  const name = given.get('proj') ?? '';
  if (ellipsoid === null || given.has('nadgrids')) return {};
  if (name === 'longlat' || name === 'latlong') return { grid_mapping_name: 'latitude_longitude', ...ellipsoid };
  const values = name === 'utm' ? utmParameters(given) : given;
  const wanted = name === 'utm' ? 'tmerc' : name;
  for (const { cf, proj: own, parameters } of CF_PROJECTIONS) {
    if (own !== wanted || (own === 'stere' && Math.abs(Number(values.get('lat_0'))) !== 90)) continue;
    const attributes = projectionAttributes(parameters, values);
    if (attributes === null) continue;
    const pole = own === 'stere' ? { latitude_of_projection_origin: Number(values.get('lat_0')) } : {};
    return { grid_mapping_name: cf, ...attributes, ...pole, ...ellipsoid };
  }
  return {};
}

function projectionAttributes(
  parameters: (typeof CF_PROJECTIONS)[number]['parameters'],
  values: ReadonlyMap<string, string>,
): Record<string, Json> | null {
  const attributes: Record<string, Json> = {};
  for (const { cf, proj, at, otherwise } of parameters) {
    const text = values.get(proj) ?? (proj === 'k' ? values.get('k_0') : undefined);
    const value = text === undefined ? otherwise : Number(text);
    if (value === undefined || !Number.isFinite(value)) return null;
    const before = attributes[cf];
    attributes[cf] = at === 1 && typeof before === 'number' ? [before, value] : value;
  }
  return attributes;
}

function utmParameters(given: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const zone = Number(given.get('zone'));
  return new Map([
    ['lat_0', '0'],
    ['lon_0', String(zone * 6 - 183)],
    ['k', '0.9996'],
    ['x_0', '500000'],
    ['y_0', given.has('south') ? '10000000' : '0'],
  ]);
}

function ellipsoidAttributes(given: ReadonlyMap<string, string>): Record<string, Json> | null {
  const name = given.get('ellps') ?? DATUM_ELLIPSOIDS[given.get('datum') ?? ''] ?? '';
  const meridian = { longitude_of_prime_meridian: 0 };
  if (given.has('pm')) return null; // CF can say it, PROJ's names of meridians are not numbers
  if (Object.hasOwn(ELLIPSOIDS, name)) {
    const [major, inverse] = ELLIPSOIDS[name]!;
    return { semi_major_axis: major, inverse_flattening: inverse, ...meridian };
  }
  const radius = Number(given.get('R') ?? (given.get('a') === given.get('b') ? given.get('a') : NaN));
  return Number.isFinite(radius) ? { earth_radius: radius, ...meridian } : null;
}

/** "+proj=utm +zone=33 +south" → names and values; a flag has the value "". */
function parseProj(proj: string): ReadonlyMap<string, string> {
  const parts = proj
    .trim()
    .split(/\s+/)
    .map((part) => part.replace(/^\+/, '').split('='));
  return new Map(parts.map(([key, value]) => [key ?? '', value ?? '']));
}
