import { isPointKernel, NODATA, OUTSIDE, VALID, type PixelMap, type SampleArray } from '../kernels.js';
import { WARP_INVALID, WARP_MISSING, WARP_OK, WARP_UNSUPPORTED, type WarpRequest } from '../warp-contract.js';
import { areaKernel, type AreaReduction } from './warp-area.js';
import { rowPositions } from './warp-map.js';
import { holds, indexOf, isValid, sourcePlane, TIE, type NumberArray, type Plane } from './warp-plane.js';
import { bilinearKernel, cubicKernel, nearestKernel, type Kernel } from './warp-point.js';
import { WIDE_SCALE, wideKernel } from './warp-wide.js';

const INTEGER_RANGES = [
  { type: Int8Array, min: -128, max: 127 },
  { type: Uint8Array, min: 0, max: 255 },
  { type: Int16Array, min: -32_768, max: 32_767 },
  { type: Uint16Array, min: 0, max: 65_535 },
  { type: Int32Array, min: -2_147_483_648, max: 2_147_483_647 },
  { type: Uint32Array, min: 0, max: 4_294_967_295 },
] as const;

/** As `warpPlane`, answering a code. */
export function warpPlaneTwin(request: WarpRequest): number {
  const { source, target, map, kernel } = request;
  if (!fits(request)) return WARP_INVALID;
  const same = target.data.constructor === source.data.constructor;
  if (kernel === 'nearest' && same) return copyNearest(sourcePlane(source.data, request), request);
  if (isBig(source.data) || isBig(target.data)) return WARP_UNSUPPORTED;
  if (!same && !(target.data instanceof Float32Array || target.data instanceof Float64Array)) return WARP_UNSUPPORTED;
  const plane = sourcePlane(source.data, request);
  const sampler = kernelOf(request, shiftOf(request));
  const range = INTEGER_RANGES.find(({ type }) => target.data instanceof type) ?? null;
  const points = { x: new Float64Array(map.width), y: new Float64Array(map.width), dx: 0.5, dy: 0.5 };
  for (let row = 0; row < map.height; row++) {
    placedRow(map, row, points, shiftOf(request));
    warpRow(plane, points, sampler, row, { ...target, data: target.data, range });
    if (plane.missing) return WARP_MISSING;
  }
  return WARP_OK;
}

type Line = { readonly x: Float64Array; readonly y: Float64Array; readonly dx: number; readonly dy: number };
type Shift = { readonly x: number; readonly y: number };
/** A kernel, what it needs at the start of a row, and whether it wants a valid pixel under the centre. */
type Sampler = {
  readonly sample: (plane: Plane, x: number, y: number, i: number) => number;
  readonly load: (row: number) => void;
  readonly centred: boolean;
};
type Target = {
  readonly data: NumberArray;
  readonly state: Uint8Array;
  readonly range: { readonly min: number; readonly max: number } | null;
};

function warpRow(plane: Plane, { x, y }: Line, sampler: Sampler, row: number, target: Target): void {
  sampler.load(row);
  for (let i = 0; i < x.length; i++) {
    const at = row * x.length + i;
    const index = centreIndex(plane, x[i]!, y[i]!);
    if (plane.missing) return;
    if (index < 0) {
      target.state[at] = OUTSIDE;
      continue;
    }
    const value = !sampler.centred || isValid(plane, index) ? sampler.sample(plane, x[i]!, y[i]!, i) : NaN;
    if (plane.missing) return;
    target.state[at] = Number.isNaN(value) ? NODATA : VALID;
    if (!Number.isNaN(value)) store(target, at, value);
  }
}

/** Integers round half up and are clamped, as in GDAL. */
function store({ data, range }: Target, at: number, value: number): void {
  data[at] = range === null ? value : Math.min(Math.max(Math.floor(value + 0.5), range.min), range.max);
}

/** Index of the pixel that holds a position, or -1 outside the raster. */
function centreIndex(plane: Plane<SampleArray>, x: number, y: number): number {
  const col = Math.floor(x + TIE);
  const row = Math.floor(y + TIE);
  if (!(col >= 0 && row >= 0 && col < plane.width && row < plane.height)) return -1;
  if (!holds(plane, col, col + 1, row, row + 1)) plane.missing = true;
  return indexOf(plane, col, row);
}

