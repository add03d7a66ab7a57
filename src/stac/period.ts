import { CubeError } from '../errors.js';

const DAY_MS = 86_400_000;
/** Periods of days and hours are counted from here (T5). */
const EPOCH_MS = Date.UTC(2000, 0, 1);
/** 2000-01-03 was a Monday, the first day of an ISO week. */
const FIRST_MONDAY_MS = Date.UTC(2000, 0, 3);

/**
 * The function that numbers the periods a time lies in. ISO 8601: PnW from Mondays, PnM and PnY by the calendar, PnD and
 * PTnH from 2000-01-01; `dekad` (days 1 to 10, 11 to 20 and the rest of a month) and `season` (December to February and
 * so on), as openEO has them; all UTC. Two times are in one period exactly when their numbers are equal; numbers rise with time.
 */
export function periodNumber(period: string): (timeMs: number) => number {
  if (period === 'dekad') return dekadNumber;
  if (period === 'season') return (timeMs) => Math.floor((monthNumber(timeMs) + 1) / 3);
  const match = /^P(?:(\d+)([DWMY])|T(\d+)H)$/.exec(period);
  const count = Number(match?.[1] ?? match?.[3] ?? 0);
  if (match === null || count < 1) {
    const fix = 'write solar_day, time, id, dekad, season, P1D, P1W, P1M, P1Y, PnD or PTnH';
    throw new CubeError({ kind: 'invalid-spec', path: 'time.groupby', what: `"${period}" is no period`, fix });
  }
  switch (match[2]) {
    case 'D':
      return (timeMs) => Math.floor((timeMs - EPOCH_MS) / (count * DAY_MS));
    case 'W':
      return (timeMs) => Math.floor((timeMs - FIRST_MONDAY_MS) / (7 * count * DAY_MS));
    case 'M':
      return (timeMs) => Math.floor(monthNumber(timeMs) / count);
    case 'Y':
      return (timeMs) => Math.floor((new Date(timeMs).getUTCFullYear() - 2000) / count);
    default:
      return (timeMs) => Math.floor((timeMs - EPOCH_MS) / (count * 3_600_000));
  }
}

function dekadNumber(timeMs: number): number {
  const day = new Date(timeMs).getUTCDate();
  return monthNumber(timeMs) * 3 + Math.min(2, Math.floor((day - 1) / 10));
}

function monthNumber(timeMs: number): number {
  const date = new Date(timeMs);
  return (date.getUTCFullYear() - 2000) * 12 + date.getUTCMonth();
}
