import { isCubeError } from '../../errors.js';
import { isNodePath, joinPath, parentPath } from '../zarr/node-url.js';
import { readAttributes, type Attributes } from './attributes.js';
import { isDataset } from './dataset.js';
import { isGroup, readLinks, type Link } from './links.js';
import type { Metadata } from './metadata.js';
import { readObjectHeader, type Message } from './object-header.js';

/** A group or dataset of a file under one of its names. */
export type Hdf5Object = {
  readonly kind: 'group' | 'dataset';
  /** Below the root, without a slash in front; '' is the root group. */
  readonly path: string;
  /** Of its object header: the same for two names of one object. */
  readonly address: number;
  readonly messages: readonly Message[];
  readonly attributes: Attributes;
};

/** An object without its name; null for one that is neither group nor dataset (a committed datatype). */
type Content = Omit<Hdf5Object, 'path'> | null;

/** All that a file's names lead to, groups before what is in them; and what was left out. */
export type WalkedFile = { readonly objects: readonly Hdf5Object[]; readonly problems: readonly string[] };

/** Names of one file, and groups inside groups. */
const MAX_OBJECTS = 16_384;
const MAX_DEPTH = 64;

/**
 * Follow every link from the root group. A group that was met already is not entered again, so that links in circles end.
 * A broken object is left out and said; a broken root is an error.
 */
export async function walkFile(metadata: Metadata, root: number): Promise<WalkedFile> {
  const read = objectReader(metadata);
  const top = await read(root);
  if (top?.kind !== 'group') throw metadata.invalid('the root is no group');
  const objects: Hdf5Object[] = [{ ...top, path: '' }];
  const problems: string[] = [];
  const entered = new Set([root]);
  const soft: { readonly path: string; readonly target: string }[] = [];
  let level: Hdf5Object[] = [objects[0]!];
  let names = 0;
  for (let depth = 0; level.length > 0; depth++) {
    const found: { path: string; address: number }[] = [];
    for (const group of level) {
      const links = await linksOf(metadata, group, problems);
      names += links.length;
      if (names > MAX_OBJECTS) throw metadata.unsupported(`file of more than ${MAX_OBJECTS} names`);
      for (const link of links) {
        const path = joinPath(group.path, link.name);
        if (link.kind === 'hard' && isStep(link)) found.push({ path, address: link.address });
        else if (link.kind === 'soft' && isStep(link)) soft.push({ path, target: targetOf(group.path, link.target) });
        else problems.push(`link ${path} to another file, or of an unusual name or kind, is left out`);
      }
    }
    if (depth > MAX_DEPTH) throw metadata.unsupported(`${MAX_DEPTH} groups inside each other`);
    const contents = await Promise.all(found.map(({ path, address }) => readOrSay(read, address, path, problems)));
    const sound = contents.filter((object) => object !== null);
    const fresh = sound.filter(({ kind, address, path }) => {
      if (kind === 'dataset') return true;
      const known = entered.has(address);
      if (known) problems.push(`group ${path} is another name of a group and is left out`);
      entered.add(address);
      return !known;
    });
    level = fresh.filter(({ kind }) => kind === 'group');
    objects.push(...fresh);
  }
  return { objects: [...objects, ...softLinked(objects, soft, problems)], problems };
}

async function linksOf(metadata: Metadata, group: Hdf5Object, problems: string[]): Promise<Link[]> {
  try {
    return await readLinks(metadata, group.messages);
  } catch (error) {
    if (group.path === '' || !isBroken(error)) throw error;
    problems.push(`group ${group.path} is left out: ${error.message}`);
    return [];
  }
}

async function readOrSay(
  read: (address: number) => Promise<Content>,
  address: number,
  path: string,
  problems: string[],
): Promise<Hdf5Object | null> {
  try {
    const content = await read(address);
    return content === null ? null : { ...content, path };
  } catch (error) {
    if (!isBroken(error)) throw error;
    problems.push(`${path} is left out: ${error.message}`);
    return null;
  }
}

async function readObject(metadata: Metadata, address: number): Promise<Content> {
  const messages = await readObjectHeader(metadata, address);
  const kind = isGroup(messages) ? 'group' : isDataset(messages) ? 'dataset' : null;
  return kind === null ? null : { kind, address, messages, attributes: await readAttributes(metadata, messages) };
}

/** Reads each object once, whatever the number of its names. */
function objectReader(metadata: Metadata): (address: number) => Promise<Content> {
  const known = new Map<number, Promise<Content>>();
  return (address) => {
    const content = known.get(address) ?? readObject(metadata, address);
    known.set(address, content);
    return content;
  };
}

/** Soft links to datasets that other names lead to. */
function softLinked(
  objects: readonly Hdf5Object[],
  links: readonly { readonly path: string; readonly target: string }[],
  problems: string[],
): Hdf5Object[] {
  const byPath = new Map(objects.map((object) => [object.path, object]));
  return links.flatMap(({ path, target }) => {
    const object = byPath.get(target);
    if (object?.kind === 'dataset' && byPath.has(parentPath(path))) return [{ ...object, path }];
    problems.push(`link ${path} to ${target}, which is no dataset, is left out`);
    return [];
  });
}

/** A target is absolute, or counts from the link's group. */
function targetOf(group: string, target: string): string {
  const steps = target.split('/').filter((step) => step !== '' && step !== '.');
  return target.startsWith('/') ? steps.join('/') : joinPath(group, steps.join('/'));
}

function isStep({ name }: Link): boolean {
  return !name.includes('/') && isNodePath(name);
}

function isBroken(error: unknown): error is Error {
  return isCubeError(error, 'invalid-data') || isCubeError(error, 'unsupported');
}
