import { fileURLToPath } from 'node:url';

/** The compiled program that asks GDAL; it lies in dist, whether the caller runs from src, from dist or from a bundle. */
export const GDAL_PROCESS_FILE = fileURLToPath(new URL('../../dist/raster/gdal/gdal.process.js', import.meta.url));
