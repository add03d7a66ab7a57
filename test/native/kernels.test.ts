import { RESAMPLINGS } from '../../src/native/kernels.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCubeError } from '../../src/errors.js';
import { buildPixelMap, mapSourceWindow } from '../../src/grid/pixel-map.js';
import { coverPolygons } from '../../src/native/coverage.js';
import type { Resampling } from '../../src/native/kernels.js';
import { addonStatus } from '../../src/native/load.js';
import { weightedQuantiles, weightedStatistics } from '../../src/native/statistics.js';
import { FIXED_STATISTICS } from '../../src/native/statistics-contract.js';
import { weightedStatisticsTwin } from '../../src/native/twin/statistics.js';
import { warpPlaneTwin } from '../../src/native/twin/warp.js';
import { kernelRadius, warpPlane } from '../../src/native/warp.js';
import type { WarpRequest } from '../../src/native/warp-contract.js';
import { seededRandom } from '../../src/sample/random.js';

const SEED = 77_777;
const HOSTILE = 100_000;

type Run = (request: WarpRequest) => void;
const implementations: [string, Run][] = [
  ['twin', (request) => expect(warpPlaneTwin(request)).toBe(0)],
  ...(addonStatus().kind === 'loaded' ? ([['addon', warpPlane]] as [string, Run][]) : []),
];

/** Warp a raster of 10 m pixels with its corner at (0, 40) to `pixel` metres with its corner at (left, 40). */
function warpSample(
  run: Run,
  source: Float64Array,
  kernel: Resampling,
  target: { pixel: number; left: number; width: number; height: number },
  valid: Uint8Array | null = null,
) {
  const { pixel, left, width, height } = target;
  const map = buildPixelMap({
    target: { transform: [pixel, 0, left, 0, -pixel, 40], width, height },
    source: { transform: [10, 0, 0, 0, -10, 40] },
    toSource: null,
  });
  const size = { width: 4, height: 4 };
  const scale = { x: pixel / 10, y: pixel / 10 };
  expect(mapSourceWindow(map, kernelRadius(kernel, scale), size)).not.toBeNull();
  const data = new Float64Array(width * height).fill(Number.NaN);
  const state = new Uint8Array(width * height);
  run({
    source: { data: source, valid, ...size },
    raster: { col: 0, row: 0, ...size },
    map,
    kernel,
    scale,
    target: { data, state },
  });
  return { data: [...data], state: [...state] };
}

const RAMP = Float64Array.from({ length: 16 }, (_, i) => i);

describe.each(implementations)('warp kernels of the %s', (_, run) => {
  it.each([
    ['nearest', [5, 7, 13, 15]],
    ['average', [2.5, 4.5, 10.5, 12.5]],
    ['mode', [0, 2, 8, 10]],
    ['max', [5, 7, 13, 15]],
    ['min', [0, 2, 8, 10]],
    ['med', [1, 3, 9, 11]],
    ['bilinear', [3.571429, 5.142857, 9.857142, 11.428572]],
    ['cubic', [2.933884, 4.760331, 10.23967, 12.066115]],
  ] as const)('R1 %s to twice the pixel equals GDAL', (kernel, expected) => {
    const { data, state } = warpSample(run, RAMP, kernel, { pixel: 20, left: 0, width: 2, height: 2 });
    expect(state).toEqual([1, 1, 1, 1]);
    // GDAL computed these in float32, and they are printed with six digits.
    for (const [i, value] of expected.entries()) expect(data[i]).toBeCloseTo(value, 5);
  });

  it('R2 half a pixel to the right: nearest takes the right one, outside is fill', () => {
    expect(warpSample(run, RAMP, 'nearest', { pixel: 10, left: 5, width: 4, height: 1 })).toEqual({
      data: [1, 2, 3, Number.NaN],
      state: [1, 1, 1, 0],
    });
    expect(warpSample(run, RAMP, 'bilinear', { pixel: 10, left: 5, width: 3, height: 1 }).data).toEqual([
      0.5, 1.5, 2.5,
    ]);
  });

  it('R3 upsampling clamps at the edges', () => {
    const { data } = warpSample(run, RAMP, 'bilinear', { pixel: 5, left: 0, width: 8, height: 1 });
    expect(data).toEqual([0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3]);
  });

  it('R4 no data renormalises the weights, and stays where the pixel under the centre has none', () => {
    const valid = new Uint8Array(16).fill(1);
    valid[0] = 0;
    const half = { pixel: 20, left: 0, width: 2, height: 2 };
    expect(warpSample(run, RAMP, 'average', half, valid).data[0]).toBeCloseTo(3.333333, 5);
    expect(warpSample(run, RAMP, 'bilinear', half, valid).data[0]).toBeCloseTo(4.375, 5);
    expect(warpSample(run, RAMP, 'min', half, valid).data[0]).toBe(1);
    const { data, state } = warpSample(run, RAMP, 'bilinear', { pixel: 5, left: 0, width: 8, height: 8 }, valid);
    expect([state[0], state[1], state[8], state[9], state[2]]).toEqual([2, 2, 2, 2, 1]);
    expect(data[8 + 2]).toBeCloseTo(2.153846, 5);
  });
});

