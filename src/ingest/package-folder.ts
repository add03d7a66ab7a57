import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CubeError } from '../errors.js';

/** Folder of an installed package that brings data. Problem: `missing-component`. */
export function packageFolder(name: string): string {
  try {
    return dirname(fileURLToPath(import.meta.resolve(`${name}/package.json`)));
  } catch (error) {
    const what = 'the package that brings borders is not there';
    throw new CubeError(
      { kind: 'missing-component', component: name, what, fix: 'npm ci, or name a file of borders' },
      { cause: error },
    );
  }
}
