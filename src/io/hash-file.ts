import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { throwIfAborted } from './abort.js';
import { writeError } from './write-file.js';

/** SHA-256 of a file, in hexadecimal. Problem: `io`. */
export async function hashFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of filePieces(path, signal)) hash.update(bytes);
  return hash.digest('hex');
}

/** The bytes of a file, at most a MiB at a time. Problem: `io`. */
export async function* filePieces(path: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    // Data sets of images have thousands of small files: a buffer of a mebibyte for each would cost more than reading them.
    const highWaterMark = Math.min(2 ** 20, Math.max(4096, (await stat(path)).size));
    const stream = createReadStream(path, { highWaterMark, ...(signal === undefined ? {} : { signal }) });
    for await (const piece of stream) yield piece as Uint8Array;
  } catch (error) {
    throwIfAborted(signal);
    throw writeError(path, error);
  }
}
