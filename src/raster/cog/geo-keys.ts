import { numbersOf, textOf, type Directory } from './directory.js';
import { Tag } from './tags.js';

/** GeoTIFF 1.1 §7: the keys that the reader uses. */
export const GeoKey = {
  ModelType: 1024,
  RasterType: 1025,
  Citation: 1026,
  GeodeticCrs: 2048,
  GeodeticCitation: 2049,
  GeodeticDatum: 2050,
  PrimeMeridian: 2051,
  AngularUnits: 2054,
  AngularUnitSize: 2055,
  Ellipsoid: 2056,
  SemiMajorAxis: 2057,
  SemiMinorAxis: 2058,
  InverseFlattening: 2059,
  PrimeMeridianLongitude: 2061,
  ToWgs84: 2062,
  ProjectedCrs: 3072,
  ProjectedCitation: 3073,
  Projection: 3074,
  CoordinateTransformation: 3075,
  LinearUnits: 3076,
  LinearUnitSize: 3077,
  StdParallel1: 3078,
  StdParallel2: 3079,
  NatOriginLong: 3080,
  NatOriginLat: 3081,
  FalseEasting: 3082,
  FalseNorthing: 3083,
  FalseOriginLong: 3084,
  FalseOriginLat: 3085,
  FalseOriginEasting: 3086,
  FalseOriginNorthing: 3087,
  CenterLong: 3088,
  CenterLat: 3089,
  CenterEasting: 3090,
  CenterNorthing: 3091,
  ScaleAtNatOrigin: 3092,
  ScaleAtCenter: 3093,
  AzimuthAngle: 3094,
  StraightVertPoleLong: 3095,
  RectifiedGridAngle: 3096,
} as const;

/** What a key says when its value is spelt out in other keys. */
export const USER_DEFINED = 32_767;

/** The GeoKeys of a file: codes and parameters as numbers, citations as text. */
export type GeoKeys = {
  readonly numbers: ReadonlyMap<number, readonly number[]>;
  readonly texts: ReadonlyMap<number, string>;
  readonly problems: readonly string[];
};

/** Parse GeoKeyDirectory, GeoDoubleParams and GeoAsciiParams; null where a file has no keys. Damaged keys are left out. */
export function parseGeoKeys(directory: Directory): GeoKeys | null {
  const keys = numbersOf(directory, Tag.GeoKeyDirectory);
  if (keys === null) return null;
  const numbers = new Map<number, readonly number[]>();
  const texts = new Map<number, string>();
  const problems: string[] = [];
  if (keys.length < 4 || keys[0] !== 1)
    return { numbers, texts, problems: ['a GeoKey directory of an unknown version'] };
  const doubles = numbersOf(directory, Tag.GeoDoubleParams) ?? new Float64Array(0);
  const ascii = textOf(directory, Tag.GeoAsciiParams) ?? '';
  // The count in the header is at times wrong; the entries that are there count.
  for (let at = 4; at + 4 <= keys.length && at < 4 + keys[3]! * 4; at += 4) {
    const [id, location, count, value] = keys.subarray(at, at + 4);
    if (location === 0) numbers.set(id!, [value!]);
    else if (location === Tag.GeoDoubleParams && value! + count! <= doubles.length && count! > 0) {
      numbers.set(id!, [...doubles.subarray(value!, value! + count!)]);
    } else if (location === Tag.GeoAsciiParams && value! <= ascii.length) {
      texts.set(id!, ascii.slice(value!, value! + count!).replace(/[|\s]+$/, ''));
    } else problems.push(`GeoKey ${id} points to values that are not there`);
  }
  return { numbers, texts, problems };
}

/** The first of the keys that is given, or `fallback`. */
export function keyNumber(keys: GeoKeys, ids: readonly number[], fallback: number): number {
  for (const id of ids) {
    const value = keys.numbers.get(id)?.[0];
    if (value !== undefined) return value;
  }
  return fallback;
}

/** Whether the file says that its pixels are points (GeoTIFF 1.1 §7.2: RasterPixelIsPoint). */
export function isPixelPoint(keys: GeoKeys | null): boolean {
  return keys !== null && keyNumber(keys, [GeoKey.RasterType], 1) === 2;
}
