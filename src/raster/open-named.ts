import { CubeError } from '../errors.js';
import type { SourceFactory } from '../io/byte-source.js';
import { openRaster, type OpenRasterOptions } from './open.js';
import type { Raster } from './raster.js';

/**
 * Open what a person names: as `openRaster`, but a variable of a GeoTIFF, which has none, is `invalid-argument` and not
 * ignored.
 */
export async function openNamedRaster(
  sources: SourceFactory,
  url: string,
  { variable, signal }: { readonly variable?: string | undefined; readonly signal?: AbortSignal | undefined },
): Promise<Raster> {
  const options: OpenRasterOptions = {
    ...(variable === undefined ? {} : { variable }),
    ...(signal === undefined ? {} : { signal }),
  };
  const raster = await openRaster(sources, url, options);
  if (variable === undefined || raster.driver !== 'geotiff') return raster;
  const what = `${url} is a GeoTIFF, it has no variable "${variable}"`;
  throw new CubeError({ kind: 'invalid-argument', what, fix: 'leave the variable out, or write CUBE.zarr/NAME' });
}
