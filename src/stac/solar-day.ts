const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * Days since 1970-01-01 of the date in mean solar time, by odc-stac's definition (T1): the UTC time moved by lon / 15
 * hours, truncated toward zero to whole hours. `lon` is the longitude of the middle of the output grid, in degrees.
 */
export function solarDay(timeMs: number, lon: number): number {
  return Math.floor((timeMs + Math.trunc(lon / 15) * HOUR_MS) / DAY_MS);
}
