import { CubeError } from '../errors.js';
import type { Crs } from './crs.js';

/**
 * The WGS 84 UTM system of a place, with the widened zones of south-west Norway and Svalbard that Sentinel-2 tiles follow
 * too; beyond 84° north and 80° south the polar systems of UPS.
 */
export function utmCrsFor(lon: number, lat: number): Crs {
  if (!Number.isFinite(lon) || !(Math.abs(lat) <= 90)) {
    throw new CubeError({ kind: 'invalid-argument', what: `no place: longitude ${lon}, latitude ${lat}` });
  }
  if (lat >= 84) return { kind: 'epsg', code: 32661 };
  if (lat < -80) return { kind: 'epsg', code: 32761 };
  return { kind: 'epsg', code: (lat >= 0 ? 32600 : 32700) + zoneOf(lon, lat) };
}

function zoneOf(longitude: number, lat: number): number {
  const lon = longitude - 360 * Math.floor((longitude + 180) / 360);
  if (lat >= 56 && lat < 64 && lon >= 3 && lon < 12) return 32;
  if (lat >= 72 && lon >= 0 && lon < 42) return 31 + 2 * Math.floor((lon + 3) / 12);
  return Math.floor((lon + 180) / 6) + 1;
}
