import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { CubeError } from '../errors.js';
import { isLocal } from '../io/location.js';
import { writeFileAtomic } from '../io/write-file.js';

/** Where the STAC item of a cube is: beside the store, under its name; that of a repository is `NAME.icechunk.json`. */
export function itemPath(cube: string): string {
  return cube.replace(/(\.zarr)?$/, '.json');
}

/** The item's link to its store, which lies beside it or in a bucket. */
export function storeHref(cube: string): string {
  return isLocal(cube) ? `./${basename(cube)}` : cube;
}

/** Problem: `exists` where another file than an earlier item of this cube has the item's place (a specification, say). */
export async function assertItemPlace(cube: string, href = storeHref(cube)): Promise<void> {
  const path = itemPath(cube);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new CubeError({
      kind: 'io',
      path,
      code: error.code ?? 'EIO',
      what: 'what is in the STAC item’s place cannot be read',
    });
  });
  if (text === null || isItemOf(text, href)) return;
  throw new CubeError({
    kind: 'exists',
    path,
    what: 'the STAC item of the cube belongs there, and another file has its place',
    fix: 'move that file, or give the cube another name',
  });
}

/** Write the item whole. */
export function writeItem(cube: string, item: unknown): Promise<void> {
  return writeFileAtomic(itemPath(cube), Buffer.from(`${JSON.stringify(item, null, 2)}\n`));
}

function isItemOf(text: string, href: string): boolean {
  try {
    const item = JSON.parse(text) as { type?: unknown; assets?: { cube?: { href?: unknown } } } | null;
    return item?.type === 'Feature' && item.assets?.cube?.href === href;
  } catch {
    return false;
  }
}
