import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CubeError } from '../errors.js';
import type { ManifestDataset } from './parse-manifest.js';
import type { LocalFile } from './read-dataset.js';

/** The files of a data set, here, and what was left out of them and why. */
export type DatasetFiles = {
  readonly version: string | null;
  /** As the repository says it; a manifest's own wins. */
  readonly license: string | null;
  readonly files: readonly LocalFile[];
  readonly leftOut: readonly { readonly name: string; readonly reason: string }[];
};

/** Files that are here already: `doi` is the path of one, or of a folder that holds them, relative to the manifest. */
export async function localFiles(dataset: ManifestDataset, folder: string): Promise<DatasetFiles> {
  const root = resolve(folder, dataset.doi);
  const info = await stat(root).catch((error: NodeJS.ErrnoException) => {
    throw new CubeError({ kind: 'not-found', url: root, what: `the files of ${dataset.name}` }, { cause: error });
  });
  const paths = info.isDirectory()
    ? (await readdir(root, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .sort()
    : [root];
  const files: LocalFile[] = [];
  for (const path of paths) {
    const name = info.isDirectory() ? relative(root, path).split(sep).join('/') : basename(path);
    files.push({ name, path, size: (await stat(path)).size, sha256: await hashFile(path), url: null });
  }
  return { version: dataset.version ?? null, license: null, files, leftOut: [] };
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