describe('warp kernels', () => {
  const kernels: readonly Resampling[] = [...RESAMPLINGS];

  it.skipIf(addonStatus().kind !== 'loaded')('the addon equals its twin on random rasters, scales and shifts', () => {
    const random = seededRandom(SEED);
    for (let i = 0; i < 300; i++) {
      const source = Float64Array.from({ length: 16 }, () => Math.floor(random() * 1000));
      const valid = Uint8Array.from({ length: 16 }, () => (random() < 0.8 ? 1 : 0));
      const target = { pixel: 4 + 16 * random(), left: -5 + 20 * random(), width: 3, height: 3 };
      const kernel = kernels[i % kernels.length]!;
      const [twin, addon] = implementations.map(([, run]) => warpSample(run, source, kernel, target, valid));
      expect(addon!.state).toEqual(twin!.state);
      // Sums of up to some dozens of products in another order.
      for (const [j, value] of twin!.data.entries())
        if (twin!.state[j] === 1) expect(addon!.data[j]).toBeCloseTo(value, 8);
    }
  });

  it(`${HOSTILE} senseless requests are refused or answered (seed ${SEED})`, () => {
    const random = seededRandom(SEED);
    const odd = [0, 1, -1, 4, 7, 1e9, -1e9, 2 ** 31, 2 ** 53, Number.NaN, Infinity, 0.5];
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
    const map = buildPixelMap({
      target: { transform: [20, 0, 0, 0, -20, 40], width: 2, height: 2 },
      source: { transform: [10, 0, 0, 0, -10, 40] },
      toSource: null,
    });
    for (let i = 0; i < HOSTILE; i++) {
      const data = pick([RAMP, new Uint16Array(16), new Uint8Array(3), new Float32Array(0), new BigInt64Array(16)]);
      const request: WarpRequest = {
        source: {
          data,
          valid: pick([null, new Uint8Array(16), new Uint8Array(2)]),
          width: pick(odd),
          height: pick(odd),
        },
        raster: { col: pick(odd), row: pick(odd), width: pick(odd), height: pick(odd) },
        map: random() < 0.5 ? map : { ...map, width: pick(odd), height: pick(odd) },
        kernel: pick(kernels),
        scale: { x: pick(odd), y: pick(odd) },
        target: {
          data: pick([new Float64Array(4), new Uint16Array(4), new Uint8Array(1)]),
          state: pick([new Uint8Array(4), new Uint8Array(0)]),
        },
      };
      try {
        warpPlane(request);
      } catch (error) {
        if (!isCubeError(error)) throw error;
      }
    }
  });
});

/** Rectangle as a closed ring. */
const box = (x0: number, y0: number, x1: number, y1: number) => Float64Array.of(x0, y0, x1, y0, x1, y1, x0, y1, x0, y0);
const sum = (values: ArrayLike<number>) => Array.from(values).reduce((total, value) => total + value, 0);

