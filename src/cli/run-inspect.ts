import { isCubeError, problemOf, formatProblem, type Problem } from '../errors.js';
import type { SourceFactory } from '../io/byte-source.js';
import { resolveLocation } from '../io/location.js';
import { createSources } from '../io/sources.js';
import { formatSummary, summariseRaster, type RasterSummary } from '../raster/inspect.js';
import { openAllRasters } from '../raster/open-all.js';
import type { IcechunkVersion } from '../native/icechunk/types.js';
import { assertVersioned, openNamedRaster } from '../raster/open-named.js';
import { openRaster } from '../raster/open.js';
import { isObject, parseJson } from '../stac/json.js';
import { parseItem } from '../stac/parse-item.js';
import type { StacItem } from '../stac/item.js';
import { printError, printResult, type CommonOptions } from './output.js';
import { signOption } from './sign-option.js';
import type { SignOptions } from './with-sign-option.js';
import { parseVersion, type VersionOptions } from './version-options.js';

type Options = CommonOptions & VersionOptions & SignOptions & { readonly variable?: string };
type AssetReport = { readonly asset: string; readonly summary: RasterSummary | null; readonly problem: Problem | null };

/** What `cube inspect` does. Never throws: the problem is printed and the exit code set. */
export async function runInspect(href: string, options: Options): Promise<void> {
  let sources: SourceFactory | null = null;
  try {
    sources = createSources(signOption(options));
    const version = parseVersion(options);
    const url = resolveLocation(href, `${process.cwd()}/`);
    const item = await tryItem(sources, url);
    if (item !== null) {
      assertVersioned(null, url, version);
      const reports = await inspectItem(sources, item);
      return printResult(options, { item: item.id, assets: reports }, () => describeItem(item, reports));
    }
    const summaries = await inspectRaster(sources, url, { variable: options.variable, version });
    const [first] = summaries;
    const result = summaries.length === 1 ? first : { url, variables: summaries };
    printResult(options, result, () => summaries.map(formatSummary).join('\n'));
  } catch (error) {
    printError(options, error);
  } finally {
    await sources?.close();
  }
}

/** One raster, or every raster variable of a Zarr group or an HDF5 file that has several. */
async function inspectRaster(
  sources: SourceFactory,
  url: string,
  { variable, version }: { readonly variable: string | undefined; readonly version: IcechunkVersion | undefined },
): Promise<RasterSummary[]> {
  try {
    return [summariseRaster(await openNamedRaster(sources, url, { variable, version }))];
  } catch (error) {
    if (variable !== undefined || !isCubeError(error, 'invalid-argument')) throw error;
    const rasters = await openAllRasters(sources, url, { version });
    if (rasters.length === 0) throw error;
    return rasters.map(summariseRaster);
  }
}

/** Null where the URL is no STAC item. */
async function tryItem(sources: SourceFactory, url: string): Promise<StacItem | null> {
  if (!/\.(geo)?json([?#].*)?$/i.test(url) && !(await looksLikeJson(sources, url))) return null;
  const json = parseJson((await sources.open(url).read('all')).bytes, url);
  return isObject(json) && json['type'] === 'Feature' ? parseItem(json, url) : null;
}

/** An API's items have no extension, so what the server sends decides. */
async function looksLikeJson(sources: SourceFactory, url: string): Promise<boolean> {
  if (!/^https?:/i.test(url) || /\.[a-z0-9]+\/?$/i.test(new URL(url).pathname)) return false;
  try {
    const { bytes } = await sources.open(url).read({ offset: 0, length: 64 });
    return /^\s*\{/.test(new TextDecoder().decode(bytes));
  } catch (error) {
    // The raster's own error says more.
    if (isCubeError(error)) return false;
    throw error;
  }
}

async function inspectItem(sources: SourceFactory, item: StacItem): Promise<AssetReport[]> {
  const broken = (item.brokenAssets ?? []).map(({ key, problem }) => ({ asset: key, summary: null, problem }));
  const reports = await Promise.all(
    item.assets.map(async ({ key, href }): Promise<AssetReport> => {
      try {
        // A remote item may not name local files.
        sources.open(href, { declaredBy: item.url });
        return { asset: key, summary: summariseRaster(await openRaster(sources, href)), problem: null };
      } catch (error) {
        if (!isCubeError(error)) throw error;
        return { asset: key, summary: null, problem: problemOf(error) };
      }
    }),
  );
  return [...reports, ...broken];
}

function describeItem(item: StacItem, reports: readonly AssetReport[]): string {
  const head = `${item.id} ${new Date(item.timeMs).toISOString()} ${item.collection ?? '(no collection)'}`;
  const lines = reports.map(({ asset, summary, problem }) =>
    summary === null ? `${asset}: ${formatProblem(problem!)}` : `${asset}:\n${formatSummary(summary)}`,
  );
  return [head, ...lines].join('\n');
}
