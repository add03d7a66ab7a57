import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CubeError, isCubeError } from '../errors.js';
import { throwIfAborted } from './abort.js';
import { assertByteRange, spanOf } from './byte-range.js';
import type { ByteRange, ByteSource, LentFile, ObjectIdentity, ReadOptions, ReadResult } from './byte-source.js';
import type { FileHandles } from './file-handles.js';
import { pathOfUrl } from './location.js';
import { codeOf } from './system-error.js';

/** One read call of the operating system; also how often a long read looks at its signal. */
const CALL_BYTES = 64 * 1024 * 1024;

/**
 * A local file, by path or `file:` URL. Its etag is made of size and mtime in nanoseconds. A path that does not exist
 * and holds escapes (`a%20b.tif`, as a URL-minded catalogue writes it) is looked for once more with them decoded.
 * Problems: `not-found`, `io`, `changed` when the file shrinks while it is read.
 */
export class FileSource implements ByteSource {
  readonly url: string;
  readonly #handles: FileHandles;
  #path: string;

  constructor(location: string, handles: FileHandles) {
    this.#path = resolve(pathOfUrl(location));
    this.url = pathToFileURL(this.#path).href;
    this.#handles = handles;
  }

  async read(range: ByteRange, options: ReadOptions = {}): Promise<ReadResult> {
    throwIfAborted(options.signal);
    assertByteRange(range);
    return this.#use(async (handle, stats) => {
      const size = Number(stats.size);
      const { start, end } = spanOf(range, size);
      const bytes = new Uint8Array(end - start);
      const filled = await fill(handle, bytes, start, options.signal);
      if (filled < bytes.length) {
        const found = `${start + filled} bytes`;
        throw new CubeError({ kind: 'changed', url: this.url, expected: `${size} bytes`, found });
      }
      return { bytes, ...identityOf(stats) };
    });
  }

  lend<T>(use: (file: LentFile) => Promise<T>): Promise<T> {
    return this.#use((handle, stats) =>
      use({
        descriptor: handle.fd,
        identity: identityOf(stats),
        check: async () => identityOf(await handle.stat({ bigint: true })),
      }),
    );
  }

  async #use<T>(use: (handle: FileHandle, stats: BigIntStats) => Promise<T>): Promise<T> {
    try {
      return await this.#handles.use(this.#path, use);
    } catch (error) {
      const decoded = codeOf(error) === 'ENOENT' ? decodedPath(this.#path) : null;
      if (decoded === null) throw this.#problem(error);
      const result = await this.#handles.use(decoded, use).catch((inner: unknown) => {
        throw this.#problem(inner);
      });
      this.#path = decoded;
      return result;
    }
  }

  #problem(error: unknown): CubeError {
    if (isCubeError(error)) return error;
    const code = codeOf(error) ?? 'EUNKNOWN';
    if (code === 'ENOENT' || code === 'ENOTDIR')
      return new CubeError({ kind: 'not-found', url: this.url }, { cause: error });
    const reasons: Readonly<Record<string, string>> = {
      EISDIR: 'not a regular file',
      EACCES: 'no permission to read it',
      EMFILE: 'too many open files; raise the limit (ulimit -n)',
    };
    const what = reasons[code] ?? (error instanceof Error ? error.message : String(error));
    return new CubeError({ kind: 'io', path: this.#path, code, what }, { cause: error });
  }
}

/** Fills `bytes` from `position` on; returns how many bytes the file had. */
async function fill(
  handle: FileHandle,
  bytes: Uint8Array,
  position: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  let filled = 0;
  while (filled < bytes.length) {
    const length = Math.min(CALL_BYTES, bytes.length - filled);
    const { bytesRead } = await handle.read(bytes, filled, length, position + filled);
    throwIfAborted(signal);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

function identityOf({ size, mtimeNs }: BigIntStats): ObjectIdentity {
  // Rounded up: a guard made of it ("not changed after") is true of the file that it was made of.
  const modifiedMs = Number((mtimeNs + 999_999n) / 1_000_000n);
  return { size: Number(size), etag: `"${size.toString(16)}-${mtimeNs.toString(16)}"`, modifiedMs };
}

/** The path with escapes decoded, or null where nothing changes or a decoded segment would move to another folder. */
function decodedPath(path: string): string | null {
  if (!/%[0-9a-f]{2}/i.test(path)) return null;
  try {
    const segments = path.split('/').map((segment) => decodeURIComponent(segment));
    if (segments.some((segment) => /[/\\\0]/.test(segment) || segment === '.' || segment === '..')) return null;
    const decoded = segments.join('/');
    return decoded === path ? null : decoded;
  } catch {
    return null;
  }
}
