import { isCubeError } from '../../errors.js';
import { parseCrs as parseCrsText } from '../../grid/crs-definition.js';
import type { Crs } from '../../grid/crs.js';
import { geodeticBase, type GeodeticBase } from './ellipsoid.js';
import { GeoKey, keyNumber, USER_DEFINED, type GeoKeys } from './geo-keys.js';
import { parseProjection, utmProjection, type Projection } from './projection.js';
import { boundWkt, geographicWkt, projectedWkt, type Unit } from './wkt.js';

/** The CRS of a file, null where it has none, and what is wrong with its keys. */
export type CrsResult = { readonly crs: Crs | null; readonly problems: readonly string[] };

const METRE: Unit = { name: 'metre', size: 1 };
const DEGREE: Unit = { name: 'degree', size: Math.PI / 180 };
/** EPSG units of measure: metres and radians. */
const LINEAR_UNITS: Readonly<Record<number, Unit>> = {
  9001: METRE,
  9002: { name: 'foot', size: 0.3048 },
  9003: { name: 'US survey foot', size: 1200 / 3937 },
  9036: { name: 'kilometre', size: 1000 },
};
const ANGULAR_UNITS: Readonly<Record<number, Unit>> = {
  9101: { name: 'radian', size: 1 },
  9102: DEGREE,
  9105: { name: 'grad', size: Math.PI / 200 },
};
const ESRI_STRING = /ESRI PE String\s*=\s*((?:PROJCS|GEOGCS)\[[^]*\])/;

/**
 * The horizontal CRS of the GeoKeys: an EPSG code where they give one, else WKT that spells out what they say. Null with
 * a reason where that is not possible; null without one where the file has no keys.
 */
export function parseCrs(keys: GeoKeys | null): CrsResult {
  if (keys === null) return { crs: null, problems: [] };
  const model = keyNumber(keys, [GeoKey.ModelType], 0);
  const esri = esriString(keys);
  const none = (why: string): CrsResult => ({ crs: null, problems: [...keys.problems, `no usable CRS: ${why}`] });
  const some = (crs: Crs): CrsResult => ({ crs, problems: keys.problems });
  if (model === 3) return none('geocentric coordinates');
  const projected = keyNumber(keys, [GeoKey.ProjectedCrs], 0);
  if (model !== 2 && isCode(projected)) return some({ kind: 'epsg', code: projected });
  const geodetic = keyNumber(keys, [GeoKey.GeodeticCrs], 0);
  if (model === 2 || (model === 0 && projected === 0 && isCode(geodetic)))
    return geographicCrs(keys, geodetic, none, some);
  if (esri !== null) return esriCrs(esri, none, some);
  if (projected !== USER_DEFINED && projected !== 0) return none(`projected CRS code ${projected} is not an EPSG code`);
  if (model !== 1 && projected === 0) return none(model === 0 ? 'the keys name none' : `model type ${model}`);
  return projectedCrs(keys, none, some);
}

type None = (why: string) => CrsResult;
type Some = (crs: Crs) => CrsResult;

function geographicCrs(keys: GeoKeys, code: number, none: None, some: Some): CrsResult {
  const base = geodeticBase(keys);
  // The code stands unless spelt-out axes contradict it.
  if (isCode(code) && (base === null || base.code === code)) return some({ kind: 'epsg', code });
  const esri = esriString(keys);
  if (esri !== null) return esriCrs(esri, none, some);
  const unit = angularUnit(keys);
  if (base === null) return none('a user-defined geographic CRS without ellipsoid');
  if (unit === null) return none('an unknown angular unit');
  return some({ kind: 'wkt2', text: boundWkt(geographicWkt(base, unit), toWgs84(keys, base)) });
}

function esriCrs(text: string, none: None, some: Some): CrsResult {
  try {
    return some(parseCrsText(text));
  } catch (error) {
    if (!isCubeError(error)) throw error;
    return none(`the WKT in a citation: ${error.message}`);
  }
}

