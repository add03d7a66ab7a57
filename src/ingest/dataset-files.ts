import { fetchDataset } from './fetch/fetch-dataset.js';
import type { FetchOptions } from './fetch/fetch-options.js';
import type { FileFilters, FetchRequest, LeftOut } from './fetch/remote-file.js';
import type { ManifestDataset } from './parse-manifest.js';
import type { LocalFile } from './label-files.js';
import { localFiles } from './local-files.js';
import { repositoryOf } from './repository-of.js';

/** The files of a data set, here, and what was left out of them and why. */
export type DatasetFiles = {
  readonly version: string | null;
  /** As the repository says it; a manifest's own wins. */
  readonly license: string | null;
  readonly files: readonly LocalFile[];
  readonly leftOut: readonly LeftOut[];
};

/** Bring the files of a data set here. Problems: those of `fetchDataset` and `localFiles`; `no-data` where the filters leave nothing. */
export async function datasetFiles(
  dataset: ManifestDataset,
  folder: string,
  options: FetchOptions,
): Promise<DatasetFiles> {
  const repo = repositoryOf(dataset);
  if (repo !== 'local') return fetchDataset(requestOf(dataset, repo), options);
  const found = await localFiles(dataset, folder, filtersOf(dataset), options);
  return { version: dataset.version ?? null, license: null, ...found };
}

function requestOf(dataset: ManifestDataset, repo: FetchRequest['repo']): FetchRequest {
  const { doi, version, api, max_mb: maxMb, checksums } = dataset;
  return {
    repo,
    id: doi,
    filters: filtersOf(dataset),
    checksums,
    ...(version == null ? {} : { version }),
    ...(api == null ? {} : { api }),
    ...(maxMb == null ? {} : { maxMb }),
  };
}

function filtersOf({ file_filters: filters }: ManifestDataset): FileFilters {
  if (filters == null) return {};
  return { include: filters.include_patterns, exclude: filters.exclude_patterns, useRegex: filters.use_regex };
}
