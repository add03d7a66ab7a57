import { intersectWindows, type PixelPoint, type Window } from '../grid/affine.js';
import { isFloatType, valueRange, type DataType, type Samples } from '../grid/dtype.js';
import { mapSourceWindow, pointOnMap } from '../grid/pixel-map.js';
import { NODATA, OUTSIDE, VALID } from '../native/kernels.js';
import { holdsValue } from '../native/search.js';
import { kernelRadius, warpPlane } from '../native/warp.js';
import { takeBytes, takeSamples, type Arena } from './arena.js';
import type { MapCache } from './map-cache.js';
import { nearestData, nodataRanges, type Nodata } from './nodata.js';
import { FAILED, type Plane } from './plane.js';
import { levelSize, readWindow, type FailedTile } from './read-window.js';
import type { Placement, PlaneRead } from './task.js';
import type { DirectTiles } from './read-direct.js';
import type { TileCache } from './tile-cache.js';

/** What reading planes needs; owned by one worker. */
export type PlaneReader = {
  readonly tiles: TileCache | DirectTiles;
  readonly maps: MapCache;
  readonly signal: AbortSignal | undefined;
  /** Memory of the planes that come back, and of what is read for them; new memory without it. */
  readonly arena?: Arena | undefined;
};

/** A source's samples on the grid, and the tiles of it that could not be read. */
export type TargetPlane = { readonly plane: Plane; readonly failed: readonly FailedTile[] };

/**
 * One source plane on a window of the target grid: copied where the lattices agree, warped else. Samples are of the
 * source's type, or float32 where `scaled` asks for it and the source is an integer, so that nothing is rounded twice.
 */
export async function readTargetPlane(
  read: PlaneRead,
  window: Window,
  scaled: boolean,
  reader: PlaneReader,
): Promise<TargetPlane> {
  const { placement } = read;
  if (read.window === null) return { plane: emptyPlane(read.level.dtype, window, reader.arena), failed: [] };
  return placement.kind === 'paste'
    ? pasteTarget(read, placement, window, reader)
    : warpTarget(read, placement, window, scaled, reader);
}

function emptyPlane(dtype: DataType, window: Window, arena: Arena | undefined): Plane {
  const size = window.width * window.height;
  return { window, data: takeSamples(arena, dtype, size), state: takeBytes(arena, size) };
}

type Paste = Extract<Placement, { kind: 'paste' }>;
type Warp = Extract<Placement, { kind: 'warp' }>;

async function pasteTarget(
  read: PlaneRead,
  placement: Paste,
  window: Window,
  reader: PlaneReader,
): Promise<TargetPlane> {
  const { step } = placement;
  const origin = { col: placement.col + step * window.col, row: placement.row + step * window.row };
  const wanted = { ...origin, width: step * (window.width - 1) + 1, height: step * (window.height - 1) + 1 };
  const source = intersectWindows(wanted, { col: 0, row: 0, ...levelSize(read.level) });
  if (source === null) return { plane: emptyPlane(read.level.dtype, window, reader.arena), failed: [] };
  const { data, valid, failed } = await readSource(read, source, reader);
  const inside = step === 1 && source.width === wanted.width && source.height === wanted.height;
  const plane = inside
    ? wholePlane(window, data, valid, { arena: reader.arena, failed: failed.length > 0 })
    : emptyPlane(read.level.dtype, window, reader.arena);
  if (!inside) copyLattice({ data, valid, window: source }, plane, origin, step);
  const toSource = (col: number, row: number) => ({
    col: origin.col + col * step + 0.5,
    row: origin.row + row * step + 0.5,
  });
  for (const tile of failed) markFailed(plane, tile.window, 0, toSource);
  return { plane, failed };
}

/** Samples that are all of the target's pixels, without a copy. */
function wholePlane(
  window: Window,
  data: Samples,
  valid: Uint8Array | null,
  { arena, failed }: { readonly arena: Arena | undefined; readonly failed: boolean },
): Plane {
  if (valid === null) {
    const state = takeBytes(arena, data.length).fill(VALID);
    return { window, data, state, whole: !failed };
  }
  for (let i = 0; i < valid.length; i++) valid[i] = valid[i] === 1 ? VALID : NODATA;
  return { window, data, state: valid };
}

