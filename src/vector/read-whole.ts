import { readFile, stat } from 'node:fs/promises';
import { CubeError } from '../errors.js';

/** Node reads no more into one buffer. */
const MAX_BYTES = 2 ** 31 - 1;

/** Read a local file whole. Absent: `not-found`; larger than 2 GiB: `unsupported`; else `io`. */
export async function readWhole(path: string, signal?: AbortSignal): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) {
      const fix = 'convert it to GeoParquet or FlatGeobuf';
      throw new CubeError({ kind: 'unsupported', feature: `a label file of ${size} bytes`, url: path, fix });
    }
    return await readFile(path, signal === undefined ? {} : { signal });
  } catch (error) {
    throw fileError(path, error);
  }
}

/** Read a local file whole, or null where it does not exist. */
export async function readWholeIfPresent(path: string, signal?: AbortSignal): Promise<Uint8Array | null> {
  try {
    return await readWhole(path, signal);
  } catch (error) {
    if (error instanceof CubeError && error.problem.kind === 'not-found') return null;
    throw error;
  }
}

function fileError(path: string, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error.name === 'AbortError') return new CubeError({ kind: 'aborted', what: `reading ${path}` }, { cause: error });
  if (!('code' in error) || typeof error.code !== 'string') return error;
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR')
    return new CubeError({ kind: 'not-found', url: path }, { cause: error });
  return new CubeError({ kind: 'io', path, code: error.code, what: 'cannot be read' }, { cause: error });
}
