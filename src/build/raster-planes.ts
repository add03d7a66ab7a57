import type { Raster, RasterBand } from '../raster/raster.js';
import { elementCount, unflatten } from '../grid/flat-index.js';

/** One plane of a raster: its index in every dimension (0 for x and y), and what the file says of its band. */
export type RasterPlane = { readonly at: readonly number[]; readonly info: RasterBand };

/** Every plane of a raster's first level, in C order of its dimensions other than x and y. */
export function rasterPlanes({ levels, bands }: Raster): RasterPlane[] {
  const { shape, axes } = levels[0]!;
  const others = shape.map((size, d) => (d === axes!.x || d === axes!.y ? 1 : size));
  return Array.from({ length: elementCount(others) }, (_, flat) => {
    const at = unflatten(flat, others);
    return { at, info: bands[axes!.band === null ? 0 : at[axes!.band]!] ?? bands[0]! };
  });
}
