import { redactUrl } from '../errors.js';
import type { SourceFactory } from '../io/byte-source.js';
import { isLocal } from '../io/location.js';
import type { Raster } from './raster.js';

/** What tells rasters apart: the URL of the file or store as it may be stored, and the array (null: it has but one). */
export type RasterName = { readonly url: string; readonly variable: string | null };

/** Port: rasters that are known without asking their files. */
export interface RasterIndex {
  /**
   * Those of the rasters that are known, by `rasterKey`. Each lies in one file whose version is known too, so that the
   * first read of its samples finds out where the file has changed since (`changed`).
   */
  find(names: readonly RasterName[], options?: { readonly signal?: AbortSignal }): Promise<ReadonlyMap<string, Raster>>;
}

/** One text a name. */
export function rasterKey({ url, variable }: RasterName): string {
  return `${url}\n${variable ?? ''}`;
}

/**
 * The name of the raster at `href` (an absolute URL), or null where it has none: what is stored has no query and no user
 * info, and without them the URL may be that of another file. Problems: those of `SourceFactory.open`.
 */
export function rasterName(sources: SourceFactory, href: string, variable: string | null): RasterName | null {
  const { url } = sources.open(href);
  return isLocal(href) || redactUrl(href) === href ? { url, variable } : null;
}
