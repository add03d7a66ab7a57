import type { Window } from '../grid/affine.js';
import { STATUS } from './candidate-status.js';
import { dilate } from './dilate.js';
import { cropPlane, FAILED, type Plane } from './plane.js';
import type { PixelRadius } from './task.js';

/**
 * A part of the mask band that could not be read may have masked pixels around it, as far as the mask is dilated: where
 * such a pixel of `window` counts as usable, it counts as failed instead. `mask` reaches over the window by the radius.
 */
export function failUnknown(status: Uint8Array, window: Window, mask: Plane, radius: PixelRadius): void {
  if ((radius.x === 0 && radius.y === 0) || !mask.state.includes(FAILED)) return;
  const failed = mask.state.map((state) => (state === FAILED ? 1 : 0));
  const near = dilate(failed, mask.window, radius);
  const unknown = cropPlane({ window: mask.window, data: near, state: near }, window).state;
  for (let i = 0; i < status.length; i++) {
    if (unknown[i] === 1 && status[i] === STATUS.usable) status[i] = STATUS.failed;
  }
}
