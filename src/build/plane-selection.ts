import { levelSize } from '../cube/read-window.js';
import { CubeError } from '../errors.js';
import type { Window } from '../grid/affine.js';
import { elementCount, unflatten } from '../grid/flat-index.js';
import type { RasterLevel } from '../raster/level.js';

/** Which part of a level: all of it where nothing is given. */
export type PlaneSelection = {
  /** Pixels of the level. */
  readonly window?: Window;
  /** Planes from 0 on: bands, or every index of the dimensions other than x and y in C order. */
  readonly bands?: readonly number[];
};

/** The index in every dimension of each plane that is asked for. Problem: `invalid-argument` for what is not there. */
export function choosePlanes({ url, shape, axes }: RasterLevel, bands: readonly number[] | undefined): number[][] {
  if (axes === null) throw argument(`${url} is no raster: it has no x and y dimension`);
  const others = shape.map((size, d) => (d === axes.x || d === axes.y ? 1 : size));
  const total = elementCount(others);
  const wanted = bands ?? Array.from({ length: total }, (_, i) => i);
  const odd = wanted.find((band) => !Number.isSafeInteger(band) || band < 0 || band >= total);
  if (odd !== undefined) throw argument(`band ${odd + 1} does not exist, there are ${total}`);
  if (wanted.length === 0) throw argument('no band is asked for');
  return wanted.map((band) => unflatten(band, others));
}

/** The window that is asked for, or the whole plane. Problem: `invalid-argument` for one that is not inside. */
export function chooseWindow(level: RasterLevel, window: Window | undefined): Window {
  const size = levelSize(level);
  if (window === undefined) return { col: 0, row: 0, ...size };
  const { col, row, width, height } = window;
  const whole = [col, row, width, height].every(Number.isSafeInteger);
  const inside = col >= 0 && row >= 0 && col + width <= size.width && row + height <= size.height;
  if (whole && inside && width > 0 && height > 0) return window;
  throw argument(`window ${col},${row},${width},${height} is not inside ${size.width}×${size.height} pixels`);
}

function argument(what: string): CubeError {
  return new CubeError({ kind: 'invalid-argument', what });
}
