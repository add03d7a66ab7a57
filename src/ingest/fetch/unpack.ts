import { createHash } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CubeError } from '../../errors.js';
import { throwIfAborted } from '../../io/abort.js';
import { codeOf } from '../../io/system-error.js';
import { writeError } from '../../io/write-file.js';
import { brokenArchive, type Archive, type ArchiveMember } from './archive.js';
import { isArchiveName } from './archive-name.js';
import { objectPath, type CachePlace } from './cache-place.js';
import { openArchive } from './open-archive.js';
import { publishFolder, type FolderContents, type StoredMember } from './publish-folder.js';
import type { LeftOut, RemoteFile } from './remote-file.js';
import { selectFiles, type FileRules } from './select-files.js';
import { UnpackBudget, type UnpackLimits } from './unpack-budget.js';

/** An archive of the cache, or one that is here, and which of its members are wanted. */
export type UnpackInput = {
  readonly place: CachePlace;
  readonly sha256: string;
  readonly size: number;
  /** What it is called in its record. */
  readonly name: string;
  /** Where it lies, if not among the contents of the cache. */
  readonly path?: string;
  readonly tree?: RemoteFile['tree'];
  readonly rules: FileRules;
  readonly limits?: UnpackLimits;
  readonly signal?: AbortSignal;
};

/** What was unpacked: `folder` holds the members' paths; their names are those within the archive. */
export type Unpacked = { readonly folder: string; readonly contents: FolderContents };

/** Counts up when the same archive and rules give other files. */
const UNPACK_VERSION = 1;

/**
 * Unpack the wanted members of an archive, and of archives in it, into a folder of the cache that is there whole or not at all.
 * Problems: `invalid-data` (damaged, a bomb, two members of one name), `forbidden` (a member that leads out of the folder, a
 * link), `unsupported` (an encrypted member, an unknown compression, archives nested too deep); each names the member.
 */
export async function unpackArchive(input: UnpackInput): Promise<Unpacked> {
  const { place, sha256, size, name, rules, tree } = input;
  const patterns = [rules.kind, rules.include, rules.exclude]; // the text of each; what it compiles to is no JSON
  const identity = JSON.stringify([UNPACK_VERSION, patterns, tree ?? null, nameKind(name)]);
  const selection = createHash('sha256').update(identity).digest('hex').slice(0, 16);
  const target = join(place.unpacked, sha256, selection);
  const contents = await publishFolder(target, async (data) => {
    const sink: Sink = { data, budget: new UnpackBudget(name, size, input.limits), members: [], leftOut: [] };
    const nested = { path: input.path ?? objectPath(place, sha256), name, rules, prefix: '', depth: 0, tree };
    await unpackInto(sink, nested, input.signal);
    return { objects: [sha256], members: sink.members, leftOut: sink.leftOut };
  });
  return { folder: join(target, 'data'), contents };
}

/** How an archive is read depends on its name, where its bytes leave that open. */
function nameKind(name: string): string {
  return /\.(?:tgz|tar\.gz|tar|gz)$/i.exec(name.toLowerCase())?.[0] ?? '';
}

type Sink = {
  readonly data: string;
  readonly budget: UnpackBudget;
  readonly members: StoredMember[];
  readonly leftOut: LeftOut[];
};

type Source = {
  readonly path: string;
  readonly name: string;
  readonly rules: FileRules;
  /** Of the names of its members: empty, or `inner.zip/`. */
  readonly prefix: string;
  readonly depth: number;
  readonly tree?: RemoteFile['tree'] | undefined;
};

async function unpackInto(sink: Sink, source: Source, signal?: AbortSignal): Promise<void> {
  const { path, name, prefix, depth } = source;
  if (depth > sink.budget.maxDepth) {
    const fix = 'leave it out by an exclude pattern';
    throw new CubeError({ kind: 'unsupported', feature: `archives nested deeper than ${name}`, fix });
  }
  const archive = await openArchive({ path, name, budget: sink.budget, ...(signal === undefined ? {} : { signal }) });
  try {
    const listed = treeMembers(await archive.members(), source);
    const { taken, leftOut, inside } = selectFiles(listed, source.rules);
    for (const one of leftOut) sink.leftOut.push({ ...one, name: prefix + one.name });
    assertUnpackable(taken, name);
    const inner = await extract(archive, taken, { sink, source, ...(signal === undefined ? {} : { signal }) });
    for (const { member, file } of inner) {
      const below = { path: file, name: `${name}/${member.name}`, rules: inside };
      await unpackInto(sink, { ...below, prefix: `${prefix}${member.name}/`, depth: depth + 1 }, signal);
      await rm(file);
    }
  } finally {
    await archive.close();
  }
}

