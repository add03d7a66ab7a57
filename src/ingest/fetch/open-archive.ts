import { open } from 'node:fs/promises';
import { writeError } from '../../io/write-file.js';
import { brokenArchive, type Archive, type ArchiveInput } from './archive.js';

/** What an archive is, by its first bytes. */
export type ArchiveKind = 'zip' | 'gzip' | 'tar';

/** What a file is by its first bytes, and by nothing else; null for all that is no archive. Problem: `io`. */
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
