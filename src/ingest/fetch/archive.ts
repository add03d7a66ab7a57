import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { CubeError } from '../../errors.js';
import { writeError } from '../../io/write-file.js';
import type { ListedFile } from './select-files.js';
import type { UnpackBudget } from './unpack-budget.js';

/** A file in an archive. Folders are none. */
export type ArchiveMember = ListedFile & {
  /** Its place among the archive's entries. */
  readonly index: number;
  /** Why it cannot be unpacked (a link, a cipher, an unknown compression), or null. */
  readonly obstacle: string | null;
};

/** An archive that is open. Its path on the disk and what it is called are the opener's. */
export interface Archive {
  /** All files, in the archive's order. */
  members(): Promise<readonly ArchiveMember[]>;
  /** Hands over the wanted members, by index, one after the other. Their bodies must be read to the end. */
  read(
    wanted: ReadonlySet<number>,
    use: (member: ArchiveMember, body: AsyncIterable<Uint8Array>) => Promise<void>,
  ): Promise<void>;
  close(): Promise<void>;
}

/** What opening an archive takes: where it is, what errors call it, what it may become. */
export type ArchiveInput = {
  readonly path: string;
  readonly name: string;
  readonly budget: UnpackBudget;
  readonly signal?: AbortSignal;
};

/** What an archive is, by its first bytes. */
export type ArchiveKind = 'zip' | 'gzip' | 'tar';

/**
 * What a file is by its first bytes, and by nothing else; null for all that is no archive. Problem: `io`.
 */
export async function sniffArchive(path: string): Promise<ArchiveKind | null> {
  const head = await readHead(path);
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  // "PK" and the signature of a file, or of the end of an empty or a cut archive.
  if (head[0] === 0x50 && head[1] === 0x4b && [0x0403, 0x0605, 0x0807].includes(head.readUInt16LE(2))) return 'zip';
  return head.subarray(257, 262).toString('latin1') === 'ustar' ? 'tar' : null;
}

/** Open an archive by what it holds, not by its name. Problems: `io`, `invalid-data` where it is none. */
export async function openArchive(input: ArchiveInput): Promise<Archive> {
  const kind = await sniffArchive(input.path);
  if (kind === 'zip') return (await import('./archive-zip.js')).openZip(input);
  if (kind === 'tar' || /\.tar$/i.test(input.name)) return (await import('./archive-tar.js')).openTar(input, false);
  if (kind === null) throw brokenArchive(input.name, 'it is no zip, tar or gzip file');
  if (/\.(?:tgz|tar\.gz)$/i.test(input.name)) return (await import('./archive-tar.js')).openTar(input, true);
  return (await import('./archive-gzip.js')).openGzip(input);
}

/** The error of an archive that breaks its format, with the member where that is known. */
export function brokenArchive(name: string, what: string, cause?: unknown): CubeError {
  return new CubeError({ kind: 'invalid-data', url: name, what }, { cause });
}

/** A readable's pieces; its error, whatever it is, becomes one that names the member. */
export async function* readMember(body: Readable, archive: string, member: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of body) yield piece as Uint8Array;
  } catch (error) {
    if (error instanceof CubeError) throw error;
    throw brokenArchive(archive, `its member "${member}" is damaged: ${messageOf(error)}`, error);
  }
}

/** The words of an error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function readHead(path: string): Promise<Buffer> {
  try {
    const file = await open(path);
    try {
      const head = Buffer.alloc(512);
      await file.read(head, 0, 512, 0);
      return head;
    } finally {
      await file.close();
    }
  } catch (error) {
    throw writeError(path, error);
  }
}
