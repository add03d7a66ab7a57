import type { ReadResult, SourceFactory } from '../io/byte-source.js';
import type { IcechunkVersion } from '../native/icechunk/types.js';
import { assertVersioned } from './open-named.js';
import type { Raster } from './raster.js';
import { openZarrHierarchy } from './refs/manifest.js';
import { openReferenceFile, openReferenceFolder, type OpenedStore } from './refs/open-references.js';
import { rastersIn } from './zarr/list-rasters.js';
import { rootUrl } from './zarr/node-url.js';
import { openInHierarchy } from './zarr/open.js';

/** What opening a store takes. */
export type OpenStoreOptions = {
  /** Of an Icechunk repository; `invalid-argument` for other stores. */
  readonly version?: IcechunkVersion | undefined;
  readonly signal?: AbortSignal | undefined;
};

/** First bytes that tell a file of references from a folder. */
const HEAD_BYTES = 32_768;

/**
 * Open a Zarr store, an Icechunk repository or references (kerchunk's JSON or Parquet) as a hierarchy. Errors: `not-found`
 * where there is none of them, `missing-component`, and those of reading its metadata.
 */
export async function openStore(
  sources: SourceFactory,
  url: string,
  { version, signal }: OpenStoreOptions = {},
): Promise<OpenedStore> {
  const signalOption = signal === undefined ? {} : { signal };
  const folder = await openReferenceFolder(sources, url, {
    ...signalOption,
    ...(version === undefined ? {} : { version }),
  });
  assertVersioned(folder?.driver ?? null, url, version);
  return folder ?? (await openFile(sources, url, signal)) ?? openZarrStore(sources, url, signal);
}

/** The first bytes at a URL; null for a folder, and for a root without an object of its own. */
export function headOf(sources: SourceFactory, url: string, signal?: AbortSignal): Promise<ReadResult | null> {
  const options = signal === undefined ? {} : { signal };
  return sources
    .open(url)
    .read({ offset: 0, length: HEAD_BYTES }, options)
    .catch(() => null);
}

/** Every raster variable of a store, sorted by path; those of its groups where the root has none. */
export async function openStoreRasters(
  { hierarchy, driver }: OpenedStore,
  sources: SourceFactory,
  signal?: AbortSignal,
): Promise<{ readonly path: string; readonly raster: Raster }[]> {
  const options = { driver, ...(signal === undefined ? {} : { signal }) };
  const paths = await rastersIn(hierarchy);
  return Promise.all(
    paths.map(async (path) => ({
      path,
      raster: await openInHierarchy(hierarchy, sources, { ...options, variable: path }),
    })),
  );
}

async function openFile(sources: SourceFactory, url: string, signal: AbortSignal | undefined) {
  const head = await headOf(sources, url, signal);
  return head === null ? null : openReferenceFile(sources, url, head, signal);
}

async function openZarrStore(
  sources: SourceFactory,
  url: string,
  signal: AbortSignal | undefined,
): Promise<OpenedStore> {
  return { hierarchy: await openZarrHierarchy(sources, rootUrl(url), signal), driver: 'zarr' };
}
