import { CubeError } from '../errors.js';
import type { SourceFactory } from '../io/byte-source.js';
import { pathOfUrl } from '../io/location.js';
import type { IcechunkVersion } from '../native/icechunk/types.js';
import { openRaster, type OpenRasterOptions } from './open.js';
import { rasterKey, rasterName, type RasterIndex } from './raster-index.js';
import type { Raster } from './raster.js';

/** What a person names a raster with, and how it is opened. */
export type NamedRasterOptions = {
  readonly variable?: string | undefined;
  /** Of an Icechunk repository. */
  readonly version?: IcechunkVersion | undefined;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Open what a person names: as `openRaster`, but a variable of what is one raster and a version of what is no Icechunk repository are
 * `invalid-argument` and not ignored.
 */
export async function openNamedRaster(sources: SourceFactory, url: string, named: NamedRasterOptions): Promise<Raster> {
  const raster = await openRaster(sources, url, optionsOf(named));
  assertVersioned(raster.driver, url, named.version);
  return withVariable(raster, url, named.variable);
}

/** The same raster where an index knows it, without a request; null where it does not. */
export async function findNamedRaster(
  sources: SourceFactory,
  url: string,
  { index, ...named }: NamedRasterOptions & { readonly index: RasterIndex },
): Promise<Raster | null> {
  const { variable, signal } = optionsOf(named);
  const name = rasterName(sources, url, variable ?? null);
  if (name === null) return null;
  const raster = (await index.find([name], signal === undefined ? {} : { signal })).get(rasterKey(name));
  return raster === undefined ? null : withVariable(raster, url, variable);
}

/** Problem: `invalid-argument` where a version is named of what has none. */
export function assertVersioned(
  driver: Raster['driver'] | null,
  url: string,
  version: IcechunkVersion | undefined,
): void {
  if (version === undefined || driver === 'icechunk') return;
  const what = `${url} is no Icechunk repository, it has no versions`;
  throw new CubeError({ kind: 'invalid-argument', what, fix: 'leave the version out' });
}

function optionsOf({ variable, version, signal }: NamedRasterOptions): OpenRasterOptions {
  return {
    ...(variable === undefined ? {} : { variable }),
    ...(version === undefined ? {} : { version }),
    ...(signal === undefined ? {} : { signal }),
  };
}

function withVariable(raster: Raster, url: string, variable: string | undefined): Raster {
  if (variable === undefined || !isWholeFile(raster)) return raster;
  const is = raster.driver === 'geotiff' ? 'a GeoTIFF' : 'one raster';
  const what = `${url} is ${is}, it has no variable "${variable}"`;
  throw new CubeError({ kind: 'invalid-argument', what, fix: 'leave the variable out, or write CUBE.zarr/NAME' });
}

/** A file without variables: a GeoTIFF, or what GDAL opens by the name of the file alone. */
function isWholeFile({ driver, url, levels }: Raster): boolean {
  const refs = levels[0]?.refs;
  return driver === 'geotiff' || (refs?.kind === 'windows' && refs.source.name === pathOfUrl(url));
}
