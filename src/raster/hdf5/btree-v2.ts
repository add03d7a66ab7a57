import type { Fields } from './fields.js';
import { Visited, type Metadata } from './metadata.js';

type Header = {
  readonly type: number;
  readonly nodeBytes: number;
  readonly recordBytes: number;
  readonly depth: number;
};
/** Where a node is, and how many records are in it. */
type Node = { readonly address: number; readonly records: number };
/** Bytes of the two counts beside each child pointer, by the depth of the node that holds them. */
type PointerSizes = { readonly records: number; readonly total: number };

/** Signature, version, type and checksum of a node. */
const NODE_PREFIX = 6;
const NODE_OVERHEAD = NODE_PREFIX + 4;
/** Deeper trees hold more than a file can. */
const MAX_DEPTH = 16;

/**
 * Every record of a version 2 B-tree (specification III.A.2), each as fields of its own; those of a level come together,
 * so that its nodes are read together. The type must be one of `types`. Errors: `invalid-data`.
 */
export async function readTreeV2(metadata: Metadata, address: number, types: readonly number[]): Promise<TreeRecords> {
  const { offset, length } = metadata.sizes;
  const fields = await metadata.checkedBlock(address, 16 + offset + 2 + length + 4, 'B-tree header');
  fields.signature('BTHD');
  fields.version([0]);
  const header: Header = { type: fields.u8(), nodeBytes: fields.u32(), recordBytes: fields.u16(), depth: fields.u16() };
  fields.skip(2); // split and merge percentages
  const root = fields.address();
  const records = fields.u16();
  if (!types.includes(header.type)) throw fields.fail(`is of type ${header.type}, expected ${types.join(' or ')}`);
  if (header.recordBytes === 0 || header.nodeBytes < NODE_OVERHEAD + header.recordBytes || header.depth > MAX_DEPTH)
    throw fields.fail(`${header.depth} levels of nodes of ${header.nodeBytes} bytes`);
  const found: Fields[] = [];
  if (root !== null && records > 0) await readLevels(metadata, header, { address: root, records }, found);
  return { type: header.type, recordBytes: header.recordBytes, records: found };
}

/** The records of a tree, its type and the bytes of one. */
export type TreeRecords = { readonly type: number; readonly recordBytes: number; readonly records: readonly Fields[] };

async function readLevels(metadata: Metadata, header: Header, root: Node, found: Fields[]): Promise<void> {
  const visited = new Visited(metadata);
  const sizes = pointerSizes(metadata, header);
  let nodes: Node[] = [root];
  for (let depth = header.depth; depth >= 0 && nodes.length > 0; depth--) {
    for (const { address } of nodes) visited.enter(address, 'a node of a B-tree');
    const read = await Promise.all(nodes.map((node) => readNode(metadata, header, node, depth, sizes[depth]!)));
    for (const { records } of read) for (const record of records) found.push(record);
    nodes = read.flatMap(({ children }) => children);
  }
}

async function readNode(metadata: Metadata, header: Header, node: Node, depth: number, sizes: PointerSizes) {
  const recordBytes = node.records * header.recordBytes;
  const pointerBytes = depth === 0 ? 0 : (node.records + 1) * (metadata.sizes.offset + sizes.records + sizes.total);
  const length = NODE_OVERHEAD + recordBytes + pointerBytes;
  if (length > header.nodeBytes) throw metadata.invalid(`a B-tree node of ${node.records} records is too long`);
  const fields = await metadata.checkedBlock(node.address, length, 'B-tree node');
  fields.signature(depth === 0 ? 'BTLF' : 'BTIN');
  fields.version([0]);
  const type = fields.u8();
  if (type !== header.type) throw fields.fail(`is of type ${type}, expected ${header.type}`);
  const records = Array.from({ length: node.records }, () =>
    metadata.fields(fields.bytes(header.recordBytes), node.address, 'B-tree record'),
  );
  const children = Array.from({ length: depth === 0 ? 0 : node.records + 1 }, (): Node => {
    const address = fields.definedAddress();
    const count = fields.uint(sizes.records);
    fields.skip(sizes.total);
    return { address, records: count };
  });
  return { records, children: children.filter((child) => child.records > 0) };
}

/** III.A.2: counts are as long as the largest that a node below can have needs. */
function pointerSizes(metadata: Metadata, { nodeBytes, recordBytes, depth }: Header): PointerSizes[] {
  const inLeaf = Math.floor((nodeBytes - NODE_OVERHEAD) / recordBytes);
  const records = bytesFor(inLeaf);
  const sizes: PointerSizes[] = [{ records, total: 0 }];
  let most = inLeaf;
  let total = 0;
  for (let level = 1; level <= depth; level++) {
    sizes.push({ records, total });
    const pointer = metadata.sizes.offset + records + total;
    const inNode = Math.floor((nodeBytes - NODE_OVERHEAD - pointer) / (recordBytes + pointer));
    most = (inNode + 1) * most + inNode;
    total = Math.min(8, bytesFor(most));
  }
  return sizes;
}

/** Bytes that hold numbers up to `limit`. */
function bytesFor(limit: number): number {
  return Math.floor(Math.log2(Math.max(1, limit)) / 8) + 1;
}
