import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CubeError } from '../errors.js';

/** The folder of an installed package whose files are data: the nearest node_modules that has it. Problem: `missing-component`. */
export function packageFolder(name: string): string {
  const folder = findPackage(name);
  if (folder !== null) return folder;
  const what = 'the package is not installed';
  throw new CubeError({ kind: 'missing-component', component: name, what, fix: 'run npm ci, or name a file instead' });
}

/** The folder of a package that need not be installed, or null. */
export function findPackage(name: string): string | null {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name);
    if (existsSync(join(found, 'package.json'))) return found;
    if (dirname(folder) === folder) return null;
  }
}

/** The version of the package in a folder. */
export async function packageVersion(folder: string): Promise<string> {
  return (JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
}
