import {
  DEGREE,
  type AxisUnit,
  type Datum,
  type DatumShift,
  type Ellipsoid,
  type GeographicModel,
} from './crs-model.js';
import { CubeError } from '../errors.js';
import { datumsByName, normalName } from './epsg.js';
import { isPlaceholder, sameEllipsoid } from './same-datum.js';
import { axisDirections, axisOrder, axisUnit, epsgIdOf, fault, unitOf } from './wkt-units.js';
import { childOf, childrenOf, numberAt, textAt, type WktNode } from './wkt-node.js';

/** Paris in degrees; files give it in degrees or grads without saying which. */
const PARIS = 2.33722917;

/** Read `GEOGCS`, `GEOGCRS`, `GEODCRS` or a base of the same kind. `bound` is the shift of an enclosing `BOUNDCRS`. */
export function parseGeographic(node: WktNode, bound: DatumShift | null): GeographicModel {
  if (childOf(node, 'DERIVINGCONVERSION') !== null) throw unsupported('a derived geographic CRS (rotated pole)');
  if (textAt(childOf(node, 'CS') ?? { keyword: 'CS', values: [] }, 0).toLowerCase() === 'cartesian') {
    throw unsupported('geocentric coordinates');
  }
  const unit = axisUnit(node, 'ANGLEUNIT') ?? DEGREE;
  const axes = axisOrder(axisDirections(node), 'ne');
  if (axes !== 'en' && axes !== 'ne') throw unsupported('a geographic CRS whose axes are not north and east');
  return {
    kind: 'geographic',
    name: textAt(node, 0),
    code: epsgIdOf(node),
    datum: parseDatum(node, bound),
    meridian: parseMeridian(node, unit),
    unit: Math.abs(unit.factor - DEGREE.factor) < 1e-12 ? DEGREE : unit,
    axes,
  };
}

function parseDatum(node: WktNode, bound: DatumShift | null): Datum {
  const datum = childOf(node, 'DATUM', 'GEODETICDATUM', 'TRF', 'ENSEMBLE');
  const spheroid = datum === null ? null : childOf(datum, 'ELLIPSOID', 'SPHEROID');
  if (datum === null || spheroid === null) throw fault(`"${textAt(node, 0)}" has no datum with an ellipsoid`);
  const ellipsoid = parseEllipsoid(spheroid);
  const name = textAt(datum, 0);
  const same = datumsByName(name).find((known) => sameEllipsoid(known.ellipsoid, ellipsoid));
  const stated = bound ?? ownShift(datum);
  const shift = stated ?? same?.shift ?? guessShift(name, ellipsoid);
  return { name: same?.name ?? name, ellipsoid: same?.ellipsoid ?? ellipsoid, shift, stated: stated !== null };
}

function parseEllipsoid(node: WktNode): Ellipsoid {
  const factor = unitOf(node, 'LENGTHUNIT')?.factor ?? 1;
  const semiMajor = (numberAt(node, 1) ?? NaN) * factor;
  const inverseFlattening = numberAt(node, 2) ?? NaN;
  // Real bodies only; a flattening above one half is no ellipsoid.
  if (!(semiMajor > 1000 && semiMajor < 1e9) || !(inverseFlattening === 0 || inverseFlattening > 2)) {
    throw fault(`the ellipsoid "${textAt(node, 0)}" has no usable axis and flattening`);
  }
  return { name: textAt(node, 0), semiMajor, inverseFlattening: inverseFlattening > 1e9 ? 0 : inverseFlattening };
}

function parseMeridian(node: WktNode, unit: AxisUnit): GeographicModel['meridian'] {
  const meridian = childOf(node, 'PRIMEM', 'PRIMEMERIDIAN');
  if (meridian === null) return { name: 'Greenwich', longitude: 0 };
  const name = textAt(meridian, 0);
  const value = numberAt(meridian, 1);
  if (value === null) throw fault(`the prime meridian "${name}" has no longitude`);
  const stated = unitOf(meridian, 'ANGLEUNIT');
  if (stated === null && normalName(name) === 'paris' && Math.abs(value) < 3) return { name, longitude: PARIS };
  const longitude =
    value === 0 ? 0 : (value * (stated ?? (node.keyword === 'GEOGCS' ? DEGREE : unit)).factor) / DEGREE.factor;
  if (Math.abs(longitude) > 360) throw fault(`the prime meridian "${name}" lies at ${longitude} degrees`);
  return { name, longitude };
}

/** WKT 1: `TOWGS84` and GDAL's name of a grid file inside the datum. */
function ownShift(datum: WktNode): DatumShift | null {
  const grid = childrenOf(datum, 'EXTENSION').find((entry) => textAt(entry, 0) === 'PROJ4_GRIDS');
  const node = childOf(datum, 'TOWGS84');
  if (node !== null) return shiftOf(node.values.map((_, i) => numberAt(node, i) ?? NaN));
  if (grid !== undefined && textAt(grid, 1) !== '@null') return { kind: 'grid', grid: textAt(grid, 1) };
  return null;
}

/** Position vector parameters, three or seven of them, as a shift. */
export function shiftOf(parameters: readonly number[]): DatumShift {
  const [dx = NaN, dy = NaN, dz = NaN, rx = 0, ry = 0, rz = 0, s = 0] = parameters;
  const all = [dx, dy, dz, rx, ry, rz, s] as const;
  if (!all.every(Number.isFinite))
    throw fault(`a datum shift needs three or seven numbers, found ${parameters.length}`);
  // No datum of the Earth is more than a few kilometres off, nor turned by more than a minute.
  if (
    Math.hypot(dx, dy, dz) > 100_000 ||
    Math.max(Math.abs(rx), Math.abs(ry), Math.abs(rz)) > 3600 ||
    Math.abs(s) > 1e4
  ) {
    throw fault(`a datum shift of ${all.join(', ')} is out of reach`);
  }
  return all.every((value) => value === 0) ? { kind: 'none' } : { kind: 'helmert', parameters: all };
}

/** For a datum that EPSG does not name. Only spheres, WGS 84's own shape and placeholders may pass unshifted. */
function guessShift(name: string, { semiMajor, inverseFlattening }: Ellipsoid): DatumShift {
  const modern = Math.abs(semiMajor - 6_378_137) < 0.01 && Math.abs(inverseFlattening - 298.257223) < 1e-4;
  const placeholder = isPlaceholder(normalName(name));
  return modern || placeholder || inverseFlattening === 0 ? { kind: 'unstated' } : { kind: 'unknown' };
}

function unsupported(feature: string): CubeError {
  return new CubeError({ kind: 'unsupported', feature });
}
