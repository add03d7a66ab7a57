import { CubeError, isCubeError } from '../errors.js';
import type { ReadResult, SourceFactory } from '../io/byte-source.js';
import type { IcechunkVersion } from '../native/icechunk/types.js';
import { isTiff } from './cog/header.js';
import { openGeoTiff } from './cog/open-geotiff.js';
import { gdalFormat } from './gdal/formats.js';
import { openGdal } from './gdal/open.js';
import { formatName } from './format-name.js';
import { openHdf5 } from './hdf5/open.js';
import { findSuperblock } from './hdf5/superblock.js';
import { firstReadLength, learnHeaderEnd } from './header-lengths.js';
import type { Raster } from './raster.js';
import { openReferenceFile, openReferenceFolder } from './refs/open-references.js';
import { openInHierarchy, openZarr } from './zarr/open.js';

/** What opening a raster takes. */
export type OpenRasterOptions = {
  /** Which array of a Zarr group or dataset of an HDF5 file; a GeoTIFF has none and ignores it. */
  readonly variable?: string;
  /** Which version of an Icechunk repository; the branch `main` where it is left out. Others ignore it. */
  readonly version?: IcechunkVersion;
  readonly signal?: AbortSignal;
};

/**
 * Open whatever lies at a URL, by content: a TIFF or an HDF5 file (NetCDF-4) by its first bytes, a Zarr store by its
 * metadata documents, references by their JSON, and what only GDAL reads by its first bytes. The name only says which to try
 * first. Errors: `not-found`, `unsupported` (another format, by name), `invalid-data`, and those of the drivers.
 */
export async function openRaster(
  sources: SourceFactory,
  url: string,
  options: OpenRasterOptions = {},
): Promise<Raster> {
  const folder = await openReferenceFolder(sources, url, options);
  if (folder !== null) return openInHierarchy(folder.hierarchy, sources, { ...options, driver: folder.driver });
  if (/\.zarr\/?$|\/$/i.test(url)) {
    const zarr = await tryZarr(sources, url, options);
    if (zarr !== null) return zarr;
  }
  const head = await readHead(sources, url, options.signal);
  if (head instanceof CubeError) return (await tryZarr(sources, url, options)) ?? throwError(notFolder(head));
  if (isTiff(head.bytes)) {
    const onHeader = (end: number) => learnHeaderEnd(sources, url, end);
    return openGeoTiff(sources.open(url), { ...signalOf(options), head, openedBy: url, onHeader });
  }
  if (findSuperblock(head.bytes) !== null) return openHdf5(sources, url, { ...options, head });
  const file = await openReferenceFile(sources, url, head, options.signal).catch(invalidOf);
  if (file instanceof CubeError) return (await tryZarr(sources, url, options)) ?? throwError(file);
  if (file !== null) return openInHierarchy(file.hierarchy, sources, { ...options, driver: file.driver });
  const format = formatName(head.bytes);
  const byGdal = gdalFormat(format);
  if (byGdal !== null) return openGdal(sources, url, { ...options, head, format: byGdal });
  if (format !== null) throw new CubeError({ kind: 'unsupported', url, feature: `${format} files` });
  // A server may answer the URL of a store's root with a page of its own.
  const zarr = await tryZarr(sources, url, options);
  return (
    zarr ??
    throwError(
      new CubeError({ kind: 'invalid-data', url, what: 'neither a TIFF, an HDF5 file nor a Zarr store', offset: 0 }),
    )
  );
}

/** The first bytes, or the error that a directory or an absent object gives: there may be a store all the same. */
async function readHead(sources: SourceFactory, url: string, signal?: AbortSignal): Promise<ReadResult | CubeError> {
  try {
    const length = firstReadLength(sources, url);
    return await sources.open(url).read({ offset: 0, length }, signal === undefined ? {} : { signal });
  } catch (error) {
    if (isCubeError(error, 'not-found') || isCubeError(error, 'io') || isCubeError(error, 'denied')) return error;
    throw error;
  }
}

/** A page that a server answers the URL of a store's root with may begin like JSON and be none. */
function invalidOf(error: unknown): CubeError {
  if (isCubeError(error, 'invalid-data')) return error;
  throw error;
}

/** A folder is an input that is not what it should be; reading it as a file would be an error of the disk. */
function notFolder(error: CubeError): CubeError {
  if (!isCubeError(error, 'io') || error.problem.code !== 'EISDIR') return error;
  const what = `${error.problem.path} is a folder and no Zarr store`;
  return new CubeError({ kind: 'no-data', what, fix: 'name a GeoTIFF, a Zarr group or an array' }, { cause: error });
}

/** Null where there are no Zarr documents. */
async function tryZarr(sources: SourceFactory, url: string, options: OpenRasterOptions): Promise<Raster | null> {
  try {
    return await openZarr(sources, url, options);
  } catch (error) {
    // `not-found` with another URL, or a reason, means that the store is there and something in it is not.
    if (isCubeError(error, 'not-found') && error.problem.what?.startsWith('no zarr.json') === true) return null;
    throw error;
  }
}

function signalOf({ signal }: OpenRasterOptions): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

function throwError(error: CubeError): never {
  throw error;
}
