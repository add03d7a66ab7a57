import { describe, expect, test } from 'vitest';
import { STATUS } from '../../src/cube/candidate-status.js';
import { failUnknown } from '../../src/cube/fail-unknown.js';
import { FAILED } from '../../src/cube/plane.js';

/** A mask plane that reaches two pixels over a window of 5 × 1, with one unknown pixel at `col` of the plane's middle row. */
function mask(col: number) {
  const window = { col: 8, row: -2, width: 9, height: 5 };
  const state = new Uint8Array(45).fill(1);
  state[2 * 9 + col] = FAILED;
  return { window, data: new Uint8Array(45), state };
}

const window = { col: 10, row: 0, width: 5, height: 1 };
const { usable, nodata, masked, failed } = STATUS;

describe('an unknown part of a dilated mask', () => {
  test('fails usable pixels within the radius, beyond the window too', () => {
    const status = Uint8Array.of(usable, usable, usable, usable, usable);
    failUnknown(status, window, mask(1), { x: 2, y: 2 });
    expect([...status]).toEqual([failed, failed, usable, usable, usable]);
  });

  test('leaves pixels that are decided without it', () => {
    const status = Uint8Array.of(nodata, masked, usable, usable, masked);
    failUnknown(status, window, mask(3), { x: 2, y: 2 });
    expect([...status]).toEqual([nodata, masked, failed, failed, masked]);
  });

  test('changes nothing where the mask was read whole or is not dilated', () => {
    const status = Uint8Array.of(usable, usable, usable, usable, usable);
    const whole = { ...mask(3), state: new Uint8Array(45).fill(1) };
    failUnknown(status, window, whole, { x: 2, y: 2 });
    failUnknown(status, window, mask(3), { x: 0, y: 0 });
    expect([...status]).toEqual([usable, usable, usable, usable, usable]);
  });
});
