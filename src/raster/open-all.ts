import type { SourceFactory } from '../io/byte-source.js';
import { formatName } from './format-name.js';
import { gdalFormat } from './gdal/formats.js';
import { openGdalRasters } from './gdal/open.js';
import { findSuperblock } from './hdf5/superblock.js';
import { openHdf5Rasters } from './hdf5/open.js';
import { assertVersioned } from './open-named.js';
import { headOf, openStore, openStoreRasters, type OpenStoreOptions } from './open-store.js';
import type { Raster } from './raster.js';

/**
 * Open every raster variable of a Zarr group, a store of references, an HDF5 file or one that GDAL reads; empty where nothing
 * tells which there are. For what `openRaster` refused because it has several. Errors: as opening one.
 */
export async function openAllRasters(
  sources: SourceFactory,
  url: string,
  options: OpenStoreOptions = {},
): Promise<readonly Raster[]> {
  const head = await headOf(sources, url, options.signal);
  if (head !== null && findSuperblock(head.bytes) !== null) {
    assertVersioned('hdf5', url, options.version);
    return openHdf5Rasters(sources, url);
  }
  const format = head === null ? null : gdalFormat(formatName(head.bytes));
  if (head !== null && format !== null) {
    assertVersioned('gdal', url, options.version);
    return openGdalRasters(sources, url, { format, head });
  }
  const rasters = await openStoreRasters(await openStore(sources, url, options), sources, options.signal);
  return rasters.map(({ raster }) => raster);
}
