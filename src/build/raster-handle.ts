import ndarray, { type NdArray } from 'ndarray';
import { CubeError } from '../errors.js';
import type { Window } from '../grid/affine.js';
import { memoryBytes } from '../grid/dtype.js';
import type { SourceFactory } from '../io/byte-source.js';
import { resolveLocation } from '../io/location.js';
import { createSources, type SourceOptions } from '../io/sources.js';
import { openNamedRaster } from '../raster/open-named.js';
import type { Raster } from '../raster/raster.js';
import { elementCount } from '../grid/flat-index.js';
import { planeArray } from './plane-array.js';

/** How a raster is opened. */
export type OpenRasterInput = {
  /** Which array of a Zarr group. */
  readonly variable?: string;
  readonly sources?: SourceOptions;
  readonly signal?: AbortSignal;
};

/** Which samples of a raster are read; everything by default. */
export type ReadInput = {
  /** 0, the default, is full resolution. */
  readonly level?: number;
  /** Pixels of that level; the whole by default. */
  readonly window?: Window;
  /** Planes from 0 on: bands, or every index of the dimensions other than x and y in C order. All by default. */
  readonly bands?: readonly number[];
  readonly signal?: AbortSignal;
};

/** Most that one array takes; larger ones are read in windows. */
const MAX_BYTES = 2 ** 32;

type Owned = ArrayBuffer;
type OwnSamples =
  | Int8Array<Owned>
  | Uint8Array<Owned>
  | Int16Array<Owned>
  | Uint16Array<Owned>
  | Int32Array<Owned>
  | Uint32Array<Owned>
  | BigInt64Array<Owned>
  | BigUint64Array<Owned>
  | Float32Array<Owned>
  | Float64Array<Owned>;

/** Samples of a raster with their shape. */
export type RasterArray = NdArray<OwnSamples>;

/** An opened raster. Close it when it is read. */
export class RasterHandle {
  /** Levels, bands, CRS, transform, nodata and problems: plain data. */
  readonly info: Raster;
  readonly #sources: SourceFactory;

  constructor(info: Raster, sources: SourceFactory) {
    this.info = info;
    this.#sources = sources;
  }

  /**
   * Samples as stored, as an array of (band, y, x). float16 comes as float32. Problems: `invalid-argument` for what is
   * not in the raster, `budget` for more than 4 GiB, and those of reading.
   */
  async read({ level: number = 0, window, bands, signal }: ReadInput = {}): Promise<RasterArray> {
    const level = this.info.levels[number];
    if (level === undefined || level.axes === null) {
      throw new CubeError({ kind: 'invalid-argument', what: `${this.info.url}: no raster at level ${number}` });
    }
    const selection = { ...(window === undefined ? {} : { window }), ...(bands === undefined ? {} : { bands }) };
    const { shape, read } = planeArray(level, selection, this.#sources);
    const bytes = elementCount(shape) * memoryBytes(level.dtype);
    if (bytes > MAX_BYTES) {
      const what = `an array of ${shape.join('×')}`;
      const fix = 'read it in smaller windows, or an overview';
      throw new CubeError({ kind: 'budget', what, needed: bytes, limit: MAX_BYTES, fix });
    }
    const data = await read({ start: [0, 0, 0], shape }, signal);
    return ndarray<OwnSamples>(data as OwnSamples, [...shape]);
  }

  close(): Promise<void> {
    return this.#sources.close();
  }
}

/** Open a GeoTIFF or a Zarr array by path or URL. */
export async function openRaster(
  href: string,
  { variable, sources: options, signal }: OpenRasterInput = {},
): Promise<RasterHandle> {
  const sources = createSources(options ?? {});
  try {
    const url = resolveLocation(href, `${process.cwd()}/`);
    const info = await openNamedRaster(sources, url, { variable, signal });
    return new RasterHandle(info, sources);
  } catch (error) {
    await sources.close();
    throw error;
  }
}
