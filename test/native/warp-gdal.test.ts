import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Affine } from '../../src/grid/affine.js';
import { buildPixelMap } from '../../src/grid/pixel-map.js';
import { RESAMPLINGS } from '../../src/native/kernels.js';
import { VALID, type Resampling } from '../../src/native/kernels.js';
import { warpPlane } from '../../src/native/warp.js';
import { pythonWithOracles, runPython } from '../python.js';

const SCRIPT = fileURLToPath(new URL('warp_gdal.py', import.meta.url));
const [WIDTH, HEIGHT] = [50, 40];
const TRANSFORM: Affine = [10, 0, 0, 0, -10, 400];
/** Sizes of a target pixel in source pixels: equal, finer, coarser. */
const SCALES = [1, 0.7, 2.3] as const;

/** Floats with gaps (0), some negative: every rule about validity and clamping is met. */
const samples = Float32Array.from({ length: WIDTH * HEIGHT }, (_, i) => {
  const noise = ((i * 2_654_435_761) % 4093) / 4093;
  return noise < 0.07 ? 0 : Math.fround(80 * Math.sin(i / 37) + 100 * noise);
});

/**
 * Largest difference in parts of the value or of 1: GDAL adds in another order, and in its B-spline of coarser targets
 * weighs with powers that cancel.
 */
const tolerance = (kernel: Resampling) => (kernel === 'cubicspline' ? 1e-3 : 1e-5);

describe.skipIf(pythonWithOracles() === null)('R1 kernels against GDAL', () => {
  it('gives its values at the same, a finer and a coarser resolution, with gaps', async () => {
    // Of values that are all different, mode takes the first of those that weigh most: not a number to compare.
    const warps = RESAMPLINGS.filter((kernel) => kernel !== 'mode').flatMap((kernel) =>
      SCALES.map((scale) => {
        const transform: Affine = [10 * scale, 0, 33, 0, -10 * scale, 356];
        return { kernel, scale, transform, width: Math.floor(38 / scale), height: Math.floor(30 / scale) };
      }),
    );
    const request = {
      dtype: 'float32',
      shape: [HEIGHT, WIDTH],
      transform: TRANSFORM,
      source: Array.from(samples),
      warps: warps.map(({ kernel, transform, width, height }) => [kernel, transform, width, height]),
    };
    const answers = (await runPython(SCRIPT, [], JSON.stringify(request))) as number[][];
    for (const [i, { kernel, scale, transform, width, height }] of warps.entries()) {
      const target = { data: new Float32Array(width * height), state: new Uint8Array(width * height) };
      warpPlane({
        source: {
          data: samples,
          valid: Uint8Array.from(samples, (value) => (value === 0 ? 0 : 1)),
          width: WIDTH,
          height: HEIGHT,
        },
        raster: { col: 0, row: 0, width: WIDTH, height: HEIGHT },
        map: buildPixelMap({ target: { transform, width, height }, source: { transform: TRANSFORM }, toSource: null }),
        kernel,
        scale: { x: scale, y: scale },
        target,
      });
      const wrong = answers[i]!.filter((wanted, at) => {
        // GDAL counts slivers of rounding as covered.
        if (target.state[at] !== VALID) return Math.abs(wanted) > 1e-9;
        return !(Math.abs(target.data[at]! - wanted) <= tolerance(kernel) * Math.max(1, Math.abs(wanted)));
      });
      expect(wrong.length, `${kernel} at ${scale}`).toBe(0);
    }
  });
});
