import { VALID } from '../native/kernels.js';
import { dilate } from './dilate.js';
import { type Plane } from './plane.js';
import type { MaskPlan } from './task.js';

/**
 * Which pixels of `window` a candidate's mask band masks (1), on the plane's own window. Pixels without data are never
 * masked. The dilation works inside the plane, which therefore must reach over the window by its radius.
 */
export function maskPixels(mask: MaskPlan, plane: Plane): Uint8Array {
  const masked = new Uint8Array(plane.state.length);
  const test = ruleTest(mask);
  let last: number | null = null;
  let lastMasked = 0;
  for (let i = 0; i < masked.length; i++) {
    if (plane.state[i] !== VALID) continue;
    const value = Number(plane.data[i]);
    if (value !== last) {
      last = value;
      lastMasked = test(value) === mask.invert ? 0 : 1;
    }
    masked[i] = lastMasked;
  }
  const { x, y } = mask.dilatePx;
  return x > 0 || y > 0 ? dilate(masked, plane.window, mask.dilatePx) : masked;
}

function ruleTest({ rule }: MaskPlan): (value: number) => boolean {
  switch (rule.kind) {
    case 'values': {
      const values = new Set(rule.values);
      return (value) => values.has(value);
    }
    case 'range':
      return (value) => value >= rule.from && value <= rule.to;
    case 'bits': {
      const bits = rule.bits.reduce((all, bit) => (all | (1 << bit)) >>> 0, 0);
      return (value) => (value & bits) >>> 0 !== 0;
    }
  }
}
