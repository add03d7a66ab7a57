import type { SourceFactory } from '../io/byte-source.js';
import { findSuperblock } from './hdf5/superblock.js';
import { openHdf5Rasters } from './hdf5/open.js';
import { assertVersioned } from './open-named.js';
import { headOf, openStore, openStoreRasters, type OpenStoreOptions } from './open-store.js';
import type { Raster } from './raster.js';

/**
 * Open every raster variable of a Zarr group, a store of references or an HDF5 file; empty where nothing tells which there
 * are. For what `openRaster` refused because it has several. Errors: as opening one.
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
  const rasters = await openStoreRasters(await openStore(sources, url, options), sources, options.signal);
  return rasters.map(({ raster }) => raster);
}
