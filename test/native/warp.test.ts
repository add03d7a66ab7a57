import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCubeError } from '../../src/errors.js';
import { RESAMPLINGS } from '../../src/native/kernels.js';
import type { Affine } from '../../src/grid/affine.js';
import { newSamples, type DataType, type Samples } from '../../src/grid/dtype.js';
import { buildPixelMap, mapSourceWindow } from '../../src/grid/pixel-map.js';
import { createTransform } from '../../src/grid/transform.js';
import { NODATA, OUTSIDE, type Resampling } from '../../src/native/kernels.js';
import { warpPlaneTwin } from '../../src/native/twin/warp.js';
import type { WarpImplementation } from '../../src/native/warp-contract.js';
import { kernelRadius, nativeWarp, warpPlane } from '../../src/native/warp.js';

const native = nativeWarp();
const implementations: readonly (readonly [string, WarpImplementation])[] = [
  ['twin', warpPlaneTwin],
  ...(native === null ? [] : ([['addon', native]] as const)),
];
const KERNELS: readonly Resampling[] = [...RESAMPLINGS];
const range16 = Array.from({ length: 16 }, (_, i) => i);
/** The source of the goldens: 4 × 4 pixels of 10 m, upper left corner (0, 40). */
const SOURCE: Affine = [10, 0, 0, 0, -10, 40];

type Case = {
  readonly values?: readonly number[];
  readonly dtype?: DataType;
  readonly out?: DataType;
  readonly valid?: Uint8Array | null;
  readonly target: Affine;
  readonly width: number;
  readonly height: number;
  readonly kernel: Resampling;
  readonly scale?: number;
};

/** Warp the 4 × 4 source; row-major values, NaN where no data, null outside. */
function warp(spec: Case, implementation: WarpImplementation): (number | null)[] {
  const {
    values = range16,
    dtype = 'float64',
    out = dtype,
    valid = null,
    target,
    width,
    height,
    kernel,
    scale = 1,
  } = spec;
  const data = newSamples(dtype, 16);
  for (const [i, value] of values.entries()) data[i] = value;
  const map = buildPixelMap({
    target: { transform: target, width, height },
    source: { transform: SOURCE },
    toSource: null,
  });
  const result = { data: newSamples(out, width * height), state: new Uint8Array(width * height).fill(9) };
  const raster = { col: 0, row: 0, width: 4, height: 4 };
  const source = { data, valid, width: 4, height: 4 };
  warpPlane({ source, raster, map, kernel, scale: { x: scale, y: scale }, target: result }, implementation);
  return Array.from(result.state, (state, i) =>
    state === OUTSIDE ? null : state === NODATA ? NaN : Number(result.data[i]),
  );
}

const HALVED: Affine = [20, 0, 0, 0, -20, 40];
const DOUBLED: Affine = [5, 0, 0, 0, -5, 40];
const without0 = Uint8Array.from(range16, (i) => (i === 0 ? 0 : 1));

