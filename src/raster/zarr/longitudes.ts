import type { Affine } from '../../grid/affine.js';
import { crsDefinition } from '../../grid/crs-definition.js';
import type { Crs } from '../../grid/crs.js';

/**
 * Longitudes of 180 to 360 degrees as -180 to 0, which transforms between reference systems give. A raster that lies
 * beyond 180 as a whole is moved; one across it cannot be, and the part beyond is said to be out of reach.
 */
export function wrapLongitudes(transform: Affine, width: number, crs: Crs | null, problems: string[]): Affine {
  if (crs === null || transform[1] !== 0 || !crsDefinition(crs).geographic) return transform;
  const [west, east] = [transform[2], transform[2] + transform[0] * width].toSorted((a, b) => a - b) as [
    number,
    number,
  ];
  const pixel = Math.abs(transform[0]);
  if (west >= 180 - pixel && east <= 360 + pixel) {
    problems.push(`longitudes ${west} to ${east} are taken as ${west - 360} to ${east - 360}`);
    const [a, b, c, d, e, f] = transform;
    return [a, b, c - 360, d, e, f];
  }
  if (east > 180 + pixel)
    problems.push(`longitudes run to ${east}: what lies beyond 180 is not found as negative longitudes`);
  return transform;
}
