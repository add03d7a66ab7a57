import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { hashFile } from '../io/hash-file.js';
import { writeError } from '../io/write-file.js';
import type { FlowFile } from './node-types.js';

/**
 * A file as a value of a flow: what reads it is made anew when its bytes change. A path alone is a text, whose hash says nothing of the
 * file. Give it in a node that is not cached. Problem: `io`.
 */
export async function sourceFile(path: string, signal?: AbortSignal): Promise<FlowFile> {
  const absolute = resolve(path);
  const { size } = await stat(absolute).catch((error: unknown) => {
    throw writeError(absolute, error);
  });
  const sha256 = await hashFile(absolute, signal);
  return { kind: 'source-file', name: basename(absolute), sha256, size, path: absolute };
}
