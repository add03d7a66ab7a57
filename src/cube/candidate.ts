import type { Problem } from '../errors.js';
import type { Raster } from '../raster/raster.js';
import type { StacItem } from '../stac/item.js';
import type { Nodata } from './nodata.js';

/** One band of one candidate: the plane of an opened raster, and what its values mean. */
export type BandSource = {
  readonly raster: Raster;
  /** Index in every dimension of the raster's levels; entries for x and y are 0. */
  readonly at: readonly number[];
  /** As found: the specification's, else the file's, else the item's. */
  readonly nodata: readonly Nodata[];
  readonly scale: number;
  readonly offset: number;
  readonly classes: boolean;
  /** Size and ETag are in the raster's levels; this is the href for tables. */
  readonly href: string;
};

/** A band of a candidate that cannot be opened, with the number of attempts. */
export type BrokenBand = { readonly band: string; readonly problem: Problem; readonly attempts: number };

/**
 * What may fill a time step: an item, or one time step of an item's Zarr assets. `bands` follow the requested bands
 * (then the mask band where it is not one of them); null where `broken` says that a header could not be read.
 */
export type Candidate = {
  readonly item: StacItem;
  readonly id: string;
  readonly timeMs: number;
  readonly properties: StacItem['properties'];
  readonly bands: readonly (BandSource | null)[];
  readonly broken: BrokenBand | null;
};
