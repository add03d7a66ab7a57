import { readdir } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { CubeError } from '../../errors.js';
import type { SourceOptions, SourceTable } from '../source-table.js';
import type { NamedFile } from './image-names.js';
import { ImageSet } from './image-set.js';

/** Labels in pixels, by the format that they are in. */
export type ImageLabelReader = (options: SourceOptions, images: ImageSet) => Promise<SourceTable>;

/** Files that are looked at around a label file; who has more names them by a manifest. */
const MAX_FILES = 100_000;

/** Read labels in pixels: `images` are those of the data set, or else those in the folder of the file (of a file below `labels` or `annotations`: beside that one). */
export async function readImageLabels(
  options: SourceOptions,
  images: ImageSet | undefined,
  read: ImageLabelReader,
): Promise<SourceTable> {
  if (images !== undefined) return read(options, images);
  const root = rootOf(options.path);
  const set = new ImageSet(await filesBelow(root), options);
  try {
    return await read({ ...options, name: nameIn(root, options.path) }, set);
  } finally {
    await set.close();
  }
}

function rootOf(path: string): string {
  for (let folder = dirname(path); dirname(folder) !== folder; folder = dirname(folder)) {
    if (/^(?:labels?|masks?|annotations?)$/i.test(basename(folder))) return dirname(folder);
  }
  return dirname(path);
}

function nameIn(root: string, path: string): string {
  return relative(root, path).split(sep).join('/');
}

async function filesBelow(root: string): Promise<NamedFile[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') throw new CubeError({ kind: 'not-found', url: root }, { cause: error });
      throw new CubeError(
        { kind: 'io', path: root, code: error.code ?? '', what: 'cannot be listed' },
        { cause: error },
      );
    },
  );
  if (entries.length > MAX_FILES) {
    const feature = `looking for images among ${entries.length} files`;
    throw new CubeError({
      kind: 'unsupported',
      feature,
      url: root,
      fix: 'put the labels and their images into a folder of their own',
    });
  }
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.map((path) => ({ name: nameIn(root, path), path }));
}
