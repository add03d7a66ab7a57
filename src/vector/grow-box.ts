import type { LonLatBox } from '../stac/item-box.js';

/** WGS 84: the polar semi-axis in metres, and the flattening. */
const SEMI_MINOR = 6_356_752.314_245_179;
const FLATTENING = 1 / 298.257_223_563;
/** Metres of a degree of latitude where it is shortest: at the equator. */
const METRES_PER_DEGREE = 110_574;
const RADIAN = Math.PI / 180;

/**
 * The box around all that lies within so many metres of a box (west ≤ east, degrees), along the ground of WGS 84: nothing is left out, and
 * it is larger than it has to be by about a hundredth of the metres. Latitudes end at ±90. Longitudes may go beyond ±180; around a
 * pole they are the whole turn from -180 to 180. `sidesOf` brings them back.
 *
 * By latitude a metre is at most 1 / 110,574 degrees. By longitude: in reduced latitude β the ellipsoid is everywhere at least b times
 * as long as the unit sphere, and on a sphere the circle of radius σ around a point reaches asin(sin σ / cos β) to its sides.
 */
export function growBox([west, south, east, north]: LonLatBox, metres: number): LonLatBox {
  if (metres <= 0) return [west, south, east, north];
  const high = metres / METRES_PER_DEGREE;
  const [ymin, ymax] = [Math.max(-90, south - high), Math.min(90, north + high)];
  const wide = longitudeReach(Math.max(Math.abs(south), Math.abs(north)), metres);
  if (ymin === -90 || ymax === 90 || !(east - west + 2 * wide < 360)) return [-180, ymin, 180, ymax];
  return [west - wide, ymin, east + wide, ymax];
}

/** A box whose longitudes go beyond ±180 as those within, on each side of the antimeridian. */
export function sidesOf(box: LonLatBox): LonLatBox[] {
  const [west, south, east, north] = box;
  if (west > -180 && east < 180) return [box];
  if (east - west >= 360) return [[-180, south, 180, north]];
  const sides: LonLatBox[] = [];
  for (const turn of [-360, 0, 360]) {
    const [from, to] = [Math.max(-180, west + turn), Math.min(180, east + turn)];
    if (from < to || (from === to && west === east)) sides.push([from, south, to, north]);
  }
  return sides;
}

/** Degrees of longitude that so many metres are at most, from a latitude; Infinity where they reach the pole. */
function longitudeReach(lat: number, metres: number): number {
  const angle = metres / SEMI_MINOR;
  if (angle >= Math.PI / 2) return Infinity;
  const tangent = (1 - FLATTENING) * Math.tan(lat * RADIAN);
  const ratio = Math.sin(angle) * Math.hypot(1, tangent);
  return ratio < 1 ? Math.asin(ratio) / RADIAN : Infinity;
}
