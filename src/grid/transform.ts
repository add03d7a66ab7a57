import type { Crs } from './crs.js';

/** A prepared transform of coordinates between two reference systems. */
export type CrsTransform = {
  readonly from: Crs;
  readonly to: Crs;
  /**
   * In place, x0, y0, x1, y1, …; points that cannot be transformed become NaN. CRS units (degrees for geographic ones),
   * always x = east or longitude, y = north or latitude.
   */
  transform(xy: Float64Array): void;
};
