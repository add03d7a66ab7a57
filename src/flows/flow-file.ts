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

/** Whether data names a file, with the hash that stands for its content. */
export function isFlowFile(value: unknown): value is FlowFile {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  if (value.kind !== 'kept-file' && value.kind !== 'source-file') return false;
  return 'sha256' in value && typeof value.sha256 === 'string' && /^[0-9a-f]{64}$/.test(value.sha256);
}
