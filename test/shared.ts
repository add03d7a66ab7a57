import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../shared');

/** True where the folder of real data lies beside the checkout; tests that need it are skipped elsewhere. */
export const hasShared = existsSync(join(root, 'data', 'MANIFEST.md'));

/** Absolute path of something in the folder of real data, such as `data/pv/…`. */
export function sharedPath(...parts: string[]): string {
  return join(root, ...parts);
}
