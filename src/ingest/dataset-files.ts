import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import { CubeError } from '../errors.js';
import { hashFile } from '../io/hash-file.js';
import { fetchDataset } from './fetch/fetch-dataset.js';
import type { FetchOptions } from './fetch/fetch-options.js';
import type { FileFilters, FetchRequest, LeftOut } from './fetch/remote-file.js';
import { compileFilters, selectFiles } from './fetch/select-files.js';
import type { ManifestDataset } from './parse-manifest.js';
import type { LocalFile } from './label-files.js';
import { repositoryOf } from './repository-of.js';

/** The files of a data set, here, and what was left out of them and why. */
export type DatasetFiles = {
  readonly version: string | null;
  /** As the repository says it; a manifest's own wins. */
  readonly license: string | null;
  readonly files: readonly LocalFile[];
  readonly leftOut: readonly LeftOut[];
};

/** Bring the files of a data set here. Problems: those of `fetchDataset`; `no-data` where the filters leave nothing. */
export async function datasetFiles(
  dataset: ManifestDataset,
  folder: string,
  options: FetchOptions,
): Promise<DatasetFiles> {
  const repo = repositoryOf(dataset);
  return repo === 'local' ? localFiles(dataset, folder) : fetchDataset(requestOf(dataset, repo), options);
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

/** Files that are here already: `doi` is the path of one, or of a folder that holds them, relative to the manifest. */
async function localFiles(dataset: ManifestDataset, folder: string): Promise<DatasetFiles> {
  const root = resolve(folder, dataset.doi);
  const info = await stat(root).catch((error: NodeJS.ErrnoException) => {
    throw new CubeError({ kind: 'not-found', url: root, what: `the files of ${dataset.name}` }, { cause: error });
  });
  const paths = info.isDirectory() ? await filesBelow(root) : [root];
  const listed = await Promise.all(
    paths.map(async (path) => {
      const name = info.isDirectory() ? relative(root, path).split(sep).join('/') : basename(path);
      return { name, path, size: (await stat(path)).size };
    }),
  );
  const { taken, leftOut } = selectFiles(listed, compileFilters(filtersOf(dataset)));
  const files: LocalFile[] = [];
  for (const file of taken) files.push({ ...file, sha256: await hashFile(file.path), url: null });
  return { version: dataset.version ?? null, license: null, files, leftOut };
}

async function filesBelow(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => join(entry.parentPath, entry.name)).sort();
}
