import { RESAMPLINGS } from '../../src/native/kernels.js';
import { describe, expect, it } from 'vitest';
import { REASON } from '../../src/cube/reason.js';
import { buildTiny, tinyBand, tinyCandidate, tinyLevel, tinySpec } from './tiny-cube.js';

const SOURCE = 64;
const TILE = 20;
/** The second tile of the second row: columns 20 to 39, rows 20 to 39. */
const BROKEN = 5;

/** Reasons of a grid of `size` pixels over the source, and the same with values that the broken tile alone decides. */
async function build(kernel: string, size: number, broken: readonly number[]) {
  const level = tinyLevel({
    dtype: 'uint16',
    width: SOURCE,
    height: SOURCE,
    tile: TILE,
    value: (col, row) => 100 + col + row,
    broken,
  });
  const spec = tinySpec({ resampling: { a: kernel }, nodata: 0 });
  const candidates = [tinyCandidate('item', [tinyBand([level])])];
  return buildTiny(spec, candidates, { size, pixel: SOURCE / size, allowIncomplete: true });
}

describe('pixels whose read failed', () => {
  for (const kernel of RESAMPLINGS) {
    for (const size of [64, 33, 21, 16, 13, 9]) {
      it(`${kernel}, ${SOURCE} to ${size} pixels: are all that the lost tile could decide`, async () => {
        const whole = await build(kernel, size, []);
        const lossy = await build(kernel, size, [BROKEN]);
        const reason = lossy.arrays['reason']!;
        const pixel = SOURCE / size;
        let failed = 0;
        for (let i = 0; i < size * size; i++) {
          const [left, top] = [(i % size) * pixel, Math.floor(i / size) * pixel];
          const touches = (from: number) => from < 2 * TILE && from + pixel > TILE;
          const holdsCentre = (from: number) => from + pixel / 2 >= TILE && from + pixel / 2 < 2 * TILE;
          const decided = kernel === 'nearest' ? holdsCentre : touches;
          if (decided(left) && decided(top)) expect(reason[i], `pixel ${i}`).toBe(REASON.failed);
          if (reason[i] === REASON.failed) failed++;
          else expect(lossy.arrays['a']![i], `pixel ${i}`).toBe(whole.arrays['a']![i]);
        }
        expect(failed).toBeGreaterThan(0);
        // Lanczos of the coarsest grid reaches over all of the source.
        if (kernel !== 'lanczos' || size > 9) expect(failed).toBeLessThan(size * size);
        expect(lossy.results[0]!.failures).toMatchObject([{ itemId: 'item', band: 'a', kind: 'not-found' }]);
      });
    }
  }
});
