import type { Raster } from '../raster/raster.js';
import type { ResolvedBand } from '../stac/resolve-band.js';

/** A requested band of an item with the raster that holds it. */
export type OpenedBand = ResolvedBand & { readonly name: string; readonly raster: Raster };