type ValidSamples = { readonly data: Samples; readonly valid: Uint8Array | null; readonly window: Window };

/** Copy every `step`-th source pixel from `origin` on; target pixels whose source pixel is outside stay as they are. */
function copyLattice(source: ValidSamples, target: Plane, origin: PixelPoint, step: number): void {
  const { width, height } = target.window;
  const first = Math.max(0, Math.ceil((source.window.col - origin.col) / step));
  const last = Math.min(width - 1, Math.floor((source.window.col + source.window.width - 1 - origin.col) / step));
  for (let row = 0; row < height; row++) {
    const sourceRow = origin.row + row * step - source.window.row;
    if (sourceRow < 0 || sourceRow >= source.window.height || last < first) continue;
    const from = sourceRow * source.window.width + origin.col + first * step - source.window.col;
    const to = row * width + first;
    copyRow(source, target, { from, to, step, length: last - first + 1 });
  }
}

function copyRow(
  source: ValidSamples,
  target: Plane,
  at: { from: number; to: number; step: number; length: number },
): void {
  const { from, to, step, length } = at;
  const { valid } = source;
  if (step === 1) target.data.set(source.data.subarray(from, from + length) as never, to);
  else for (let i = 0; i < length; i++) target.data[to + i] = source.data[from + i * step]!;
  if (valid === null) target.state.fill(VALID, to, to + length);
  else for (let i = 0; i < length; i++) target.state[to + i] = valid[from + i * step] === 1 ? VALID : NODATA;
}

async function warpTarget(
  read: PlaneRead,
  placement: Warp,
  window: Window,
  scaled: boolean,
  reader: PlaneReader,
): Promise<TargetPlane> {
  const size = levelSize(read.level);
  const dtype = scaled && !isFloatType(read.level.dtype) ? 'float32' : read.level.dtype;
  const plane = emptyPlane(dtype, window, reader.arena);
  const map = reader.maps.get(read.level, window);
  const radius = kernelRadius(placement.kernel, placement.scale);
  const source = mapSourceWindow(map, radius, size);
  if (source === null) return { plane, failed: [] };
  const { data, valid, failed } = await readSource(read, source, reader);
  warpPlane({
    source: { data, valid, width: source.width, height: source.height },
    raster: { col: -source.col, row: -source.row, ...size },
    origin: { col: source.col, row: source.row },
    map,
    kernel: placement.kernel,
    scale: placement.scale,
    target: { data: plane.data, state: plane.state },
    threads: 'threads' in reader.tiles ? reader.tiles.threads : 1,
  });
  if (placement.kernel !== 'nearest') avoidNodata(plane, dtype, read.nodata);
  const { scale } = placement;
  const footprint = placement.kernel === 'nearest' ? 0 : Math.ceil(Math.max(scale.x, scale.y));
  const reach = Math.max(radius.x, radius.y, footprint) + 1;
  for (const tile of failed) markFailed(plane, tile.window, reach, (col, row) => pointOnMap(map, col + 0.5, row + 0.5));
  return { plane: { ...plane, whole: failed.length === 0 && isWhole(plane) }, failed };
}

/** Whether every pixel is valid; searches are many times as quick as a look at each. */
function isWhole({ state }: Plane): boolean {
  return ![OUTSIDE, NODATA, FAILED].some((other) => holdsValue(state, other));
}

