import type { Bounds, Window } from '../grid/affine.js';
import { intersectWindows } from '../grid/affine.js';
import type { Crs } from '../grid/crs.js';
import type { GridSpec } from '../grid/grid-spec.js';
import { fullTurn, reprojectBounds } from '../grid/reproject.js';
import type { RasterLevel } from '../raster/level.js';

/** A raster may lie a turn or two away from the grid: 0 to 360, or a grid that goes on past 180. */
const TURNS = [-2, -1, 0, 1, 2] as const;
/** Two datums put the same longitude at most this far apart, in turns (some hundred metres). */
const DATUM_SLACK = 1e-5;

/**
 * Whole turns by which a raster in longitudes must be moved so that it meets the grid; [0] for projected rasters. A raster
 * of 0 to 360 degrees meets a grid of -180 to 180 twice. Empty where it misses the grid's longitudes.
 */
export function sourceTurns(crs: Crs, { xmin, xmax }: Bounds, grid: GridSpec): readonly number[] {
  const turn = fullTurn(crs);
  if (turn === null) return [0];
  const [west, east] = gridLongitudes(grid);
  const slack = DATUM_SLACK * turn;
  return TURNS.filter((k) => xmin + k * turn < east * turn + slack && xmax + k * turn > west * turn - slack);
}

/** Longitudes of a grid in turns; transforms into a system in longitudes give half a turn to both sides of its meridian. */
function gridLongitudes({ crs, transform: t, size }: GridSpec): readonly [west: number, east: number] {
  const turn = fullTurn(crs);
  return turn === null ? [-0.5, 0.5] : [t[2] / turn, (t[2] + t[0] * size.width) / turn];
}

/** The level moved by whole turns of longitude. */
export function turnedLevel(level: RasterLevel, turns: number): RasterLevel {
  const turn = level.crs === null ? null : fullTurn(level.crs);
  if (turns === 0 || turn === null || level.transform === null) return level;
  const [a, b, c, d, e, f] = level.transform;
  return { ...level, transform: [a, b, c + turns * turn, d, e, f] };
}

/**
 * Pixels of the grid that a box in another system may touch, with a margin, not clipped to the grid; null where it lies
 * elsewhere. On a grid in longitudes the box counts a turn to the left and to the right too.
 */
export function extentOnGrid(grid: GridSpec, bounds: Bounds, crs: Crs, margin: number): Window | null {
  const box = reprojectBounds(bounds, crs, grid.crs);
  const turn = fullTurn(grid.crs);
  if (turn === null) return boundsWindow(grid, box, margin);
  const xmax = box.xmax < box.xmin ? box.xmax + turn : box.xmax;
  const whole = { col: 0, row: 0, ...grid.size };
  const windows = TURNS.flatMap((k) => {
    const window = boundsWindow(grid, { ...box, xmin: box.xmin + k * turn, xmax: xmax + k * turn }, margin);
    return window !== null && intersectWindows(window, whole) !== null ? [window] : [];
  });
  return windows.length === 0 ? null : windows.reduce(around);
}

/** Pixels of a north-up grid that a box touches and a margin, not clipped to the grid; null where the box is empty. */
function boundsWindow({ transform: t }: GridSpec, bounds: Bounds, margin: number): Window | null {
  const col = Math.floor((bounds.xmin - t[2]) / t[0]) - margin;
  const row = Math.floor((bounds.ymax - t[5]) / t[4]) - margin;
  const width = Math.ceil((bounds.xmax - t[2]) / t[0]) + margin - col;
  const height = Math.ceil((bounds.ymin - t[5]) / t[4]) + margin - row;
  return [col, row, width, height].every(Number.isFinite) && width > 0 && height > 0
    ? { col, row, width, height }
    : null;
}

function around(a: Window, b: Window): Window {
  const col = Math.min(a.col, b.col);
  const row = Math.min(a.row, b.row);
  const width = Math.max(a.col + a.width, b.col + b.width) - col;
  const height = Math.max(a.row + a.height, b.row + b.height) - row;
  return { col, row, width, height };
}
