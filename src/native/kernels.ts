/**
 * The types of the numeric kernels. `load.ts` picks the addon's or the TypeScript twin's implementation; both are held
 * to the same tests.
 */

/** GDAL's names. */
export type Resampling = 'nearest' | 'bilinear' | 'cubic' | 'average' | 'mode' | 'min' | 'max' | 'med';

/** State of one target pixel of one source: 0 outside the source's raster, 1 valid, 2 inside but no data. */
export const OUTSIDE = 0;
export const VALID = 1;
export const NODATA = 2;