describe('exact coverage', () => {
  const window = { col: 0, row: 0, width: 12, height: 9 };
  const coordinate = fc.double({ min: -4, max: 16, noNaN: true });

  it('Z2 the fractions of any triangle add up to its area inside the window, however the window is cut', () => {
    fc.assert(
      fc.property(fc.array(coordinate, { minLength: 6, maxLength: 6 }), fc.integer({ min: 1, max: 11 }), (p, cut) => {
        const ring = Float64Array.of(...p, p[0]!, p[1]!);
        const big = { col: -10, row: -10, width: 40, height: 40 };
        const area = Math.abs((p[2]! - p[0]!) * (p[5]! - p[1]!) - (p[4]! - p[0]!) * (p[3]! - p[1]!)) / 2;
        expect(sum(coverPolygons([[ring]], big).fractions)).toBeCloseTo(area, 5);
        const whole = sum(coverPolygons([[ring]], window).fractions);
        const left = sum(coverPolygons([[ring]], { ...window, width: cut }).fractions);
        const right = sum(coverPolygons([[ring]], { ...window, col: cut, width: 12 - cut }).fractions);
        expect(left + right).toBeCloseTo(whole, 9);
      }),
      { numRuns: 300 },
    );
  });

  it('Z3 holes subtract, Z9 a polygon inside one pixel gives its area', () => {
    expect(sum(coverPolygons([[box(0, 0, 4, 4), box(1, 1, 3, 3)]], window).fractions)).toBe(12);
    const tiny = coverPolygons([[box(2.25, 3.25, 2.5, 3.75)]], window);
    expect([...tiny.cells]).toEqual([3 * 12 + 2]);
    expect(tiny.fractions[0]).toBeCloseTo(0.125, 12);
  });

  it('L1 the centre rule never claims a pixel twice, and takes none of a tiny polygon', () => {
    const left = coverPolygons([[box(0, 0, 2.5, 4)]], window, 'center');
    const right = coverPolygons([[box(2.5, 0, 6, 4)]], window, 'center');
    expect([...left.cells].filter((cell) => right.cells.includes(cell))).toEqual([]);
    expect(left.cells.length + right.cells.length).toBe(24);
    expect(coverPolygons([[box(0.1, 0.1, 0.3, 0.3)]], window, 'center').cells.length).toBe(0);
    expect(coverPolygons([[box(0.1, 0.1, 0.3, 0.3)]], window, 'all-touched').cells.length).toBe(1);
  });
});

describe('weighted statistics', () => {
  const values = [1, 2, 3, 4];
  const weights = [0.5, 0, 1, 0.25];

  it('Z1 the reference example', () => {
    const {
      count,
      sum: total,
      mean,
      min,
      max,
      median,
      majority,
      minority,
      variety,
      variance,
    } = weightedStatistics(values, weights);
    expect({ count, total, min, max, majority, minority, variety }).toEqual({
      count: 1.75,
      total: 4.5,
      min: 1,
      max: 4,
      majority: 3,
      minority: 4,
      variety: 3,
    });
    expect(mean).toBeCloseTo(2.571428571, 8);
    expect(variance).toBeCloseTo(1.102, 2);
    expect(median).not.toBeNull();
    expect(weightedQuantiles(values, weights, [0, 1])).toEqual([1, 4]);
  });

  it('Z10 nothing that counts gives a count of 0 and nulls', () => {
    expect(weightedStatistics([], [])).toMatchObject({ count: 0, sum: 0, mean: null, min: null, median: null });
    expect(weightedStatistics([Number.NaN, 1], [1, 0]).count).toBe(0);
  });

  it('Z8 the order of the pixels does not show in any bit', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 9000 }), fc.double({ min: 0, max: 1, noNaN: true })), {
          maxLength: 60,
        }),
        (pairs) => {
          const of = (list: typeof pairs) =>
            weightedStatistics(
              list.map(([value]) => value),
              list.map(([, weight]) => weight),
            );
          expect(of(pairs.toReversed())).toEqual(of(pairs));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('the twin gives the same', () => {
    const out = new Float64Array(FIXED_STATISTICS);
    expect(
      weightedStatisticsTwin(Float64Array.from(values), Float64Array.from(weights), new Float64Array(0), out),
    ).toBeGreaterThanOrEqual(0);
    expect(out[0]).toBe(1.75);
  });
});
