import { describe, expect, it } from 'vitest';
import { clipPixels } from '../../src/cube/clip-pixels.js';
import { FirstFuser } from '../../src/cube/first-fuser.js';
import { STATUS } from '../../src/cube/candidate-status.js';
import { CoverageCache } from '../../src/cube/label-parts.js';
import { REASON } from '../../src/cube/reason.js';
import type { BandPlan, PixelTask, PlanContext } from '../../src/cube/task.js';
import { buildTiny, listOf, tinyBand, tinyCandidate, tinyLevel, tinySpec } from './tiny-cube.js';

/** Neither this nor its neighbours are doubles. */
const LARGE = 2n ** 62n + 1n;
const WIDE: BandPlan = {
  name: 'a',
  written: true,
  dtype: 'int64',
  fill: -9,
  resampling: 'nearest',
  classes: false,
  scaled: false,
};

describe('bands of 64-bit integers', () => {
  it('come through to the last bit, and hold the fill where there is nothing', async () => {
    const value = (col: number, row: number) => (col === 3 ? -9n : LARGE + BigInt(col + 8 * row));
    const level = tinyLevel({ dtype: 'int64', width: 8, height: 8, tile: 8, value });
    const candidates = [tinyCandidate('i', [tinyBand([level], { nodata: [-9] })])];
    const { arrays } = await buildTiny(tinySpec(), candidates, { size: 9 });
    expect(listOf(arrays['a']!, 9)).toEqual([...Array.from({ length: 8 }, (_, col) => value(col, 0)), -9n]);
    expect(listOf(arrays['reason']!, 9)).toEqual([0, 0, 0, 2, 0, 0, 0, 0, 1]);
  });

  it('a mask band gives up its value where a later read fails', () => {
    const window = { col: 0, row: 0, width: 2, height: 1 };
    const fuser = new FirstFuser([WIDE], 0, 2);
    const offer = (status: number[], data: bigint[], state: number[]) => ({
      status: Uint8Array.from(status),
      usable: false,
      planes: [{ window, data: BigInt64Array.from(data), state: Uint8Array.from(state) }],
      scales: [{ scale: 1, offset: 0 }],
    });
    fuser.add(offer([STATUS.masked, STATUS.masked], [LARGE, LARGE], [1, 1]));
    fuser.add(offer([STATUS.failed, STATUS.masked], [0n, 0n], [3, 1]));
    const { bands, reason } = fuser.finish();
    expect([...reason]).toEqual([REASON.failed, REASON.masked]);
    expect([...bands[0]!]).toEqual([-9n, LARGE]);
  });

  it('clipped pixels hold the fill', () => {
    const window = { col: 0, row: 0, width: 4, height: 1 };
    const square = [0, 0, 2, 0, 2, 1, 0, 1, 0, 0];
    const labels = [{ labelId: 1, polygons: [[Float64Array.from(square)]], pixels: [], whole: true }];
    const chunk = {
      bands: [BigInt64Array.of(LARGE, LARGE, LARGE, LARGE)],
      reason: new Uint8Array(4),
      count: null,
    };
    const task = { kind: 'pixels', window, labels } as unknown as PixelTask;
    const clip = { mode: 'pixels', bufferPx: { x: 0, y: 0 } };
    clipPixels(chunk, task, { clip, bands: [WIDE] } as unknown as PlanContext, new CoverageCache());
    expect([...chunk.bands[0]!]).toEqual([LARGE, LARGE, -9n, -9n]);
    expect([...chunk.reason]).toEqual([0, 0, REASON.notRequested, REASON.notRequested]);
  });
});
