import type { Fields } from './fields.js';
import { Visited, type Metadata } from './metadata.js';

/** What one entry of a leaf points to; `key` is what lies before the pointer. */
export type TreeEntry = { readonly key: Fields; readonly child: number };

/** What kind of tree: of a group's symbols (0) or of a dataset's chunks (1), with the bytes of a key. */
export type TreeKind = { readonly type: 0 | 1; readonly keyBytes: number };

/** Deeper trees hold more than a file can. */
const MAX_LEVEL = 32;

/**
 * Every entry of the leaves of a version 1 B-tree (specification III.A.1), in order, level by level so that the nodes of
 * one are read together. Errors: `invalid-data` for nodes that break the format or are used twice.
 */
export async function readTreeV1(metadata: Metadata, root: number, kind: TreeKind): Promise<TreeEntry[]> {
  const visited = new Visited(metadata);
  let nodes = [root];
  let level: number | null = null;
  for (;;) {
    for (const node of nodes) visited.enter(node, 'a node of a B-tree');
    const read = await Promise.all(nodes.map((node) => readNode(metadata, node, kind)));
    level ??= read[0]!.level;
    if (level > MAX_LEVEL) throw metadata.invalid(`a B-tree of ${level} levels`);
    if (read.some((node) => node.level !== level)) throw metadata.invalid('levels of a B-tree do not match');
    const entries = read.flatMap((node) => node.entries);
    if (level === 0 || entries.length === 0) return entries;
    nodes = entries.map(({ child }) => child);
    level--;
  }
}

async function readNode(metadata: Metadata, address: number, { type, keyBytes }: TreeKind) {
  const headBytes = 8 + 2 * metadata.sizes.offset;
  const head = await metadata.block(address, headBytes, 'B-tree node');
  head.signature('TREE');
  const found = head.u8();
  if (found !== type) throw head.fail(`is of type ${found}, expected ${type}`);
  const level = head.u8();
  const used = head.u16();
  const entryBytes = keyBytes + metadata.sizes.offset;
  const fields = await metadata.block(address + headBytes, used * entryBytes, 'B-tree node');
  const entries = Array.from({ length: used }, (): TreeEntry => {
    const key = metadata.fields(fields.bytes(keyBytes), address, 'B-tree key');
    return { key, child: fields.definedAddress() };
  });
  return { level, entries };
}