describe.each(implementations)('warp by the %s', (_, implementation) => {
  const close = (found: readonly (number | null)[], wanted: readonly (number | null)[]): void => {
    expect(found.length).toBe(wanted.length);
    for (const [i, value] of wanted.entries()) {
      if (value === null || Number.isNaN(value)) expect(found[i]).toBe(value);
      else expect(found[i]).toBeCloseTo(value, 5);
    }
  };

  it.each([
    ['nearest', 1, [5, 7, 13, 15]],
    ['average', 2, [2.5, 4.5, 10.5, 12.5]],
    ['mode', 2, [0, 2, 8, 10]],
    ['max', 2, [5, 7, 13, 15]],
    ['min', 2, [0, 2, 8, 10]],
    ['med', 2, [1, 3, 9, 11]],
    ['q1', 2, [0, 2, 8, 10]],
    ['q3', 2, [4, 6, 12, 14]],
    ['sum', 2, [10, 18, 42, 50]],
    ['rms', 2, [3.24037, 4.949747, 10.700467, 12.668859]],
    ['cubicspline', 2, [4.514563, 5.708738, 9.291262, 10.485437]],
    ['lanczos', 2, [2.690636, 4.614382, 10.385618, 12.309364]],
    ['bilinear', 2, [3.571429, 5.142857, 9.857142, 11.428572]],
    ['cubic', 2, [2.933884, 4.760331, 10.23967, 12.066115]],
  ] as const)('R1: %s to twice the pixel equals GDAL', (kernel, scale, wanted) => {
    close(warp({ target: HALVED, width: 2, height: 2, kernel, scale }, implementation), wanted);
  });

  it('R2: half a pixel to the right; outside stays outside', () => {
    const shifted: Omit<Case, 'kernel'> = { target: [10, 0, 5, 0, -10, 40], width: 4, height: 1 };
    close(warp({ ...shifted, kernel: 'nearest' }, implementation), [1, 2, 3, null]);
    close(warp({ ...shifted, kernel: 'bilinear' }, implementation), [0.5, 1.5, 2.5, null]);
    close(warp({ ...shifted, kernel: 'cubic' }, implementation), [0.5, 1.5, 2.5, null]);
    close(warp({ ...shifted, kernel: 'cubicspline' }, implementation), [1.331915, 2.3, 3.268085, null]);
    close(warp({ ...shifted, kernel: 'lanczos' }, implementation), [0.371638, 1.5, 2.628362, null]);
  });

  it('R3: edges are clamped where bilinear upsamples', () => {
    const found = warp({ target: DOUBLED, width: 8, height: 1, kernel: 'bilinear' }, implementation);
    close(found, [0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3]);
  });

  it('R4: weights of no data go to the others, and a no-data pixel keeps its own place', () => {
    const coarse = (kernel: Resampling, scale: number) =>
      warp({ target: HALVED, width: 2, height: 2, kernel, scale, valid: without0 }, implementation)[0];
    expect(coarse('bilinear', 2)).toBeCloseTo(4.375, 6);
    expect(coarse('average', 2)).toBeCloseTo(3.333333, 6);
    expect(coarse('min', 2)).toBe(1);
    expect(coarse('max', 2)).toBe(5);
    const fine = warp({ target: DOUBLED, width: 8, height: 8, kernel: 'bilinear', valid: without0 }, implementation);
    const empty = fine.flatMap((value, i) => (Number.isNaN(value) ? [i] : []));
    expect(empty).toEqual([0, 1, 8, 9]);
    expect(fine[10]).toBeCloseTo(2.153846, 6);
  });

  it('R4: NaN is no data without any mask', () => {
    const values = range16.map((value) => (value === 0 ? NaN : value));
    const spec: Case = { values, dtype: 'float32', target: HALVED, width: 2, height: 2, kernel: 'average', scale: 2 };
    expect(warp(spec, implementation)[0]).toBeCloseTo(10 / 3, 6);
    expect(warp({ ...spec, target: SOURCE, width: 1, height: 1, kernel: 'nearest' }, implementation)).toEqual([NaN]);
  });

  it('R5: integers round half up and are clamped', () => {
    const one: Omit<Case, 'values'> = {
      dtype: 'uint8',
      target: HALVED,
      width: 1,
      height: 1,
      kernel: 'average',
      scale: 2,
    };
    const corner = (a: number, b: number, c: number, d: number) => [a, b, 9, 9, c, d, ...range16.slice(6)];
    expect(warp({ ...one, values: corner(0, 1, 1, 1) }, implementation)).toEqual([1]);
    expect(warp({ ...one, values: corner(0, 1, 1, 0) }, implementation)).toEqual([1]);
    expect(warp({ ...one, values: corner(0, 1, 0, 0) }, implementation)).toEqual([0]);
    expect(warp({ ...one, values: corner(-3, -2, -3, -2), dtype: 'int8' }, implementation)).toEqual([-2]);
    const step = range16.map((i) => (i % 4 < 2 ? 0 : 255));
    const cubic: Case = {
      values: step,
      dtype: 'uint8',
      target: [5, 0, 0, 0, -5, 40],
      width: 8,
      height: 8,
      kernel: 'cubic',
    };
    const wide = warp({ ...cubic, out: 'float32' }, implementation);
    expect(Math.max(...wide.map(Number))).toBeLessThanOrEqual(255);
    expect(warp(cubic, implementation)).toEqual(
      wide.map((value) => Math.min(Math.max(Math.floor(Number(value) + 0.5), 0), 255)),
    );
  });

  it('R6: mode and min make no new classes', () => {
    const classes = [0, 4, 4, 5, 3, 8, 9, 10, 11, 11, 2, 2, 7, 6, 5, 4];
    for (const kernel of ['nearest', 'mode', 'min', 'max', 'med'] as const) {
      const found = warp(
        { values: classes, dtype: 'uint8', target: [7, 0, 1, 0, -7, 39], width: 5, height: 5, kernel },
        implementation,
      );
      expect(found.every((value) => value !== null && classes.includes(value))).toBe(true);
    }
  });

  it('mode counts by covered area', () => {
    const values = [1, 1, 2, 2, 1, 1, 2, 2, 1, 1, 2, 2, 1, 1, 2, 2];
    const at = (x: number) =>
      warp({ values, target: [20, 0, x, 0, -20, 40], width: 1, height: 1, kernel: 'mode', scale: 2 }, implementation);
    expect(at(8)).toEqual([1]);
    expect(at(12)).toEqual([2]);
  });

  it('copies 64-bit integers to the bit and refuses to compute with them', () => {
    const data = BigInt64Array.of(2n ** 62n + 1n, -5n, 7n, -(2n ** 63n));
    const map = buildPixelMap({
      target: { transform: SOURCE, width: 2, height: 2 },
      source: { transform: SOURCE },
      toSource: null,
    });
    const target = { data: new BigInt64Array(4), state: new Uint8Array(4) };
    const request = {
      source: { data, valid: null, width: 2, height: 2 },
      raster: { col: 0, row: 0, width: 2, height: 2 },
      map,
      scale: { x: 1, y: 1 },
      target,
    };
    warpPlane({ ...request, kernel: 'nearest' }, implementation);
    expect(target.data).toEqual(data);
    const unsupported = expect.toSatisfy((error: unknown) => isCubeError(error, 'unsupported'));
    expect(() => warpPlane({ ...request, kernel: 'average' }, implementation)).toThrow(unsupported);
  });

  it('says that a source window is too small, and what does not fit', () => {
    const map = buildPixelMap({
      target: { transform: SOURCE, width: 4, height: 4 },
      source: { transform: SOURCE },
      toSource: null,
    });
    const request = {
      source: { data: new Uint8Array(4), valid: null, width: 2, height: 2 },
      raster: { col: 0, row: 0, width: 4, height: 4 },
      map,
      scale: { x: 1, y: 1 },
      target: { data: new Uint8Array(16), state: new Uint8Array(16) },
    };
    for (const kernel of KERNELS)
      expect(() => warpPlane({ ...request, kernel }, implementation)).toThrow(/lacks pixels/);
    const short = { ...request, kernel: 'nearest', source: { ...request.source, data: new Uint8Array(3) } } as const;
    expect(() => warpPlane(short, implementation)).toThrow(/do not fit/);
    const narrow = {
      ...request,
      kernel: 'bilinear',
      target: { data: new Int16Array(16), state: new Uint8Array(16) },
    } as const;
    expect(() => warpPlane(narrow, implementation)).toThrow(/bilinear of Uint8Array into Int16Array/);
  });

  it('a pixel has the same value whatever window it is computed in', () => {
    const scene = makeScene(300, 280, 'uint16', 5);
    for (const kernel of KERNELS) {
      const scale = kernel === 'nearest' ? 1 : 1.7;
      const whole = warpWindow(scene, { col: 0, row: 0, width: 200, height: 180 }, kernel, scale, implementation);
      for (const window of [
        { col: 37, row: 21, width: 50, height: 43 },
        { col: 120, row: 100, width: 80, height: 80 },
      ]) {
        const part = warpWindow(scene, window, kernel, scale, implementation);
        for (let i = 0; i < part.state.length; i++) {
          const at = (window.row + Math.floor(i / window.width)) * 200 + window.col + (i % window.width);
          expect(part.state[i]).toBe(whole.state[at]);
          expect(part.data[i]).toBe(whole.data[at]);
        }
      }
    }
  });
});

