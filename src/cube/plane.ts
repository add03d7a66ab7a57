import type { Window } from '../grid/affine.js';
import type { Samples } from '../grid/dtype.js';

/**
 * Samples of one source on a piece of the target grid, row-major. `state` is 0 outside the source's raster, 1 valid,
 * 2 inside but no data (the codes of the warp kernels), 3 where a read failed. Samples count where the state is 1.
 * `whole` is true where every state is known to be 1.
 */
export type Plane = {
  readonly window: Window;
  readonly data: Samples;
  readonly state: Uint8Array;
  readonly whole?: boolean;
};

/** State of a pixel whose read failed. */
export const FAILED = 3;

/** The part of a plane inside a window that it contains; the plane itself where that is all of it. */
export function cropPlane(plane: Plane, window: Window): Plane {
  const { window: whole } = plane;
  if (whole.width === window.width && whole.height === window.height) return plane;
  const size = window.width * window.height;
  const data = plane.data.slice(0, size);
  const state = new Uint8Array(size);
  for (let row = 0; row < window.height; row++) {
    const from = (window.row - whole.row + row) * whole.width + window.col - whole.col;
    copyRow(plane.data, from, data, row * window.width, window.width);
    state.set(plane.state.subarray(from, from + window.width), row * window.width);
  }
  return { window, data, state };
}

function copyRow(from: Samples, at: number, to: Samples, target: number, length: number): void {
  to.set(from.subarray(at, at + length) as never, target);
}
