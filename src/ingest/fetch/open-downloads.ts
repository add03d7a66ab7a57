import { join } from 'node:path';
import { redactUrl } from '../../errors.js';
import { isArchiveName, hasExtension } from './archive-name.js';
import { objectPath, type CachePlace } from './cache-place.js';
import type { Entered } from './download-files.js';
import type { FetchedFile } from './fetched-dataset.js';
import type { FetchOptions } from './fetch-options.js';
import { linkFiles, type NamedEntry } from './link-files.js';
import { sniffArchive } from './open-archive.js';
import type { LeftOut } from './remote-file.js';
import { selectFiles, type FileRules } from './select-files.js';
import { unpackArchive } from './unpack.js';

/** What opening takes. */
export type OpenInput = {
  readonly place: CachePlace;
  readonly options: FetchOptions;
  /** Of the record's files. */
  readonly rules: FileRules;
  /** Of members of archives that the record lists. */
  readonly inside: FileRules;
};

/** Files, and what was left out on the way. */
export type Opened = { readonly files: readonly FetchedFile[]; readonly leftOut: readonly LeftOut[] };

/** Give plain files their names back, and unpack archives. Problems: those of `unpackArchive`, `io`. */
export async function openDownloads(entered: readonly Entered[], input: OpenInput): Promise<Opened> {
  const plain: NamedEntry[] = [];
  const opened: Opened[] = [];
  for (const one of entered) {
    const name = nameOf(one);
    const { inside, leftOut } = rulesOf(one, input);
    if (await isArchive(one, input.place)) {
      opened.push(await openArchiveOf(one, inside, input));
    } else if (leftOut.length > 0) opened.push({ files: [], leftOut });
    else plain.push({ name, entry: one.entry });
  }
  if (plain.length > 0) {
    const folder = await linkFiles(input.place, plain);
    const files = plain.map(({ name, entry }) => fileOf(name, join(folder, name), entry, entry.url));
    opened.push({ files, leftOut: [] });
  }
  return { files: opened.flatMap(({ files }) => files), leftOut: opened.flatMap(({ leftOut }) => leftOut) };
}

/** What the server calls a file whose URL says nothing of it. */
function nameOf({ file, entry }: Entered): string {
  return file.unnamed === true ? entry.name : file.name;
}

/** A file that had no name until it came is judged now. */
function rulesOf(one: Entered, { rules, inside }: OpenInput) {
  const { file, entry } = one;
  if (file.tree !== undefined) return { inside: rules, leftOut: [] };
  return file.unnamed === true
    ? selectFiles([{ name: nameOf(one), size: entry.size }], rules)
    : { inside, leftOut: [] };
}

/** By its name; where that has no extension, by its first bytes. */
async function isArchive(one: Entered, place: CachePlace): Promise<boolean> {
  const name = nameOf(one);
  if (isArchiveName(name)) return true;
  return !hasExtension(name) && (await sniffArchive(objectPath(place, one.entry.sha256))) !== null;
}

async function openArchiveOf(one: Entered, rules: FileRules, { place, options }: OpenInput): Promise<Opened> {
  const { sha256, size, url } = one.entry;
  const { tree } = one.file;
  const { limits, signal } = options;
  const name = nameOf(one);
  const { folder, contents } = await unpackArchive({
    place,
    sha256,
    size,
    name,
    rules,
    ...(tree === undefined ? {} : { tree }),
    ...(limits === undefined ? {} : { limits }),
    ...(signal === undefined ? {} : { signal }),
  });
  const within = (member: string) => (tree === undefined ? `${name}/${member}` : member);
  return {
    files: contents.members.map((member) => fileOf(within(member.name), join(folder, member.path), member, url)),
    leftOut: contents.leftOut.map((left) => ({ ...left, name: within(left.name) })),
  };
}

function fileOf(
  name: string,
  path: string,
  { size, sha256 }: { readonly size: number; readonly sha256: string },
  url: string,
): FetchedFile {
  return { name, path, url: redactUrl(url), size, sha256 };
}