/** Samples of the source and their validity (1 valid, 0 not; null: all valid), from nodata values, NaN and mask. */
async function readSource(
  read: PlaneRead,
  window: Window,
  reader: PlaneReader,
): Promise<{ data: Samples; valid: Uint8Array | null; failed: readonly FailedTile[] }> {
  const { data, failed } = await readWindow(read, window, reader);
  const valid = validSamples(data, read.nodata, reader.arena);
  if (read.maskLevel === null) return { data, valid, failed };
  const at = read.maskLevel.shape.map(() => 0);
  const mask = await readWindow({ level: read.maskLevel, at, tiles: read.maskTiles }, window, reader);
  const both = valid ?? takeBytes(reader.arena, data.length).fill(1);
  for (let i = 0; i < both.length; i++) if (Number(mask.data[i]) === 0) both[i] = 0;
  return { data, valid: both, failed: [...failed, ...mask.failed] };
}

/** 1 where a sample is valid, or null where all are. */
function validSamples(data: Samples, nodata: readonly Nodata[], arena: Arena | undefined): Uint8Array | null {
  const floats = data instanceof Float32Array || data instanceof Float64Array;
  // A search for one value is several times as quick as a look at each.
  if (!floats && !nodata.some((entry) => mayHold(data, entry))) return null;
  const valid = takeBytes(arena, data.length);
  const single = nodata[0];
  const wide = data instanceof BigInt64Array || data instanceof BigUint64Array;
  let count = 0;
  if (!floats && !wide && nodata.length === 1 && typeof single === 'number') {
    for (let i = 0; i < data.length; i++) count += valid[i] = data[i] === single ? 0 : 1;
    return count === data.length ? null : valid;
  }
  const rounded = (value: number) => (data instanceof Float32Array ? Math.fround(value) : value);
  const ranges = Float64Array.from(nodataRanges(nodata).flat(), rounded);
  for (let i = 0; i < data.length; i++) {
    const value = Number(data[i]);
    count += valid[i] = Number.isNaN(value) || isInside(value, ranges) ? 0 : 1;
  }
  return count === data.length ? null : valid;
}

/** True for ranges, and for 64-bit integers, whose nodata values are rounded, whatever they hold. */
function mayHold(data: Samples, entry: Nodata): boolean {
  if (typeof entry !== 'number') return true;
  return data instanceof BigInt64Array || data instanceof BigUint64Array || holdsValue(data, entry);
}

/** `ranges` are pairs of closed bounds. */
function isInside(value: number, ranges: Float64Array): boolean {
  for (let r = 0; r < ranges.length; r += 2) if (value >= ranges[r]! && value <= ranges[r + 1]!) return true;
  return false;
}

/** A kernel may round valid samples to a nodata value; GDAL moves such a result by one, and so do we, out of ranges too. */
function avoidNodata({ data, state }: Plane, dtype: DataType, nodata: readonly Nodata[]): void {
  if (nodata.length === 0 || isFloatType(dtype) || data instanceof BigInt64Array || data instanceof BigUint64Array)
    return;
  // A search for one value is several times as quick as a look at each.
  if (!nodata.some((entry) => mayHold(data, entry))) return;
  const limits = valueRange(dtype);
  const ranges = nodataRanges(nodata);
  const bounds = Float64Array.from(ranges.flat());
  const single = nodata.length === 1 && typeof nodata[0] === 'number' ? nodata[0] : null;
  for (let i = 0; i < state.length; i++) {
    const value = data[i]!;
    if (single === null ? !isInside(value, bounds) : value !== single) continue;
    if (state[i] === VALID) data[i] = nearestData(value, ranges, limits);
  }
}

/** Mark the target pixels whose value may depend on source pixels of `tile`. `toSource` gives fractional source pixels. */
function markFailed(
  { window, state }: Plane,
  tile: Window,
  reach: number,
  toSource: (col: number, row: number) => { readonly col: number; readonly row: number },
): void {
  for (let row = 0; row < window.height; row++) {
    for (let col = 0; col < window.width; col++) {
      const point = toSource(col, row);
      const inside =
        point.col >= tile.col - reach &&
        point.col < tile.col + tile.width + reach &&
        point.row >= tile.row - reach &&
        point.row < tile.row + tile.height + reach;
      const i = row * window.width + col;
      if (inside && state[i] !== OUTSIDE) state[i] = FAILED;
    }
  }
}
