import { CubeError, isCubeError, problemOf, redactUrl, type Problem } from '../errors.js';
import type { SourceFactory } from '../io/byte-source.js';
import { isLocal, pathOfUrl, resolveLocation } from '../io/location.js';
import { resolveBand } from '../stac/resolve-band.js';
import type { RasterAsset, StacItem } from '../stac/item.js';
import { searchItems, type SearchQuery } from '../stac/search.js';

/** A raster to scan. */
export type ScanTarget = {
  readonly href: string;
  /** Which array, where the href is a store. */
  readonly variable: string | null;
  readonly itemId: string | null;
  readonly band: string | null;
  /** Opens what its catalogue may name. */
  readonly sources: SourceFactory;
};

/** A raster that is not in the lake, and why. `href` is without query and user info. */
export type RefusedRaster = {
  readonly href: string;
  readonly itemId: string | null;
  readonly band: string | null;
  readonly problem: Problem;
};

/** Which rasters of catalogues are wanted: keys of a specification's `source`, and bands. */
export type ScanQuery = Omit<SearchQuery, 'stac'> & {
  /** As in a specification; all rasters of each item where left out. */
  readonly bands?: readonly string[];
  /** Which array of a Zarr group that is named by its href. */
  readonly variable?: string;
  readonly signal?: AbortSignal;
};

/** What there is to scan. */
export type ScanTargets = {
  readonly targets: readonly ScanTarget[];
  readonly refused: readonly RefusedRaster[];
  readonly warnings: readonly string[];
};

/** Enough of a document to see what it is. */
const SNIFF_BYTES = 4096;

/** Media types of rasters, and of those that nothing of ours reads: no request is spent on them. */
const RASTER_TYPE = /tiff|zarr|netcdf|hdf|jp2|jpeg2000/i;
const RASTER_NAME = /\.(?:tiff?|zarr|nc|nc4|h5|hdf|hdf5|jp2)\/?$/i;
const JPEG_2000 = /jp2|jpeg2000/i;

/** Find the rasters that hrefs stand for: rasters themselves, or what STAC documents list. Each is named once. */
export async function findTargets(
  hrefs: readonly string[],
  query: ScanQuery,
  sources: SourceFactory,
): Promise<ScanTargets> {
  const targets = new Map<string, ScanTarget>();
  const refused: RefusedRaster[] = [];
  const warnings: string[] = [];
  const add = (target: ScanTarget) => {
    const key = `${target.href}\n${target.variable ?? ''}`;
    if (!targets.has(key)) targets.set(key, target);
  };
  for (const href of hrefs) {
    const url = resolveLocation(href, `${process.cwd()}/`);
    if (!(await isStac(url, sources, query.signal))) {
      add({ href: url, variable: query.variable ?? null, itemId: null, band: null, sources });
      continue;
    }
    const found = await search(url, query, sources);
    warnings.push(...found.warnings);
    const declared = declaredSources(sources, url);
    for (const item of found.items) addItem(item, query.bands ?? null, declared, { add, refused });
  }
  return { targets: [...targets.values()], refused, warnings };
}

async function search(stac: string, query: ScanQuery, sources: SourceFactory) {
  const { bands: _, variable: _variable, signal, ...filter } = query;
  return searchItems({ ...filter, stac }, sources, signal === undefined ? {} : { signal });
}

/** A raster by its name, else by what the document begins with. What cannot be read is left to whoever opens it. */
async function isStac(url: string, sources: SourceFactory, signal: AbortSignal | undefined): Promise<boolean> {
  const path = isLocal(url) ? pathOfUrl(url) : new URL(url).pathname;
  if (/\.(?:parquet|ndjson|geojson)$/i.test(path)) return true;
  if (RASTER_NAME.test(path)) return false;
  try {
    const read = await sources
      .open(url)
      .read({ offset: 0, length: SNIFF_BYTES }, signal === undefined ? {} : { signal });
    const start = new TextDecoder().decode(read.bytes);
    return /^\s*[{[]/.test(start) && !/"refs"\s*:|"\.z(?:group|attrs|array)"|"zarr_format"/.test(start);
  } catch (error) {
    if (isCubeError(error, 'aborted') || !isCubeError(error)) throw error;
    return false;
  }
}

type Sink = { readonly add: (target: ScanTarget) => void; readonly refused: RefusedRaster[] };

function addItem(
  item: StacItem,
  bands: readonly string[] | null,
  sources: SourceFactory,
  { add, refused }: Sink,
): void {
  const refuse = (href: string, band: string, problem: Problem) =>
    refused.push({ href: redactUrl(href), itemId: item.id, band, problem });
  const addAsset = (asset: RasterAsset, band: string, variable: string | null) => {
    if (JPEG_2000.test(asset.mediaType ?? '')) {
      return refuse(asset.href, band, { kind: 'unsupported', feature: 'JPEG 2000 files', url: redactUrl(asset.href) });
    }
    // Bands of one TIFF are one raster, however they are called.
    const array = isTiff(asset) ? null : variable;
    return add({ href: asset.href, variable: array, itemId: item.id, band, sources });
  };
  if (bands === null) {
    for (const asset of item.assets.filter(isRaster)) addAsset(asset, asset.key, asset.bands[0]?.name ?? asset.key);
    for (const { key, problem } of item.brokenAssets ?? []) refuse(item.url, key, problem);
    return;
  }
  for (const name of bands) {
    try {
      const { asset, band } = resolveBand(item, name, 'bands');
      addAsset(asset, name, band?.name ?? name);
    } catch (error) {
      if (!(error instanceof CubeError)) throw error;
      refuse(item.url, name, problemOf(error));
    }
  }
}

function isRaster({ mediaType, roles, href }: RasterAsset): boolean {
  if (roles.some((role) => role === 'thumbnail' || role === 'metadata' || role === 'overview')) return false;
  return mediaType === null ? RASTER_NAME.test(redactUrl(href)) : RASTER_TYPE.test(mediaType);
}

function isTiff({ mediaType, href }: RasterAsset): boolean {
  return mediaType === null ? /\.tiff?$/i.test(redactUrl(href)) : /tiff/i.test(mediaType);
}

/** The same sources, under the rules of what a document may name. */
function declaredSources(sources: SourceFactory, declaredBy: string): SourceFactory {
  return { open: (url, options) => sources.open(url, { declaredBy, ...options }), close: () => sources.close() };
}
