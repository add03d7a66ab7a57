import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CubeError } from '../errors.js';

/** The folder of an installed package whose files are data: the nearest node_modules that has it. Problem: `missing-component`. */
export function packageFolder(name: string): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'node_modules', name, 'package.json'))) {
    const above = dirname(folder);
    if (above === folder) {
      const what = 'the package is not installed';
      throw new CubeError({
        kind: 'missing-component',
        component: name,
        what,
        fix: 'run npm ci, or name a file instead',
      });
    }
    folder = above;
  }
  return join(folder, 'node_modules', name);
}
