import { CF_PROJECTIONS } from '../../raster/zarr/cf-projection.js';
import type { Json } from '../../stac/item.js';
import type { Attributes } from './layout.js';

/**
 * The attributes of a CF grid mapping (CF appendix F) from the PROJ string of `crsDefinition`. Empty where CF has no words
 * for it, or others than PROJ's (web Mercator, other prime meridians, feet): `crs_wkt`, which says all, is written anyway
 * and readers ask it first.
 */
export function cfAttributes(proj: string): Attributes {
  const given = parseProj(proj);
  const ellipsoid = ellipsoidAttributes(given);
  const metres = (given.get('units') ?? 'm') === 'm' && !given.has('to_meter');
  if (ellipsoid === null || !metres || given.has('nadgrids') || given.has('pm')) return {};
  const name = given.get('proj');
  if (name === 'longlat') return { grid_mapping_name: 'latitude_longitude', ...ellipsoid };
  const pole = name === 'stere' ? { latitude_of_projection_origin: Number(given.get('lat_0')) } : {};
  if (name === 'stere' && Math.abs(pole.latitude_of_projection_origin ?? 0) !== 90) return {};
  for (const { cf, proj: own, parameters } of CF_PROJECTIONS) {
    const attributes = own === name ? projectionAttributes(parameters, given) : null;
    if (attributes !== null) return { grid_mapping_name: cf, ...attributes, ...pole, ...ellipsoid };
  }
  return {};
}

function projectionAttributes(
  parameters: (typeof CF_PROJECTIONS)[number]['parameters'],
  values: ReadonlyMap<string, string>,
): Record<string, Json> | null {
  const attributes: Record<string, Json> = {};
  for (const { cf, proj, at, otherwise } of parameters) {
    const text = values.get(proj);
    const value = text === undefined ? otherwise : Number(text);
    if (value === undefined || !Number.isFinite(value)) return null;
    const before = attributes[cf];
    attributes[cf] = at === 1 && typeof before === 'number' ? [before, value] : value;
  }
  return attributes;
}

function ellipsoidAttributes(given: ReadonlyMap<string, string>): Record<string, Json> | null {
  const [major, minor, inverse] = ['a', 'b', 'rf'].map((name) => Number(given.get(name))) as [number, number, number];
  if (!Number.isFinite(major)) return null;
  const meridian = { longitude_of_prime_meridian: 0 };
  if (Number.isFinite(inverse)) return { semi_major_axis: major, inverse_flattening: inverse, ...meridian };
  return major === minor ? { earth_radius: major, ...meridian } : null;
}

/** "+proj=utm +zone=33 +south" → names and values; a flag has the value "". */
function parseProj(proj: string): ReadonlyMap<string, string> {
  const parts = proj
    .trim()
    .split(/\s+/)
    .map((part) => part.replace(/^\+/, '').split('='));
  return new Map(parts.map(([key, value]) => [key ?? '', value ?? '']));
}
