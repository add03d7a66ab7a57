import { CubeError } from '../errors.js';

/** A box in degrees in the order of GeoJSON and STAC. */
export type LonLatBox = readonly [west: number, south: number, east: number, north: number];

/**
 * A lon/lat box as one box, or as two where it crosses the antimeridian (`west > east`, or longitudes beyond ±180): what a
 * search must ask for (G10). A box of a whole turn or more is all longitudes.
 */
export function splitAntimeridian([west, south, east, north]: LonLatBox): readonly LonLatBox[] {
  if (
    ![west, south, east, north].every(Number.isFinite) ||
    south > north ||
    Math.abs(west) > 1080 ||
    Math.abs(east) > 1080
  ) {
    const what = `no box in degrees: [${west}, ${south}, ${east}, ${north}]`;
    throw new CubeError({ kind: 'invalid-argument', what, fix: 'give west, south, east, north' });
  }
  const end = west > east ? east + 360 * Math.ceil((west - east) / 360) : east;
  if (end - west >= 360) return [[-180, south, 180, north]];
  if (west >= -180 && end <= 180) return [[west, south, end, north]];
  const turns = 360 * Math.floor((west + 180) / 360);
  const [left, right] = [west - turns, end - turns];
  if (right <= 180) return [[left, south, right, north]];
  return [
    [left, south, 180, north],
    [-180, south, right - 360, north],
  ];
}
