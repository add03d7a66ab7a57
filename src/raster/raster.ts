import type { DataType } from '../grid/dtype.js';
import type { RasterLevel } from './level.js';

/** What a file says of one of its bands. */
export type RasterBand = {
  readonly name: string | null;
  readonly dtype: DataType;
  /** Values that mean "no data"; several are possible. NaN is always no data for floats. */
  readonly nodata: readonly number[];
  /** Physical value = sample × scale + offset. */
  readonly scale: number;
  readonly offset: number;
  readonly unit: string | null;
};

/** A dimension of an array that is neither x nor y nor band. */
export type RasterDimension = {
  readonly name: string;
  readonly size: number;
  /** Milliseconds since 1970-01-01 UTC for a CF time axis, else null. */
  readonly timesMs: readonly number[] | null;
};

/** An opened raster: a GeoTIFF, one variable of a store that shows itself as a Zarr hierarchy, or what GDAL reads. Plain data; nothing is held open. */
export type Raster = {
  readonly url: string;
  readonly driver: 'geotiff' | 'zarr' | 'kerchunk' | 'icechunk' | 'hdf5' | 'gdal';
  /** Full resolution first, then overviews from fine to coarse. */
  readonly levels: readonly RasterLevel[];
  /** Validity masks (0 = no data) of the same sizes as `levels`, or null; a level without its own mask has null. */
  readonly masks: readonly (RasterLevel | null)[];
  readonly bands: readonly RasterBand[];
  /** The dimensions of the first level in order, x and y included. */
  readonly dimensions: readonly RasterDimension[];
  /** What contradicts a format or our rules without making the file unreadable, in words. */
  readonly problems: readonly string[];
};
