import { stat } from 'node:fs/promises';
import { extensionPath } from './extensions.js';

/** Path of a file whose signature DuckDB has found right in this thread → what the file was then. */
const verified = new Map<string, string>();

/**
 * Have the signatures of extensions checked that were not checked before, or whose files are others since. DuckDB hashes the
 * whole file at every `LOAD`, half a second for `spatial`; the code that it loads again is what the process has loaded already.
 * `load` loads the names that it is given where signatures are demanded, and throws where one is wrong.
 */
export async function verifyExtensions(
  names: readonly string[],
  load: (names: readonly string[]) => Promise<void>,
): Promise<void> {
  const files = await Promise.all(names.map((name) => fileOf(name)));
  const fresh = files.filter(({ path, print }) => verified.get(path) !== print);
  if (fresh.length === 0) return;
  await load(fresh.map(({ name }) => name));
  // What the files were before they were loaded: one that was replaced meanwhile is checked the next time.
  for (const { path, print } of fresh) verified.set(path, print);
}

/** Every writing changes `ctime`, which no program can set back. */
async function fileOf(name: string): Promise<{ readonly name: string; readonly path: string; readonly print: string }> {
  const path = extensionPath(name);
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return { name, path, print: [dev, ino, size, mtimeNs, ctimeNs].join(' ') };
}
