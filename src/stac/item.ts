import type { Problem } from '../errors.js';
import type { Affine } from '../grid/affine.js';
import type { Crs } from '../grid/crs.js';
import type { DataType } from '../grid/dtype.js';

/** A value that came from JSON, checked to be nothing else. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** One asset of a STAC item that may be a raster, as far as the metadata tells; the file is asked later and wins. */
export type RasterAsset = {
  /** The asset's key in the item. */
  readonly key: string;
  /** Absolute URL (file:, http:, https:, s3:) of the file, or of the Zarr group. */
  readonly href: string;
  readonly mediaType: string | null;
  readonly roles: readonly string[];
  readonly title: string | null;
  /** Bands in file order, as `bands`, `eo:bands` or `raster:bands` say; empty where nothing is said. */
  readonly bands: readonly AssetBand[];
  readonly crs: Crs | null;
  readonly transform: Affine | null;
  /** (height, width) of proj:shape. */
  readonly shape: readonly [height: number, width: number] | null;
  /** True where the metadata says that values are classes or bits (classification:*, or known keys such as scl, qa_pixel, fmask). */
  readonly classes: boolean;
};

/** What the metadata says of one band; null where it says nothing. */
export type AssetBand = {
  readonly name: string | null;
  /** `eo:common_name`, such as "red". */
  readonly commonName: string | null;
  readonly nodata: number | null;
  readonly scale: number | null;
  readonly offset: number | null;
  readonly dtype: DataType | null;
  readonly unit: string | null;
};

/** A STAC item, parsed and checked. Geometry and box are lon/lat and informative: pixels are never pruned by them. */
export type StacItem = {
  readonly id: string;
  readonly collection: string | null;
  /** Where the item was read, for messages; no query, no user info. */
  readonly url: string;
  /** Milliseconds UTC of `datetime`, else `start_datetime`, else `end_datetime`. */
  readonly timeMs: number;
  /** GeoJSON geometry or null. */
  readonly geometry: Json;
  /** [west, south, east, north]; west > east crosses the antimeridian. */
  readonly bbox: readonly [number, number, number, number] | null;
  readonly properties: { readonly [key: string]: Json };
  readonly assets: readonly RasterAsset[];
  /** Assets that cannot be used (a forbidden or missing href); they only matter when they are asked for. */
  readonly brokenAssets?: readonly BrokenAsset[];
};

/** An asset that cannot be used, and why. */
export type BrokenAsset = { readonly key: string; readonly problem: Problem };

/** Items that were seen and not used, with the reason (another version kept, outside `datetime`, …). */
export type DroppedItem = { readonly item: StacItem; readonly reason: string };

/** What a search gives. Items are in (time, id) order, each once. */
export type ItemSearch = {
  readonly items: readonly StacItem[];
  readonly dropped: readonly DroppedItem[];
  /** What contradicts, in words; printed once and kept with the run. */
  readonly warnings: readonly string[];
};