/** Members of a tree lose their first folder, and those that are not below the wanted one are no members at all. */
function treeMembers(members: readonly ArchiveMember[], { tree, name }: Source): readonly ArchiveMember[] {
  if (tree === undefined) return members;
  const { under } = tree;
  const plain = members.map((member) => ({ ...member, name: member.name.replace(/^[^/]*\//, '') }));
  const below = plain.filter((one) => under === '' || one.name === under || one.name.startsWith(`${under}/`));
  if (below.length > 0) return below;
  throw new CubeError({ kind: 'no-data', what: `${name} holds no files${under === '' ? '' : ` in "${under}"`}` });
}

function assertUnpackable(members: readonly ArchiveMember[], archive: string): void {
  const seen = new Set<string>();
  for (const { name, obstacle } of members) {
    if (seen.has(name)) throw brokenArchive(archive, `it has two members named "${name}"`);
    seen.add(name);
    if (obstacle === null) continue;
    const { kind, what } = obstacle;
    if (kind === 'forbidden') throw new CubeError({ kind, url: archive, what: `its member "${name}" is ${what}` });
    const fix = 'unpack it yourself, or leave the member out';
    throw new CubeError({ kind, feature: `the member "${name}", which is ${what}`, url: archive, fix });
  }
}

type Inner = { readonly member: ArchiveMember; readonly file: string };

type Extraction = { readonly sink: Sink; readonly source: Source; readonly signal?: AbortSignal };

/** Write the members; archives among them go beside `data`, to be opened next. */
async function extract(
  archive: Archive,
  members: readonly ArchiveMember[],
  { sink, source, signal }: Extraction,
): Promise<Inner[]> {
  const { prefix } = source;
  const names = new Map(members.map((member) => [member.index, member]));
  const inner: Inner[] = [];
  await archive.read(new Set(names.keys()), async ({ index }, body) => {
    const member = names.get(index)!;
    const isInner = isArchiveName(member.name);
    const path = `${prefix}${member.name}`;
    const file = isInner ? join(dirname(sink.data), `inner-${source.depth}-${index}`) : join(sink.data, path);
    const written = await writeMember(file, member.name, countedBody(body, sink.budget, path), {
      archive: source.name,
      ...(signal === undefined ? {} : { signal }),
    });
    if (isInner) inner.push({ member, file });
    else sink.members.push({ name: path, path, ...written });
  });
  return inner;
}

async function* countedBody(
  body: AsyncIterable<Uint8Array>,
  budget: UnpackBudget,
  name: string,
): AsyncGenerator<Uint8Array> {
  for await (const piece of body) {
    budget.add(piece.length, name);
    yield piece;
  }
}

async function writeMember(
  path: string,
  name: string,
  body: AsyncIterable<Uint8Array>,
  { archive, signal }: { readonly archive: string; readonly signal?: AbortSignal },
): Promise<{ readonly size: number; readonly sha256: string }> {
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, 'wx', 0o644);
    const hash = createHash('sha256');
    let size = 0;
    try {
      for await (const piece of body) {
        throwIfAborted(signal);
        await file.writeFile(piece);
        hash.update(piece);
        size += piece.length;
      }
    } finally {
      await file.close();
    }
    return { size, sha256: hash.digest('hex') };
  } catch (error) {
    const code = codeOf(error);
    // On some file systems names that differ in case are the same; a file cannot be a folder on any.
    if (code === 'EEXIST' || code === 'ENOTDIR' || code === 'EISDIR') {
      throw brokenArchive(archive, `its member "${name}" has the place of another one`, error);
    }
    throw error instanceof CubeError ? error : writeError(path, error);
  }
}
