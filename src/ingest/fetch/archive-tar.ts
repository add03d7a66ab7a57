import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { Parser, type ReadEntry } from 'tar';
import { CubeError } from '../../errors.js';
import {
  brokenArchive,
  messageOf,
  type Archive,
  type ArchiveInput,
  type ArchiveMember,
  type Obstacle,
} from './archive.js';
import { assertName } from './assert-name.js';
import { gunzipped } from './archive-gzip.js';

/** Types of entries that are files. */
const FILES = new Set(['File', 'OldFile', 'ContiguousFile']);

const FOLDERS = new Set(['Directory', 'GNUDumpDir']);

/** Open a tar file, compressed with gzip or not. It has no directory: it is read once for the names, and once for the bytes. */
export function openTar(input: ArchiveInput, compressed: boolean): Archive {
  const source = () => (compressed ? gunzipped(input.path, input.signal) : createReadStream(input.path));
  return {
    members: () => listMembers(input, source()),
    async read(wanted, use) {
      let index = 0;
      await parseTar(input, source(), async (entry) => {
        const member = memberOf(entry, index++);
        if (member === null || !wanted.has(member.index)) return void entry.resume();
        await use(member, entry as AsyncIterable<Uint8Array>);
      });
    },
    close: async () => {},
  };
}

async function listMembers(input: ArchiveInput, source: Readable): Promise<ArchiveMember[]> {
  const { name, budget } = input;
  const members: ArchiveMember[] = [];
  const listing = budget.fresh();
  let index = 0;
  await parseTar(input, source, async (entry) => {
    const member = memberOf(entry, index++);
    entry.resume();
    if (index > budget.maxMembers) throw brokenArchive(name, `it has more than ${budget.maxMembers} members`);
    if (member === null) return;
    assertName(member.name, name);
    listing.add(entry.size, member.name);
    members.push(member);
  });
  return members;
}

/** Null for folders. */
function memberOf(entry: ReadEntry, index: number): ArchiveMember | null {
  if (FOLDERS.has(entry.type)) return null;
  const name = entry.path.replace(/^(?:\.\/+)+/, '');
  return { index, name, size: entry.size, obstacle: FILES.has(entry.type) ? null : obstacleOf(entry.type) };
}

function obstacleOf(type: string): Obstacle {
  if (type === 'SymbolicLink') return { kind: 'forbidden', what: 'a symbolic link' };
  if (type === 'Link') return { kind: 'forbidden', what: 'a hard link' };
  return { kind: 'forbidden', what: `no regular file (${type})` };
}

/** Hand over every entry; the next one comes when `use` has ended. Problem: `invalid-data`. */
async function parseTar(
  { name, signal }: ArchiveInput,
  source: Readable,
  use: (entry: ReadEntry) => Promise<void>,
): Promise<void> {
  const { promise: failed, reject: fail } = withRejection();
  const parser = new Parser({ strict: true });
  const ended = new Promise<void>((resolve) => parser.once('end', resolve));
  let using = Promise.resolve();
  parser.on('error', fail);
  parser.on('entry', (entry: ReadEntry) => {
    using = using.then(() => use(entry));
    using.catch(fail);
  });
  try {
    for await (const piece of source as AsyncIterable<Buffer>) {
      signal?.throwIfAborted();
      if (parser.write(piece)) continue;
      await Promise.race([new Promise((resolve) => parser.once('drain', resolve)), failed]);
    }
    parser.end();
    await Promise.race([ended, failed]);
    await Promise.race([using, failed]);
  } catch (error) {
    if (error instanceof CubeError || signal?.aborted === true) throw error;
    throw brokenArchive(name, `it is no sound tar file: ${messageOf(error)}`, error);
  } finally {
    source.destroy();
  }
}

/** A promise that only ever rejects, and never goes unhandled. */
function withRejection(): { readonly promise: Promise<never>; readonly reject: (error: unknown) => void } {
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<never>((_resolve, refuse) => (reject = refuse));
  promise.catch(() => {});
  return { promise, reject };
}
