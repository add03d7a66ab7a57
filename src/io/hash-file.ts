import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { writeError } from './write-file.js';

/** SHA-256 of a file, in hexadecimal. Problem: `io`. */
export async function hashFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of filePieces(path, signal)) hash.update(bytes);
  return hash.digest('hex');
}

/** The bytes of a file, a MiB at a time. Problem: `io`. */
export async function* filePieces(path: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const stream = createReadStream(path, { highWaterMark: 2 ** 20, ...(signal === undefined ? {} : { signal }) });
  try {
    for await (const piece of stream) yield piece as Uint8Array;
  } catch (error) {
    throw writeError(path, error);
  }
}
