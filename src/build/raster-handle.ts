import ndarray from 'ndarray';
import { CubeError } from '../errors.js';
import type { Window } from '../grid/affine.js';
import { elementCount } from '../grid/flat-index.js';
import type { SourceFactory } from '../io/byte-source.js';
import { resolveLocation } from '../io/location.js';
import type { IcechunkVersion } from '../native/icechunk/types.js';
import { createSources, type SourceOptions } from '../io/sources.js';
import type { RasterLevel } from '../raster/level.js';
import { findNamedRaster, openNamedRaster, type NamedRasterOptions } from '../raster/open-named.js';
import { planTiles } from '../raster/plan-tiles.js';
import type { Raster } from '../raster/raster.js';
import { readTiles } from '../raster/read-tiles.js';
import { planeArray } from './plane-array.js';
import { openRasterIndex, type LakeInput } from './lake-input.js';
import type { OwnSamples, RasterArray } from './raster-array.js';
import { choosePlanes, chooseWindow } from './plane-selection.js';
import { sampleMemory } from './sample-memory.js';
import { explainStale } from './stale-index.js';
import { warpRaster, type WarpedArray, type WarpInput } from './warp-raster.js';

/** How a raster is opened. */
export type OpenRasterInput = {
  /** Which array of a Zarr group or dataset of an HDF5 file. */
  readonly variable?: string;
  /** Which version of an Icechunk repository; the branch `main` by default. */
  readonly version?: IcechunkVersion;
  /** A lake that `cube refs scan` has filled: the header of a raster that it knows is not read. */
  readonly lake?: LakeInput;
  readonly sources?: SourceOptions;
  readonly signal?: AbortSignal;
};

/** How samples are read. */
export type ReadOptions = {
  /** 0, the default, is full resolution. */
  readonly level?: number;
  /** Planes from 0 on: bands, or every index of the dimensions other than x and y in C order. All by default. */
  readonly bands?: readonly number[];
  /**
   * Memory that the samples go to, of the level's type and exactly as many; new by default. Reading many times into one
   * array is faster than into new ones, whose pages the system has to make first. Undefined where the read fails.
   */
  readonly into?: OwnSamples;
  readonly signal?: AbortSignal;
};

/** Which samples of a raster are read; everything by default. */
export type ReadInput = ReadOptions & {
  /** Pixels of that level; the whole by default. */
  readonly window?: Window;
};

/** An opened raster. Close it when it is read. */
export class RasterHandle {
  /** Levels, bands, CRS, transform, nodata and problems: plain data. */
  readonly info: Raster;
  readonly #sources: SourceFactory;
  /** URLs of rasters that were not asked: whether they have changed shows when they are read. */
  readonly #indexed: ReadonlySet<string>;

  constructor(info: Raster, sources: SourceFactory, indexed: ReadonlySet<string> = new Set()) {
    this.info = info;
    this.#sources = sources;
    this.#indexed = indexed;
  }

  /**
   * Samples as stored, as an array of (band, y, x). float16 comes as float32. Problems: `invalid-argument` for what is
   * not in the raster or an `into` that does not fit, `budget` for more than 4 GiB, and those of reading.
   */
  async read({ level: number = 0, window, bands, into, signal }: ReadInput = {}): Promise<RasterArray> {
    const level = this.#level(number);
    const selection = { ...(window === undefined ? {} : { window }), ...(bands === undefined ? {} : { bands }) };
    const { shape, read } = planeArray(level, selection, this.#sources);
    const data = sampleMemory(level, elementCount(shape), into);
    await this.#guarded(read({ start: [0, 0, 0], shape }, signal, data));
    return ndarray(data, [...shape]);
  }

  /**
   * Samples of many windows, each as `read` gives them and in the same order; they may overlap. Every tile is decoded
   * once, as far as some window needs it, however many windows it serves. The arrays are views of one memory, one behind
   * the other, which is `into` where that is given. Problems: as for `read`.
   */
  async readWindows(
    windows: readonly Window[],
    { level: number = 0, bands, into, signal }: ReadOptions = {},
  ): Promise<RasterArray[]> {
    const level = this.#level(number);
    const planes = choosePlanes(level, bands);
    windows.forEach((window) => chooseWindow(level, window));
    const wanted = windows.flatMap((window) => planes.map((at) => ({ at, window })));
    const total = wanted.reduce((sum, { window }) => sum + window.width * window.height, 0);
    const data = sampleMemory(level, total, into);
    let start = 0;
    const arrays = windows.map(({ width, height }) => data.subarray(start, (start += planes.length * width * height)));
    const destinations = arrays.flatMap((array) => {
      const size = array.length / planes.length;
      return planes.map((_, i) => array.subarray(i * size, (i + 1) * size));
    });
    const options = signal === undefined ? {} : { signal };
    const tiles = planTiles(level, wanted);
    await this.#guarded(readTiles({ level, tiles, destinations }, this.#sources, options));
    return windows.map(({ width, height }, i) => ndarray(arrays[i]!, [planes.length, height, width]));
  }

  /** Samples on another grid, as GDAL's warper and `cube build` put them there: see `warpRaster`. */
  warp(input: WarpInput): Promise<WarpedArray> {
    return this.#guarded(warpRaster(this.info, this.#sources, input));
  }

  close(): Promise<void> {
    return this.#sources.close();
  }

  async #guarded<T>(reading: Promise<T>): Promise<T> {
    try {
      return await reading;
    } catch (error) {
      throw explainStale(error, this.#indexed);
    }
  }

  #level(number: number): RasterLevel {
    const level = this.info.levels[number];
    if (level !== undefined && level.axes !== null) return level;
    throw new CubeError({ kind: 'invalid-argument', what: `${this.info.url}: no raster at level ${number}` });
  }
}

/** Open a GeoTIFF, a dataset of an HDF5 file, or an array of a Zarr store, an Icechunk repository or references, by path or URL. */
export async function openRaster(
  href: string,
  { variable, version, lake, sources: options, signal }: OpenRasterInput = {},
): Promise<RasterHandle> {
  const sources = createSources(options ?? {});
  try {
    const url = resolveLocation(href, `${process.cwd()}/`);
    // A lake knows files; a version is that of a repository.
    const isKnown = lake !== undefined && version === undefined;
    const known = !isKnown ? null : await findInLake(lake, sources, url, { variable, signal });
    if (known !== null) return new RasterHandle(known, sources, new Set([known.url]));
    return new RasterHandle(await openNamedRaster(sources, url, { variable, version, signal }), sources);
  } catch (error) {
    await sources.close();
    throw error;
  }
}

async function findInLake(
  lake: LakeInput,
  sources: SourceFactory,
  url: string,
  named: NamedRasterOptions,
): Promise<Raster | null> {
  const index = await openRasterIndex(lake);
  try {
    return await findNamedRaster(sources, url, { ...named, index });
  } finally {
    await index.close();
  }
}