/** A seeded raster on UTM 33 with holes, and a lon/lat grid over its left upper corner. */
type Scene = { readonly data: Samples; readonly valid: Uint8Array; readonly width: number; readonly height: number };

function makeScene(width: number, height: number, dtype: DataType, seed: number): Scene {
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const data = newSamples(dtype, width * height);
  for (let i = 0; i < data.length; i++) data[i] = Math.floor(random() * 120);
  const valid = Uint8Array.from({ length: width * height }, () => (random() < 0.97 ? 1 : 0));
  return { data, valid, width, height };
}

const SCENE_SOURCE: Affine = [100, 0, 499_980, 0, -100, 5_200_020];
const SCENE_TARGET: Affine = [0.0017, 0, 14.98, 0, -0.0012, 46.96];
const toUtm = createTransform({ kind: 'epsg', code: 4326 }, { kind: 'epsg', code: 32633 });

function warpWindow(
  scene: Scene,
  window: { col: number; row: number; width: number; height: number },
  kernel: Resampling,
  size: number,
  implementation: WarpImplementation,
): { data: Samples; state: Uint8Array } {
  const map = buildPixelMap({
    target: { transform: SCENE_TARGET, ...window },
    source: { transform: SCENE_SOURCE },
    toSource: toUtm,
  });
  const scale = { x: size, y: size };
  const part = mapSourceWindow(map, kernelRadius(kernel, scale), scene)!;
  const data = scene.data.slice(0, part.width * part.height);
  const valid = new Uint8Array(data.length);
  for (let row = 0; row < part.height; row++) {
    const from = (part.row + row) * scene.width + part.col;
    data.set(scene.data.subarray(from, from + part.width) as never, row * part.width);
    valid.set(scene.valid.subarray(from, from + part.width), row * part.width);
  }
  const target = { data: scene.data.slice(0, 0), state: new Uint8Array(window.width * window.height) };
  const out = { ...target, data: newSamplesLike(scene.data, target.state.length) };
  warpPlane(
    {
      source: { data, valid, width: part.width, height: part.height },
      raster: { col: -part.col, row: -part.row, width: scene.width, height: scene.height },
      origin: { col: part.col, row: part.row },
      map,
      kernel,
      scale,
      target: out,
    },
    implementation,
  );
  return out;
}

