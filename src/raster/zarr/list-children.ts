import { readdir } from 'node:fs/promises';
import { CubeError } from '../../errors.js';
import { isLocal, pathOfUrl } from '../../io/location.js';
import type { Hierarchy } from './hierarchy.js';
import { isNodePath, parentPath } from './node-url.js';

/**
 * Paths of the nodes that may lie directly below `group`, sorted, or null where nothing tells them: without consolidated
 * metadata only a local folder can be listed. The store must have been opened before, so that its access is settled.
 */
export async function listChildren(
  hierarchy: Hierarchy,
  group: string,
  groupUrl: string,
): Promise<readonly string[] | null> {
  if (hierarchy.known !== null) return hierarchy.known.filter((path) => parentPath(path) === group).sort();
  if (!isLocal(groupUrl)) return null;
  try {
    const entries = await readdir(pathOfUrl(groupUrl), { withFileTypes: true });
    const names = entries.filter((entry) => entry.isDirectory() && isNodePath(entry.name)).map((entry) => entry.name);
    return names.sort().map((name) => (group === '' ? name : `${group}/${name}`));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'EIO';
    throw new CubeError({ kind: 'io', path: groupUrl, code, what: 'the folder cannot be listed' }, { cause: error });
  }
}
