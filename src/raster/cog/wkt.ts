import type { GeodeticBase } from './ellipsoid.js';
import type { Projection, ProjectionParameter } from './projection.js';

/** A unit of measure; `size` in metres or radians. */
export type Unit = { readonly name: string; readonly size: number };

/** A projected system as GeoKeys define it. */
export type ProjectedDefinition = {
  readonly name: string;
  readonly base: GeodeticBase;
  readonly projection: Projection;
  /** Of the conversion's lengths and angles, and of the axes. */
  readonly units: { readonly length: Unit; readonly angle: Unit; readonly axis: Unit };
};

/** WKT2 (ISO 19162:2019) of a geographic CRS, axes in the order of the file's coordinates: longitude, latitude. */
export function geographicWkt(base: GeodeticBase, unit: Unit): string {
  const axes = ['longitude",east', 'latitude",north'].map((axis, i) => `AXIS["${axis},ORDER[${i + 1}]]`).join(',');
  return `GEOGCRS[${quote(base.name)},${datumWkt(base)},CS[ellipsoidal,2],${axes},${angleUnit(unit)}]`;
}

/** WKT2 (ISO 19162:2019) of a projected CRS with axes easting, northing. */
export function projectedWkt({ name, base, projection, units }: ProjectedDefinition): string {
  const baseId = base.code === null ? '' : `,ID["EPSG",${base.code}]`;
  const parameters = projection.parameters.map((parameter) => `,${parameterWkt(parameter, units)}`).join('');
  const methodId = projection.code === null ? '' : `,ID["EPSG",${projection.code}]`;
  return (
    `PROJCRS[${quote(name)},BASEGEOGCRS[${quote(base.name)},${datumWkt(base)}${baseId}],` +
    `CONVERSION["unnamed",METHOD[${quote(projection.method)}${methodId}]${parameters}],` +
    `CS[Cartesian,2],AXIS["easting (X)",east,ORDER[1]],AXIS["northing (Y)",north,ORDER[2]],${lengthUnit(units.axis)}]`
  );
}

/**
 * EPSG parameters of the Position Vector transformation (9606), in the order of TOWGS84: metres, arc-seconds, parts per
 * million; the first three alone are geocentric translations (9603).
 */
const SHIFT_PARAMETERS = [
  ['X-axis translation', 8605],
  ['Y-axis translation', 8606],
  ['Z-axis translation', 8607],
  ['X-axis rotation', 8608],
  ['Y-axis rotation', 8609],
  ['Z-axis rotation', 8610],
  ['Scale difference', 8611],
] as const;
const SCALE_DIFFERENCE = 6;

/** The CRS bound to WGS 84 by three or seven parameters, in the order and units of TOWGS84; unchanged where there are none. */
export function boundWkt(crs: string, shift: readonly number[] | null): string {
  if (shift === null) return crs;
  const [method, code] =
    shift.length === 3 ? ['Geocentric translations', 9603] : ['Position Vector transformation', 9606];
  const parameters = shift.map((value, i) => {
    const [name, id] = SHIFT_PARAMETERS[i]!;
    // ISO 19162 §17.2: abridged transformations give no units, and the scale difference as a factor.
    return `,PARAMETER["${name}",${i === SCALE_DIFFERENCE ? 1 + value * 1e-6 : value},ID["EPSG",${id}]]`;
  });
  const wgs84 =
    'GEOGCRS["WGS 84",DATUM["World Geodetic System 1984",ELLIPSOID["WGS 84",6378137,298.257223563,LENGTHUNIT["metre",1]]],' +
    `PRIMEM["Greenwich",0,${angleUnit(DEGREE)}],CS[ellipsoidal,2],AXIS["latitude",north,ORDER[1]],` +
    `AXIS["longitude",east,ORDER[2]],${angleUnit(DEGREE)},ID["EPSG",4326]]`;
  const abridged = `METHOD["${method} (geog2D domain)",ID["EPSG",${code}]]${parameters.join('')}`;
  return `BOUNDCRS[SOURCECRS[${crs}],TARGETCRS[${wgs84}],ABRIDGEDTRANSFORMATION["to WGS 84",${abridged}]]`;
}

const DEGREE: Unit = { name: 'degree', size: Math.PI / 180 };

function datumWkt({ datumName, ellipsoid, primeMeridian }: GeodeticBase): string {
  const shape = `${ellipsoid.semiMajor},${ellipsoid.inverseFlattening},LENGTHUNIT["metre",1]`;
  const meridian = primeMeridian === 0 ? 'Greenwich' : 'unknown';
  return (
    `DATUM[${quote(datumName)},ELLIPSOID[${quote(ellipsoid.name)},${shape}]],` +
    `PRIMEM["${meridian}",${primeMeridian},${angleUnit(DEGREE)}]`
  );
}

function parameterWkt({ name, code, kind, value }: ProjectionParameter, units: ProjectedDefinition['units']): string {
  const id = code === null ? '' : `,ID["EPSG",${code}]`;
  const unit =
    kind === 'angle' ? angleUnit(units.angle) : kind === 'length' ? lengthUnit(units.length) : 'SCALEUNIT["unity",1]';
  return `PARAMETER["${name}",${value},${unit}${id}]`;
}

function angleUnit({ name, size }: Unit): string {
  return `ANGLEUNIT[${quote(name)},${size}]`;
}

function lengthUnit({ name, size }: Unit): string {
  return `LENGTHUNIT[${quote(name)},${size}]`;
}

/** WKT doubles a quote inside a quoted text. */
function quote(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