function newSamplesLike(data: Samples, length: number): Samples {
  const types = {
    Int8Array: 'int8',
    Uint8Array: 'uint8',
    Int16Array: 'int16',
    Uint16Array: 'uint16',
    Int32Array: 'int32',
    Uint32Array: 'uint32',
    Float32Array: 'float32',
    Float64Array: 'float64',
  } as const;
  return newSamples(types[data.constructor.name as keyof typeof types], length);
}

describe.skipIf(native === null)('addon and twin', () => {
  it('warp to the same bits, any kernel, type and scale', () => {
    const spec = fc.record({
      kernel: fc.constantFrom(...KERNELS),
      dtype: fc.constantFrom<DataType>('int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'float32', 'float64'),
      seed: fc.integer({ min: 1, max: 1e6 }),
      size: fc.double({ min: 0.3, max: 4, noNaN: true }),
      col: fc.integer({ min: -40, max: 60 }),
      row: fc.integer({ min: -40, max: 60 }),
    });
    fc.assert(
      fc.property(spec, ({ kernel, dtype, seed, size, col, row }) => {
        const scene = makeScene(60, 50, dtype, seed);
        const window = { col, row, width: 45, height: 33 };
        const map = buildPixelMap({
          target: { transform: SCENE_TARGET, ...window },
          source: { transform: SCENE_SOURCE },
          toSource: toUtm,
        });
        if (mapSourceWindow(map, kernelRadius(kernel, { x: size, y: size }), scene) === null) return;
        const twin = warpWindow(scene, window, kernel, size, warpPlaneTwin);
        const addon = warpWindow(scene, window, kernel, size, native!);
        expect(addon.state).toEqual(twin.state);
        expect(addon.data).toEqual(twin.data);
      }),
      { seed: 3, numRuns: 200 },
    );
  });
});

type Result = { readonly data: Samples; readonly state: Uint8Array };

function sameBytes(a: Result, b: Result): boolean {
  const bytes = ({ buffer, byteOffset, byteLength }: Samples) => Buffer.from(buffer, byteOffset, byteLength);
  return bytes(a.data).equals(bytes(b.data)) && bytes(a.state).equals(bytes(b.state));
}

describe.runIf(native !== null)('doubles, whose last bits show', () => {
  it.each(KERNELS)('%s gives the same bits as the twin', (kernel) => {
    const [columns, rows] = [60, 50];
    const data = Float64Array.from({ length: columns * rows }, (_, i) => 1000 * Math.sqrt(((i * 7919) % 4001) + 0.1));
    const valid = Uint8Array.from(data, (_, i) => (i % 19 === 0 ? 0 : 1));
    for (const scale of [0.37, 1, 1.313, 6.1]) {
      const [width, height] = [Math.ceil(columns / scale), Math.ceil(rows / scale)];
      const map = buildPixelMap({
        target: { transform: [scale, 0, 0.3, 0, -scale, rows - 0.7], width, height },
        source: { transform: [1, 0, 0, 0, -1, rows] },
        toSource: null,
      });
      const run = (implementation: WarpImplementation) => {
        const target = { data: new Float64Array(width * height), state: new Uint8Array(width * height) };
        const source = { data, valid, width: columns, height: rows };
        const raster = { col: 0, row: 0, width: columns, height: rows };
        warpPlane({ source, raster, map, kernel, scale: { x: scale, y: scale }, target }, implementation);
        return target;
      };
      expect(sameBytes(run(native!), run(warpPlaneTwin)), `scale ${scale}`).toBe(true);
    }
  });
});

describe.runIf(native !== null)('large warps in threads', () => {
  it.each(KERNELS)('%s gives the same bits and states as one thread', (kernel) => {
    const [width, height] = [420, 310];
    const data = Uint16Array.from({ length: 300 * 200 }, (_, i) => (i * 7919) % 4001);
    const valid = Uint8Array.from(data, (value) => (value % 11 === 0 ? 0 : 1));
    const map = buildPixelMap({
      target: { transform: [0.6, 0.03, -8, 0.02, -0.7, 205], width, height },
      source: { transform: [1, 0, 0, 0, -1, 200] },
      toSource: null,
    });
    const run = (threads: number) => {
      const target = { data: new Uint16Array(width * height), state: new Uint8Array(width * height).fill(9) };
      const source = { data, valid, width: 300, height: 200 };
      const raster = { col: 0, row: 0, width: 300, height: 200 };
      warpPlane({ source, raster, map, kernel, scale: { x: 1, y: 1 }, target, threads });
      return target;
    };
    const alone = run(1);
    expect(new Set(alone.state)).toEqual(new Set([0, 1, 2]));
    for (const threads of [2, 5, 1000]) expect(sameBytes(run(threads), alone), `${threads} threads`).toBe(true);
  });
});