function kernelOf({ kernel, scale, map }: WarpRequest, shift: Shift): Sampler {
  const centred = (sample: Kernel): Sampler => ({ sample, load: () => undefined, centred: true });
  if (kernel === 'nearest') return centred((plane, x, y) => nearestKernel(plane, x + TIE, y + TIE));
  if (!isPointKernel(kernel)) return areaSampler(kernel, map, shift);
  const wide = kernel === 'cubicspline' || kernel === 'lanczos' || scale.x > WIDE_SCALE || scale.y > WIDE_SCALE;
  if (wide) return centred(wideKernel(kernel, scale));
  return centred(kernel === 'bilinear' ? bilinearKernel : cubicKernel);
}

function areaSampler(how: AreaReduction, map: PixelMap, shift: Shift): Sampler {
  const line = (dx: number, dy: number): Line => ({
    x: new Float64Array(map.width),
    y: new Float64Array(map.width),
    dx,
    dy,
  });
  const lines = [line(0, 0), line(1, 0), line(0, 1), line(1, 1)];
  const corners = new Float64Array(8);
  return {
    load: (row) => lines.forEach((points) => placedRow(map, row, points, shift)),
    sample: (plane, x, y, i) => {
      for (const [n, points] of lines.entries()) {
        corners[2 * n] = points.x[i]!;
        corners[2 * n + 1] = points.y[i]!;
      }
      return areaKernel(plane, x, y, corners, how);
    },
    centred: false,
  };
}

/** Nearest into the same type, any type: samples are copied as they are. */
function copyNearest(plane: Plane<SampleArray>, request: WarpRequest): number {
  const { map, target } = request;
  const points = { x: new Float64Array(map.width), y: new Float64Array(map.width), dx: 0.5, dy: 0.5 };
  for (let row = 0; row < map.height; row++) {
    placedRow(map, row, points, shiftOf(request));
    for (let i = 0; i < map.width; i++) {
      const at = row * map.width + i;
      const index = centreIndex(plane, points.x[i]!, points.y[i]!);
      if (plane.missing) return WARP_MISSING;
      const valid = index >= 0 && isValid(plane, index);
      target.state[at] = valid ? VALID : index < 0 ? OUTSIDE : NODATA;
      if (valid) target.data[at] = plane.data[index]!;
    }
  }
  return WARP_OK;
}

/** The raster's corner in the map's source pixels. */
function shiftOf({ raster, origin }: WarpRequest): Shift {
  return { x: raster.col + (origin?.col ?? 0), y: raster.row + (origin?.row ?? 0) };
}

function placedRow(map: PixelMap, row: number, points: Line, shift: Shift): void {
  rowPositions(map, row, points);
  if (shift.x === 0 && shift.y === 0) return;
  for (let i = 0; i < points.x.length; i++) {
    points.x[i] = points.x[i]! - shift.x;
    points.y[i] = points.y[i]! - shift.y;
  }
}

function isBig(data: SampleArray): data is Exclude<SampleArray, NumberArray> {
  return data instanceof BigInt64Array || data instanceof BigUint64Array;
}

const MAX_SIZE = 2 ** 30;

/** Whether sizes are sound and the arrays have the lengths that they say. The map is trusted: it is our own. */
function fits({ source, raster, origin, map, scale, target }: WarpRequest): boolean {
  const sizes = [source.width, source.height, raster.width, raster.height, map.width, map.height];
  const places = [raster.col, raster.row, origin?.col ?? 0, origin?.row ?? 0, map.col, map.row];
  const whole = (value: number) => Number.isInteger(value) && Math.abs(value) <= MAX_SIZE;
  if (!sizes.every((size) => whole(size) && size >= 0) || !places.every(whole)) return false;
  if (!(scale.x > 0 && scale.y > 0 && scale.x < Infinity && scale.y < Infinity)) return false;
  const pixels = source.width * source.height;
  if (source.data.length !== pixels || (source.valid !== null && source.valid.length !== pixels)) return false;
  const wanted = map.width * map.height;
  return target.data.length === wanted && target.state.length === wanted;
}
