/** WGS 84: semi-major axis in metres, and eccentricity squared. */
const SEMI_MAJOR = 6_378_137;
const E2 = 0.006_694_379_990_141_316;
const E = Math.sqrt(E2);
const RADIAN = Math.PI / 180;

/** Square metres of one degree of longitude times one unit of `authalicQ`, anywhere on the ellipsoid. */
export const M2_PER_UNIT = (SEMI_MAJOR ** 2 * RADIAN) / 2;

/** Nearer to a pole than this (cosine) distances are no longer measured; nothing stands there. */
const MIN_SCALE = 1e-3;

/**
 * Snyder's q of a geodetic latitude in degrees ("Map Projections: A Working Manual", 1987, eq. 3-12). Longitude and q are
 * axes in which every area of the ellipsoid keeps its size: the cylindrical equal-area projection but for two factors.
 */
export function authalicQ(lat: number): number {
  const sin = Math.sin(lat * RADIAN);
  const es = E * sin;
  return (1 - E2) * (sin / (1 - E2 * sin * sin) - Math.log((1 - es) / (1 + es)) / (2 * E));
}

/**
 * Metres of one degree of longitude and of one unit of q where `lat` (degrees) is the standard parallel (Snyder 1987, eq.
 * 10-13 to 10-15): there the projection is true in every direction, and some kilometres away it still is to a part in a thousand.
 */
export function metresPerUnit(lat: number): { readonly lon: number; readonly q: number } {
  const sin = Math.sin(lat * RADIAN);
  const k0 = Math.max(Math.cos(lat * RADIAN) / Math.sqrt(1 - E2 * sin * sin), MIN_SCALE);
  return { lon: SEMI_MAJOR * k0 * RADIAN, q: SEMI_MAJOR / (2 * k0) };
}
