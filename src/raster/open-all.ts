import type { SourceFactory } from '../io/byte-source.js';
import { findSuperblock } from './hdf5/superblock.js';
import { openHdf5Rasters } from './hdf5/open.js';
import { openRaster } from './open.js';
import type { Raster } from './raster.js';
import { listRasters } from './zarr/list-rasters.js';

/** Bytes that hold the signature of a file behind a user block. */
const HEAD_BYTES = 32_768;

/**
 * Open every raster variable of a Zarr group or an HDF5 file; empty where nothing tells which there are. For what
 * `openRaster` refused because it has several. Errors: as opening one.
 */
export async function openAllRasters(sources: SourceFactory, url: string): Promise<readonly Raster[]> {
  if (await isHdf5(sources, url)) return openHdf5Rasters(sources, url);
  const names = await listRasters(sources, url);
  return Promise.all(names.map((variable) => openRaster(sources, url, { variable })));
}

/** A folder, or a root without an object of its own, is none. */
async function isHdf5(sources: SourceFactory, url: string): Promise<boolean> {
  const head = await sources
    .open(url)
    .read({ offset: 0, length: HEAD_BYTES })
    .catch(() => null);
  return head !== null && findSuperblock(head.bytes) !== null;
}
