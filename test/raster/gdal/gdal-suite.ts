import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gdalStatus } from '../../../src/native/load.js';
import { pythonWithOracles } from '../../python.js';

/** Makes files by rasterio and says what it reads in them. */
export const GDAL_ORACLE = fileURLToPath(new URL('gdal_oracle.py', import.meta.url));

const status = gdalStatus();
const built = existsSync(fileURLToPath(new URL('../../../dist/raster/gdal/gdal.process.js', import.meta.url)));

/** Why tests that read through GDAL do not run here, or null where they do. */
export const gdalAbsent: string | null =
  status.kind === 'absent'
    ? `GDAL is ${status.why}`
    : pythonWithOracles() === null
      ? 'no Python with rasterio'
      : built
        ? null
        : 'dist is not built';

/** Name of a suite, with the reason where it is skipped. */
export function gdalSuite(name: string): string {
  return gdalAbsent === null ? name : `${name} (skipped: ${gdalAbsent})`;
}
