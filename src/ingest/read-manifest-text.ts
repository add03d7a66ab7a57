import { readFile } from 'node:fs/promises';
import { CubeError } from '../errors.js';

/** The text of a manifest. Problems: `not-found`, `io`. */
export function readManifestText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') throw new CubeError({ kind: 'not-found', url: path, what: 'the manifest' }, { cause });
    const code = cause.code ?? 'EIO';
    throw new CubeError({ kind: 'io', path, code, what: 'the manifest cannot be read' }, { cause });
  });
}
