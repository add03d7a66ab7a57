import { CubeError } from '../errors.js';

const DAY_MS = 86_400_000;
/** Periods of days and hours are counted from here (T5). */
const EPOCH_MS = Date.UTC(2000, 0, 1);
/** 2000-01-03 was a Monday, the first day of an ISO week. */
const FIRST_MONDAY_MS = Date.UTC(2000, 0, 3);

/**
 * The function that numbers the ISO 8601 periods a time lies in: PnW from Mondays, PnM and PnY by the calendar, PnD and
 * PTnH from 2000-01-01, all UTC. Two times are in one period exactly when their numbers are equal; numbers rise with time.
 */
export function periodNumber(period: string): (timeMs: number) => number {
  const match = /^P(?:(\d+)([DWMY])|T(\d+)H)$/.exec(period);
  const count = Number(match?.[1] ?? match?.[3] ?? 0);
  if (match === null || count < 1) {
    const fix = 'write P1D, P1W, P1M, P1Y, PnD or PTnH';
    throw new CubeError({ kind: 'invalid-spec', path: 'time.groupby', what: `"${period}" is not an ISO period`, fix });
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

function monthNumber(timeMs: number): number {
  const date = new Date(timeMs);
  return (date.getUTCFullYear() - 2000) * 12 + date.getUTCMonth();
}
