import { crc32 } from 'node:zlib';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { CubeError } from '../../errors.js';
import { throwIfAborted } from '../../io/abort.js';
import { codeOf } from '../../io/system-error.js';
import { writeError } from '../../io/write-file.js';
import {
  brokenArchive,
  messageOf,
  readMember,
  type Archive,
  type ArchiveInput,
  type ArchiveMember,
  type Obstacle,
} from './archive.js';
import { assertName } from './assert-name.js';

/** Names of compressions that are not read, APPNOTE 4.4.5. */
const METHODS: Readonly<Record<number, string>> = { 9: 'Deflate64', 12: 'bzip2', 14: 'LZMA', 93: 'zstd', 95: 'xz' };

/** File types of Unix in the high half of the external attributes. */
const TYPE_MASK = 0o170000;
const LINK = 0o120000;
const REGULAR = 0o100000;

/** Open a zip file: its directory is read first, so what is not wanted costs nothing. */
export async function openZip(input: ArchiveInput): Promise<Archive> {
  const zip = await openPromise(input.path, { lazyEntries: true, autoClose: false }).catch((error: unknown) => {
    throw codeOf(error) === null ? brokenZip(input.name, error) : writeError(input.path, error);
  });
  const entries = new Map<number, Entry>();
  return {
    members: () => listMembers(zip, entries, input),
    async read(wanted, use) {
      for (const index of wanted) {
        const entry = entries.get(index)!;
        await use(memberOf(entry, index), bodyOf(zip, entry, input.name));
      }
    },
    close: async () => zip.close(),
  };
}

async function listMembers(
  zip: ZipFile,
  entries: Map<number, Entry>,
  { name, budget, signal }: ArchiveInput,
): Promise<ArchiveMember[]> {
  if (zip.entryCount > budget.maxMembers) throw brokenArchive(name, `it has more than ${budget.maxMembers} members`);
  const members: ArchiveMember[] = [];
  let index = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      throwIfAborted(signal);
      if (!entry.fileName.endsWith('/')) {
        assertName(entry.fileName, name);
        entries.set(index, entry);
        members.push(memberOf(entry, index));
      }
      index++;
    }
  } catch (error) {
    throw error instanceof CubeError ? error : brokenZip(name, error);
  }
  return members;
}

/** The bytes of a member; their CRC-32 is checked at the end. */
async function* bodyOf(zip: ZipFile, entry: Entry, archive: string): AsyncGenerator<Uint8Array> {
  const fail = (error: unknown) =>
    brokenArchive(archive, `its member "${entry.fileName}" is damaged: ${messageOf(error)}`, error);
  const body = await zip.openReadStreamPromise(entry).catch((error: unknown) => {
    throw fail(error);
  });
  let crc = 0;
  for await (const piece of readMember(body, archive, entry.fileName)) {
    crc = crc32(piece, crc);
    yield piece;
  }
  if (crc !== entry.crc32) throw fail(new Error('its CRC-32 is another one'));
}

function memberOf(entry: Entry, index: number): ArchiveMember {
  return { index, name: entry.fileName, size: entry.uncompressedSize, obstacle: obstacleOf(entry) };
}

function obstacleOf(entry: Entry): Obstacle | null {
  const type = (entry.externalFileAttributes >>> 16) & TYPE_MASK;
  if (type === LINK) return { kind: 'forbidden', what: 'a symbolic link' };
  if (type !== 0 && type !== REGULAR) return { kind: 'forbidden', what: 'no regular file' };
  if (entry.isEncrypted()) return { kind: 'unsupported', what: 'encrypted' };
  const method = entry.compressionMethod;
  if (method === 0 || method === 8) return null;
  return { kind: 'unsupported', what: `compressed with ${METHODS[method] ?? `method ${method}`}` };
}

/** The reader refuses names by itself; its words name the member. */
function brokenZip(name: string, cause: unknown): CubeError {
  const message = messageOf(cause);
  if (/^(?:absolute path|invalid relative path|invalid characters in fileName): /.test(message)) {
    return new CubeError({ kind: 'forbidden', url: name, what: `its member lies outside: ${message}` }, { cause });
  }
  return brokenArchive(name, `it is no sound zip file: ${message}`, cause);
}
