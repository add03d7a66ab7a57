import { CF_PROJECTIONS, type CfParameter } from './cf-projection.js';
import { member, numbers, text, type JsonObject } from './json.js';

/** WKT 1 of a CF grid mapping, or why there is none. */
export type GridMappingWkt =
  | { readonly kind: 'wkt'; readonly text: string }
  | { readonly kind: 'unknown'; readonly why: string };

/** Semi-major axis in metres and inverse flattening (0: sphere) of names that files use without numbers. */
const ELLIPSOIDS: Readonly<Record<string, readonly [number, number]>> = {
  'wgs 84': [6_378_137, 298.257223563],
  wgs84: [6_378_137, 298.257223563],
  'grs 1980': [6_378_137, 298.257222101],
  grs80: [6_378_137, 298.257222101],
  sphere: [6_370_997, 0],
};

/**
 * Turn CF grid mapping attributes (CF §5.6, appendix F) into WKT 1. `metresPerUnit` is the unit of the x and y
 * coordinates. Projections without an entry in the table are refused, never guessed.
 */
export function gridMappingWkt(attributes: JsonObject, metresPerUnit: number): GridMappingWkt {
  const name = text(attributes, 'grid_mapping_name');
  if (name === null) return { kind: 'unknown', why: 'no grid_mapping_name' };
  const geographic = geographicWkt(attributes);
  if (geographic === null) return { kind: 'unknown', why: 'the ellipsoid is not given in numbers' };
  if (name === 'latitude_longitude') return { kind: 'wkt', text: geographic };
  if (name === 'polar_stereographic' && member(attributes, 'standard_parallel') === undefined) {
    return polarByScale(attributes, geographic, metresPerUnit);
  }
  for (const projection of CF_PROJECTIONS.filter((one) => one.cf === name)) {
    const values = projection.parameters.map((parameter) => parameterValue(attributes, parameter));
    if (values.includes(null)) continue;
    const parameters = projection.parameters.map(({ wkt }, i) => [wkt, values[i]!] as const);
    return { kind: 'wkt', text: projectedWkt(geographic, projection.wkt, parameters, metresPerUnit) };
  }
  return { kind: 'unknown', why: `grid_mapping_name "${name}" with these parameters is not known` };
}

/** A polar stereographic with a scale factor has its latitude of origin at the pole. */
function polarByScale(attributes: JsonObject, geographic: string, metresPerUnit: number): GridMappingWkt {
  const read = (name: string, otherwise: number | null) => {
    const value = member(attributes, name);
    return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
  };
  const pole = read('latitude_of_projection_origin', null);
  if (pole === null) return { kind: 'unknown', why: 'polar_stereographic without standard_parallel or pole' };
  const parameters = [
    ['latitude_of_origin', pole],
    ['central_meridian', read('straight_vertical_longitude_from_pole', 0)!],
    ['scale_factor', read('scale_factor_at_projection_origin', 1)!],
    ['false_easting', read('false_easting', 0)!],
    ['false_northing', read('false_northing', 0)!],
  ] as const;
  return { kind: 'wkt', text: projectedWkt(geographic, 'Polar_Stereographic', parameters, metresPerUnit) };
}

function parameterValue(attributes: JsonObject, { cf, at, otherwise }: CfParameter): number | null {
  const value = member(attributes, cf);
  if (typeof value === 'number' && Number.isFinite(value)) return value; // one parallel stands for both
  const list = numbers(value);
  if (list !== null && list.length > 0) return list[Math.min(at ?? 0, list.length - 1)]!;
  return value === undefined ? (otherwise ?? null) : null;
}

function projectedWkt(
  geographic: string,
  projection: string,
  parameters: readonly (readonly [name: string, value: number])[],
  metresPerUnit: number,
): string {
  const list = parameters.map(([name, value]) => `PARAMETER["${name}",${value}]`).join(',');
  const unit = metresPerUnit === 1 ? 'UNIT["metre",1]' : `UNIT["unknown",${metresPerUnit}]`;
  return `PROJCS["unnamed",${geographic},PROJECTION["${projection}"],${list},${unit},AXIS["Easting",EAST],AXIS["Northing",NORTH]]`;
}

function geographicWkt(attributes: JsonObject): string | null {
  const ellipsoid = ellipsoidOf(attributes);
  if (ellipsoid === null) return null;
  const [major, inverseFlattening] = ellipsoid;
  const wgs84 = major === 6_378_137 && Math.abs(inverseFlattening - 298.257223563) < 1e-9;
  const shift = numbers(member(attributes, 'towgs84'));
  const toWgs84 = shift !== null && (shift.length === 3 || shift.length === 7) ? `,TOWGS84[${shift.join(',')}]` : '';
  const prime = member(attributes, 'longitude_of_prime_meridian');
  const meridian = typeof prime === 'number' && Number.isFinite(prime) ? prime : 0;
  const datum = wgs84 ? 'WGS_1984' : 'unknown';
  return (
    `GEOGCS["${wgs84 ? 'WGS 84' : 'unknown'}",DATUM["${datum}",` +
    `SPHEROID["${wgs84 ? 'WGS 84' : 'unknown'}",${major},${inverseFlattening}]${toWgs84}],` +
    `PRIMEM["${meridian === 0 ? 'Greenwich' : 'unknown'}",${meridian}],UNIT["degree",0.0174532925199433]]`
  );
}

/** Axis and inverse flattening; without any hint WGS 84, as readers of CF files assume. */
function ellipsoidOf(attributes: JsonObject): readonly [number, number] | null {
  const read = (name: string) => {
    const value = member(attributes, name);
    return typeof value === 'number' && value > 0 && Number.isFinite(value) ? value : null;
  };
  const radius = read('earth_radius');
  if (radius !== null) return [radius, 0];
  const major = read('semi_major_axis');
  const minor = read('semi_minor_axis');
  const inverse = member(attributes, 'inverse_flattening');
  if (major !== null && typeof inverse === 'number' && Number.isFinite(inverse)) return [major, inverse];
  if (major !== null && minor !== null) return [major, major === minor ? 0 : major / (major - minor)];
  if (major !== null) return [major, 0];
  const name = text(attributes, 'reference_ellipsoid_name') ?? text(attributes, 'horizontal_datum_name') ?? 'WGS 84';
  const known = name
    .trim()
    .toLowerCase()
    .replace(/^wgs_?(19)?84$/, 'wgs84')
    .replace(/^grs ?1980$/, 'grs80');
  return Object.hasOwn(ELLIPSOIDS, known) ? ELLIPSOIDS[known]! : null;
}
