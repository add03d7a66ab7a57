import type { SourceFactory } from '../io/byte-source.js';
import { findSuperblock } from './hdf5/superblock.js';
import { openHdf5Rasters } from './hdf5/open.js';
import { openRaster } from './open.js';
import type { Raster } from './raster.js';
import { openReferenceFile, openReferenceFolder, type OpenedStore } from './refs/open-references.js';
import { openHierarchy } from './zarr/hierarchy.js';
import { rastersIn } from './zarr/list-rasters.js';
import { rootUrl } from './zarr/node-url.js';
import { openInHierarchy } from './zarr/open.js';

/** Bytes that hold the signature of a file behind a user block. */
const HEAD_BYTES = 32_768;

/**
 * Open every raster variable of a Zarr group, a store of references or an HDF5 file; empty where nothing tells which there
 * are. For what `openRaster` refused because it has several. Errors: as opening one.
 */
export async function openAllRasters(sources: SourceFactory, url: string): Promise<readonly Raster[]> {
  const folder = await openReferenceFolder(sources, url);
  if (folder !== null) return openEach(folder, sources);
  // A folder, or a root without an object of its own, has no first bytes.
  const head = await sources
    .open(url)
    .read({ offset: 0, length: HEAD_BYTES })
    .catch(() => null);
  if (head !== null && findSuperblock(head.bytes) !== null) return openHdf5Rasters(sources, url);
  const file = head === null ? null : await openReferenceFile(sources, url, head);
  if (file !== null) return openEach(file, sources);
  const names = await rastersIn(await openHierarchy(sources, rootUrl(url)));
  return Promise.all(names.map((variable) => openRaster(sources, url, { variable })));
}

async function openEach({ hierarchy, driver }: OpenedStore, sources: SourceFactory): Promise<Raster[]> {
  const names = await rastersIn(hierarchy);
  return Promise.all(names.map((variable) => openInHierarchy(hierarchy, sources, { variable, driver })));
}
