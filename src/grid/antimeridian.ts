import { CubeError } from '../errors.js';
import type { Bounds } from './affine.js';

/** A box in degrees in the order of GeoJSON and STAC. */
export type LonLatBox = readonly [west: number, south: number, east: number, north: number];

/**
 * A lon/lat box as one box, or as two where it crosses the antimeridian (`xmin > xmax`, or longitudes beyond ±180): what a
 * search must ask for (G10). A box of a whole turn or more is all longitudes.
 */
export function splitAntimeridian({ xmin, ymin, xmax, ymax }: Bounds): readonly LonLatBox[] {
  if (
    ![xmin, ymin, xmax, ymax].every(Number.isFinite) ||
    ymin > ymax ||
    Math.abs(xmin) > 1080 ||
    Math.abs(xmax) > 1080
  ) {
    const what = `no box in degrees: [${xmin}, ${ymin}, ${xmax}, ${ymax}]`;
    throw new CubeError({ kind: 'invalid-argument', what, fix: 'give west, south, east, north' });
  }
  const end = xmin > xmax ? xmax + 360 * Math.ceil((xmin - xmax) / 360) : xmax;
  if (end - xmin >= 360) return [[-180, ymin, 180, ymax]];
  if (xmin >= -180 && end <= 180) return [[xmin, ymin, end, ymax]];
  const turns = 360 * Math.floor((xmin + 180) / 360);
  const [west, east] = [xmin - turns, end - turns];
  if (east <= 180) return [[west, ymin, east, ymax]];
  return [
    [west, ymin, 180, ymax],
    [-180, ymin, east - 360, ymax],
  ];
}
