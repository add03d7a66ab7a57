import { levelSize } from '../cube/read-window.js';
import { CubeError } from '../errors.js';
import { applyAffine, intersectWindows, invertAffine, type Bounds, type Window } from '../grid/affine.js';
import type { RasterLevel } from '../raster/level.js';
import { parseInterval } from '../stac/interval.js';
import { chooseWindow } from './plane-selection.js';

/** An instant: milliseconds since 1970 UTC, a `Date`, or RFC 3339, where a date alone is the whole day, month or year. */
export type Instant = number | Date | string;

/** Time steps by place from 0 on, or those of a closed interval; open where an end is left out. */
export type TimeSelection = readonly number[] | { readonly from?: Instant; readonly to?: Instant };

/**
 * Places of the time steps that are asked for, all where nothing is. Problems: `invalid-argument` for places that are not
 * there and what is no time, `no-data` where the interval holds no step.
 */
export function chooseTimes(timesMs: readonly number[], time: TimeSelection | undefined): number[] {
  const all = timesMs.map((_, i) => i);
  if (time === undefined) return all;
  if (isPlaces(time)) {
    const odd = time.find((place) => !Number.isSafeInteger(place) || place < 0 || place >= timesMs.length);
    if (odd !== undefined) throw argument(`time step ${odd} does not exist, there are ${timesMs.length}`);
    if (time.length === 0) throw argument('no time step is asked for');
    return [...time];
  }
  const from = time.from === undefined ? -Infinity : instantOf(time.from).fromMs;
  const to = time.to === undefined ? Infinity : instantOf(time.to).toMs;
  const chosen = all.filter((i) => timesMs[i]! >= from && timesMs[i]! <= to);
  if (chosen.length > 0) return chosen;
  const what = `no time step lies in the interval; there are ${timesMs.length}`;
  const [first, last] = [timesMs[0], timesMs.at(-1)];
  const ends = first === undefined ? '' : `, the first at ${textOf(first)}, the last at ${textOf(last!)}`;
  throw new CubeError({ kind: 'no-data', what: `${what}${ends}` });
}

/**
 * The window of a level that is asked for, or that bounds in its CRS touch, cut to the level; all of it where neither is given.
 * Problems: `invalid-argument`, `no-data` where bounds miss the level.
 */
export function chooseArea(
  level: RasterLevel,
  { window, bounds }: { readonly window?: Window | undefined; readonly bounds?: Bounds | undefined },
): Window {
  if (bounds === undefined) return chooseWindow(level, window);
  if (window !== undefined) throw argument('window and bounds exclude each other');
  const touched = intersectWindows(boundsWindow(level, bounds), { col: 0, row: 0, ...levelSize(level) });
  if (touched !== null) return touched;
  throw new CubeError({ kind: 'no-data', what: `${level.url}: the bounds miss the cube` });
}

/** Edges that miss a pixel's by less are that pixel's: sums of decimal pixel sizes are not exact. */
const TOLERANCE = 1e-6;

function boundsWindow({ url, transform }: RasterLevel, { xmin, ymin, xmax, ymax }: Bounds): Window {
  const inverse = transform === null ? null : invertAffine(transform);
  if (inverse === null) throw argument(`${url} has no transform, so bounds have no pixels`);
  if (!(xmin < xmax && ymin < ymax)) throw argument('bounds must have xmin below xmax and ymin below ymax');
  const corners = [xmin, xmax].flatMap((x) => [ymin, ymax].map((y) => applyAffine(inverse, { col: x, row: y })));
  const low = (values: readonly number[]) => Math.floor(Math.min(...values) + TOLERANCE);
  const high = (values: readonly number[]) => Math.ceil(Math.max(...values) - TOLERANCE);
  const [cols, rows] = [corners.map(({ x }) => x), corners.map(({ y }) => y)];
  const [col, row] = [low(cols), low(rows)];
  return { col, row, width: Math.max(1, high(cols) - col), height: Math.max(1, high(rows) - row) };
}

function isPlaces(time: TimeSelection): time is readonly number[] {
  return Array.isArray(time);
}

function instantOf(instant: Instant): { readonly fromMs: number; readonly toMs: number } {
  if (typeof instant === 'string') {
    if (instant.includes('/')) throw argument(`"${instant}" is no instant`);
    try {
      return parseInterval(instant);
    } catch (error) {
      if (error instanceof CubeError) throw argument(`"${instant}" is no RFC 3339 instant or date`);
      throw error;
    }
  }
  const ms = Number(instant);
  if (!Number.isFinite(ms)) throw argument(`${String(instant)} is no time`);
  return { fromMs: ms, toMs: ms };
}

function textOf(timeMs: number): string {
  return Math.abs(timeMs) <= 8.64e15 ? new Date(timeMs).toISOString() : String(timeMs);
}

function argument(what: string): CubeError {
  return new CubeError({ kind: 'invalid-argument', what });
}
