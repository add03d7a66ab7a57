import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { writeError } from '../../io/write-file.js';
import type { Checksum } from './remote-file.js';

/** SHA-256 of bytes as they come, and the published checksum's algorithm beside it. */
export class Digests {
  readonly #sha256 = createHash('sha256');
  readonly #other: Hash | null;

  constructor(checksum: Checksum | null) {
    const streams = checksum !== null && checksum.algorithm !== 'sha256' && checksum.algorithm !== 'git-sha1';
    this.#other = streams ? createHash(checksum.algorithm) : null;
  }

  update(bytes: Uint8Array): void {
    this.#sha256.update(bytes);
    this.#other?.update(bytes);
  }

  /** Add the bytes of a file. Problem: `io`. */
  async updateFrom(path: string, signal?: AbortSignal): Promise<void> {
    for await (const bytes of readPieces(path, signal)) this.update(bytes);
  }

  /** The digests in hexadecimal; `other` is null where SHA-256 is all that was asked for, or git's. Ends it. */
  digest(): { readonly sha256: string; readonly other: string | null } {
    return { sha256: this.#sha256.digest('hex'), other: this.#other?.digest('hex') ?? null };
  }
}

/** SHA-256 of a file, in hexadecimal. Problem: `io`. */
export async function hashFile(path: string, signal?: AbortSignal): Promise<string> {
  const digests = new Digests(null);
  await digests.updateFrom(path, signal);
  return digests.digest().sha256;
}

/** SHA-1 of a file as git's blobs have it: of `blob SIZE`, a NUL and the bytes. */
export async function gitHash(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha1').update(`blob ${(await stat(path)).size}\0`);
  for await (const bytes of readPieces(path, signal)) hash.update(bytes);
  return hash.digest('hex');
}

async function* readPieces(path: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    // Data sets of images have thousands of small files: a buffer of a mebibyte for each would cost more than reading them.
    const highWaterMark = Math.min(2 ** 20, Math.max(4096, (await stat(path)).size));
    const stream = createReadStream(path, { highWaterMark, ...(signal === undefined ? {} : { signal }) });
    for await (const piece of stream) yield piece as Uint8Array;
  } catch (error) {
    throw writeError(path, error);
  }
}