function projectedCrs(keys: GeoKeys, none: None, some: Some): CrsResult {
  const base = geodeticBase(keys);
  const code = keyNumber(keys, [GeoKey.GeodeticCrs], USER_DEFINED);
  if (base === null)
    return none(isCode(code) ? `a projection on EPSG:${code}, whose ellipsoid is not given` : 'no ellipsoid');
  const [linear, angular] = [linearUnit(keys), angularUnit(keys)];
  if (linear === null || angular === null) return none('an unknown unit');
  const conversion = keyNumber(keys, [GeoKey.Projection], USER_DEFINED);
  const zone = utmZone(conversion);
  if (zone !== null) {
    const epsg = linear.size === 1 ? utmCode(base.code, zone) : null;
    if (epsg !== null) return some({ kind: 'epsg', code: epsg });
    return some({
      kind: 'wkt2',
      text: write(keys, base, utmProjection(zone.number, zone.north), METRE, DEGREE, linear),
    });
  }
  const projection = parseProjection(keys);
  if (projection === null) return none(describeProjection(keys, conversion));
  return some({ kind: 'wkt2', text: write(keys, base, projection, linear, angular, linear) });
}

function write(
  keys: GeoKeys,
  base: GeodeticBase,
  projection: Projection,
  length: Unit,
  angle: Unit,
  axis: Unit,
): string {
  const citation = keys.texts.get(GeoKey.ProjectedCitation) ?? keys.texts.get(GeoKey.Citation) ?? 'unknown';
  const name = citation.includes('=') ? 'unknown' : citation;
  return boundWkt(projectedWkt({ name, base, projection, units: { length, angle, axis } }), toWgs84(keys, base));
}

function describeProjection(keys: GeoKeys, conversion: number): string {
  const transformation = keyNumber(keys, [GeoKey.CoordinateTransformation], 0);
  if (transformation === 0 && conversion !== USER_DEFINED) return `conversion EPSG:${conversion} is not known`;
  return `projection method ${transformation} with these parameters is not known`;
}

/** A datum shift counts only where no EPSG code says better. Zeros mean the datum is WGS 84's. */
function toWgs84(keys: GeoKeys, base: GeodeticBase): readonly number[] | null {
  const shift = keys.numbers.get(GeoKey.ToWgs84);
  if (base.code !== null || shift === undefined || (shift.length !== 3 && shift.length !== 7)) return null;
  return shift.some((value) => value !== 0) ? shift : null;
}

function esriString(keys: GeoKeys): string | null {
  for (const id of [GeoKey.ProjectedCitation, GeoKey.GeodeticCitation, GeoKey.Citation]) {
    const found = ESRI_STRING.exec(keys.texts.get(id) ?? '');
    if (found !== null) return found[1]!;
  }
  return null;
}

/** GeoTIFF 1.1 §7: codes 1 to 1023 are reserved, 1024 to 32766 EPSG's. */
function isCode(code: number): boolean {
  return Number.isInteger(code) && code >= 1024 && code < USER_DEFINED;
}

function linearUnit(keys: GeoKeys): Unit | null {
  const code = keyNumber(keys, [GeoKey.LinearUnits], 9001);
  return LINEAR_UNITS[code] ?? sizedUnit(keyNumber(keys, [GeoKey.LinearUnitSize], NaN));
}

function angularUnit(keys: GeoKeys): Unit | null {
  const size = keyNumber(keys, [GeoKey.AngularUnitSize], NaN);
  const code = keyNumber(keys, [GeoKey.AngularUnits], Number.isNaN(size) ? 9102 : USER_DEFINED);
  if (ANGULAR_UNITS[code] !== undefined) return ANGULAR_UNITS[code];
  return Math.abs(size - DEGREE.size) < 1e-12 ? DEGREE : sizedUnit(size);
}

function sizedUnit(size: number): Unit | null {
  return size > 0 && Number.isFinite(size) ? { name: 'unknown', size } : null;
}

/** EPSG conversions 16001 to 16060 are UTM zones north, 16101 to 16160 south. */
function utmZone(conversion: number): { number: number; north: boolean } | null {
  const number = conversion % 100;
  if (number < 1 || number > 60) return null;
  const hundreds = (conversion - number) / 100;
  return hundreds === 160 || hundreds === 161 ? { number, north: hundreds === 160 } : null;
}

function utmCode(base: number | null, { number, north }: { number: number; north: boolean }): number | null {
  if (base === 4326) return (north ? 32_600 : 32_700) + number;
  if (base === 4258 && north && number >= 28 && number <= 38) return 25_800 + number;
  if (base === 4269 && north && number <= 23) return 26_900 + number;
  return null;
}
