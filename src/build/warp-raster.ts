import { availableParallelism } from 'node:os';
import ndarray, { type NdArray } from 'ndarray';
import { MapCache } from '../cube/map-cache.js';
import { SourcePlacer } from '../cube/place-source.js';
import type { Plane } from '../cube/plane.js';
import { readTargetPlane } from '../cube/target-plane.js';
import { CubeError } from '../errors.js';
import type { Affine, Size } from '../grid/affine.js';
import { parseCrs } from '../grid/crs-definition.js';
import { asSample, memoryBytes, newSamples, type DataType, type Samples } from '../grid/dtype.js';
import type { SourceFactory } from '../io/byte-source.js';
import { VALID, type Resampling } from '../native/kernels.js';
import type { Raster } from '../raster/raster.js';
import { assertArrayFits } from '../raster/read-plane.js';
import { choosePlanes } from './plane-selection.js';
import type { OwnSamples, RasterArray } from './raster-array.js';

/** A grid that samples are put on, and how. */
export type WarpInput = {
  /** EPSG code ("EPSG:3035" or 3035), WKT or PROJJSON. */
  readonly crs: string | number | object;
  /** Pixel corner (col, row) to CRS (x, y), in the order of an affine transform; north up. */
  readonly transform: Affine;
  /** Size of the grid in pixels. */
  readonly width: number;
  readonly height: number;
  /** GDAL's name; `nearest` by default. */
  readonly resampling?: Resampling;
  /** Planes from 0 on. All by default. */
  readonly bands?: readonly number[];
  readonly signal?: AbortSignal;
};

/** Samples on the grid. */
export type WarpedArray = {
  /** (band, y, x); where `valid` is 0, the band's nodata value, or 0 where it has none. */
  readonly data: RasterArray;
  /** (band, y, x): 1 where there is a value. */
  readonly valid: NdArray<Uint8Array<ArrayBuffer>>;
};

/**
 * Put a raster on another grid: the overview that fits is read, its tiles are decoded and the window is warped in threads;
 * where both grids are one lattice, samples are copied. Positions are exact to 0.01 source pixels. Problems:
 * `invalid-argument`, `budget` for more than 4 GiB, `invalid-data` for a raster without CRS or transform, and those of reading.
 */
export async function warpRaster(raster: Raster, sources: SourceFactory, input: WarpInput): Promise<WarpedArray> {
  const { width, height, resampling = 'nearest', signal } = input;
  const full = raster.levels[0]!;
  const planes = choosePlanes(full, input.bands);
  const size = checkedSize(width, height, planes.length * memoryBytes(full.dtype));
  const grid = { crs: parseCrs(input.crs), transform: input.transform, size, chunk: size };
  const maps = new MapCache(grid);
  const placer = new SourcePlacer(grid, true, maps);
  const target = { col: 0, row: 0, width, height };
  const tiles = { sources, threads: availableParallelism() };
  const warpBand = async (at: readonly number[], index: number): Promise<Warped> => {
    const { band } = full.axes!;
    const { nodata } = raster.bands[band === null ? 0 : at[band]!] ?? raster.bands[0]!;
    const source = { raster, at, nodata, scale: 1, offset: 0, classes: false, href: raster.url };
    const plan = { name: '', written: true, dtype: full.dtype, fill: null, resampling, classes: false, scaled: false };
    const parts: Warped[] = [];
    for (const turns of placer.turns(source)) {
      const read = placer.read(source, placer.place(source, plan, turns), { plan, index }, target);
      parts.push((await readTargetPlane(read, target, false, { tiles, maps, signal })).plane);
    }
    return finished(parts, { dtype: full.dtype, pixels: width * height, nodata: nodata[0] ?? 0 });
  };
  const bands: Warped[] = [];
  for (const [index, at] of planes.entries()) bands.push(await warpBand(at, index));
  const shape = [planes.length, height, width];
  return {
    data: ndarray(stacked(bands.map(({ data }) => data)) as OwnSamples, shape),
    valid: ndarray(stacked(bands.map(({ state }) => state)) as Uint8Array<ArrayBuffer>, shape),
  };
}

/** Samples of one band, and which of them are valid. */
type Warped = Omit<Plane, 'window'>;

/** One plane of all that the raster, moved by turns of longitude, gives; states become 1 for valid pixels and 0 for others. */
function finished(
  parts: readonly Warped[],
  { dtype, pixels, nodata }: { readonly dtype: DataType; readonly pixels: number; readonly nodata: number },
): Warped {
  const [first = { data: newSamples(dtype, pixels), state: new Uint8Array(pixels) }, ...others] = parts;
  const { data, state } = first;
  const fill = asSample(data, nodata);
  if (first.whole === true) return first;
  for (let i = 0; i < pixels; i++) {
    if (state[i] === VALID) continue;
    const other = others.find((part) => part.state[i] === VALID);
    data[i] = other === undefined ? fill : other.data[i]!;
    state[i] = other === undefined ? 0 : 1;
  }
  return { data, state };
}

/** Arrays one behind the other; a single one as it is. */
function stacked<T extends Samples>(arrays: readonly T[]): T {
  const [first] = arrays;
  if (arrays.length === 1) return first!;
  const all = new (first!.constructor as new (length: number) => T)(arrays.length * first!.length);
  arrays.forEach((array, i) => all.set(array as never, i * array.length));
  return all;
}

function checkedSize(width: number, height: number, pixelBytes: number): Size {
  if (![width, height].every((size) => Number.isSafeInteger(size) && size > 0)) {
    throw new CubeError({
      kind: 'invalid-argument',
      what: `a grid of ${width} × ${height} pixels: sizes are whole numbers above 0`,
    });
  }
  const what = `a grid of ${width} × ${height} pixels`;
  assertArrayFits(what, width * height * pixelBytes, 'ask for a smaller part of the grid');
  return { width, height };
}
