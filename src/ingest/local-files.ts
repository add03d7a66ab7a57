import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import { CubeError } from '../errors.js';
import { hashFile } from '../io/hash-file.js';
import { isArchiveName } from './fetch/archive-name.js';
import { cachePlace } from './fetch/cache-place.js';
import type { FetchOptions } from './fetch/fetch-options.js';
import { nothingLeft } from './fetch/nothing-left.js';
import type { FileFilters, LeftOut } from './fetch/remote-file.js';
import { compileFilters, selectFiles, type FileRules } from './fetch/select-files.js';
import { unpackArchive } from './fetch/unpack.js';
import { hasLabelFiles, type LocalFile } from './label-files.js';
import type { ManifestDataset } from './parse-manifest.js';

/** Files of a data set that are here, and what was left out of them and why. */
export type LocalFiles = { readonly files: readonly LocalFile[]; readonly leftOut: readonly LeftOut[] };

type Listed = { readonly name: string; readonly path: string; readonly size: number };

/**
 * Files that are here already: `doi` is the path of one, or of a folder that holds them, relative to the manifest. Archives are unpacked into the
 * cache, unless they are longer than `max_mb`; those of a folder only where a pattern matches their name or no other file holds labels, since they often lie beside what was in them.
 * Problems: `not-found`, `no-data` where everything is left out, those of `unpackArchive`.
 */
export async function localFiles(
  dataset: ManifestDataset,
  folder: string,
  filters: FileFilters,
  options: FetchOptions,
): Promise<LocalFiles> {
  const found = await chosenFiles(dataset, folder, filters, options);
  if (found.files.length === 0 && found.leftOut.length > 0) throw nothingLeft(dataset.doi, found.leftOut);
  return found;
}

async function chosenFiles(
  dataset: ManifestDataset,
  folder: string,
  filters: FileFilters,
  options: FetchOptions,
): Promise<LocalFiles> {
  const rules = compileFilters(filters);
  const maxBytes = dataset.max_mb == null ? Infinity : dataset.max_mb * 1e6;
  const { taken, leftOut, inside } = selectFiles(await listFiles(dataset, folder), rules, { maxBytes, thrifty: true });
  const plain = taken.filter(({ name }) => !isArchiveName(name));
  const archives = taken.filter(({ name }) => isArchiveName(name));
  const isBeside = inside.include.length === rules.include.length && hasLabelFiles(dataset, plain);
  const files: LocalFile[] = [];
  for (const file of plain) files.push({ ...file, sha256: await hashFile(file.path), url: null });
  if (isBeside) {
    const reason = 'other files hold labels, and no include pattern matches its name, so it was not opened';
    return { files, leftOut: [...leftOut, ...archives.map(({ name }) => ({ name, reason }))] };
  }
  const opened: LocalFiles[] = [];
  for (const archive of archives) opened.push(await openLocalArchive(archive, inside, options));
  return {
    files: [...files, ...opened.flatMap((one) => one.files)],
    leftOut: [...leftOut, ...opened.flatMap((one) => one.leftOut)],
  };
}

async function listFiles(dataset: ManifestDataset, folder: string): Promise<Listed[]> {
  const root = resolve(folder, dataset.doi);
  const info = await stat(root).catch((error: NodeJS.ErrnoException) => {
    throw new CubeError({ kind: 'not-found', url: root, what: `the files of ${dataset.name}` }, { cause: error });
  });
  const paths = info.isDirectory() ? await filesBelow(root) : [root];
  return Promise.all(
    paths.map(async (path) => {
      const name = info.isDirectory() ? relative(root, path).split(sep).join('/') : basename(path);
      return { name, path, size: (await stat(path)).size };
    }),
  );
}

async function filesBelow(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => join(entry.parentPath, entry.name)).sort();
}

async function openLocalArchive(
  { name, path, size }: Listed,
  rules: FileRules,
  { cacheDir, limits, signal }: FetchOptions,
): Promise<LocalFiles> {
  const { folder, contents } = await unpackArchive({
    place: cachePlace(cacheDir),
    sha256: await hashFile(path),
    size,
    name,
    path,
    rules,
    ...(limits === undefined ? {} : { limits }),
    ...(signal === undefined ? {} : { signal }),
  });
  const within = (member: string) => `${name}/${member}`;
  return {
    files: contents.members.map((member) => ({
      name: within(member.name),
      path: join(folder, member.path),
      size: member.size,
      sha256: member.sha256,
      url: null,
    })),
    leftOut: contents.leftOut.map((left) => ({ ...left, name: within(left.name) })),
  };
}
