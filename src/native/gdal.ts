import type { GdalModule } from './gdal-contract.js';
import { gdalExports } from './load.js';

/**
 * What keeps GDAL to the file that it was given, set before the first one is opened: no request to a server, no file
 * beside the one named (listing, `.aux.xml`, `.ovr`), no code in Python, and no dataset that threads share.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  CPL_VSIL_CURL_ALLOWED_FILENAME: 'none',
  GDAL_DISABLE_READDIR_ON_OPEN: 'EMPTY_DIR',
  GDAL_PAM_ENABLED: 'NO',
  GDAL_VRT_ENABLE_PYTHON: 'NO',
  VRT_SHARED_SOURCE: '0',
  /** MiB of decoded blocks of the whole process. */
  GDAL_CACHEMAX: '64',
};

let configured: GdalModule | null = null;

/** GDAL, loaded at the first use, in one thread of a process only. Problem: `missing-component`. */
export function gdalModule(): GdalModule {
  if (configured !== null) return configured;
  const gdal = gdalExports<GdalModule>(['openAsync'], ['config', 'drivers']);
  for (const [name, value] of Object.entries(SETTINGS)) gdal.config.set(name, value);
  configured = gdal;
  return gdal;
}
