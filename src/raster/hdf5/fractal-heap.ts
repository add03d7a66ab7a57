import { readTreeV2 } from './btree-v2.js';
import type { Fields } from './fields.js';
import { Visited, type Metadata } from './metadata.js';

/** A run of a heap's address space that one direct block holds. */
type DirectBlock = { readonly start: number; readonly length: number; readonly address: number };
type Huge = { readonly address: number; readonly length: number };

type Header = {
  readonly idBytes: number;
  readonly hugeTree: number | null;
  readonly width: number;
  readonly startBytes: number;
  readonly maxDirectBytes: number;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  readonly root: number | null;
  readonly rootRows: number;
};

/** Objects of a heap by their IDs. */
export type FractalHeap = { readonly read: (id: Uint8Array) => Promise<Uint8Array> };

const MAX_ROWS = 128;
const MAX_OBJECT_BYTES = 2 ** 26;

/**
 * Open a fractal heap (specification III.G): where groups of many links and objects of many attributes keep them. Errors:
 * `invalid-data`, `unsupported` for heaps behind filters.
 */
export async function openFractalHeap(metadata: Metadata, address: number): Promise<FractalHeap> {
  const header = await readHeader(metadata, address);
  const blocks = await directBlocks(metadata, header);
  const huge = await hugeObjects(metadata, header);
  const read = async (id: Uint8Array): Promise<Uint8Array> => {
    const fields = metadata.fields(id, address, 'heap ID');
    const first = fields.u8();
    switch ((first >> 4) & 3) {
      case 0: {
        const offset = fields.uint(header.offsetBytes);
        return managedObject(metadata, blocks, offset, fields.uint(header.lengthBytes));
      }
      case 1: {
        const found = huge.get(fields.uint(Math.min(8, metadata.sizes.length, fields.left)));
        if (found === undefined) throw fields.fail('names no huge object of the heap');
        return metadata.bytes(found.address, found.length, 'huge object of a heap');
      }
      case 2:
        return tinyObject(fields, first, header.idBytes);
      default:
        throw fields.fail(`is of type ${(first >> 4) & 3}`);
    }
  };
  return { read };
}

async function readHeader(metadata: Metadata, address: number): Promise<Header> {
  const { offset, length } = metadata.sizes;
  const fields = await metadata.checkedBlock(address, 22 + 12 * length + 3 * offset + 4, 'fractal heap');
  fields.signature('FRHP');
  fields.version([0]);
  const idBytes = fields.u16();
  if (fields.u16() !== 0) throw metadata.unsupported('fractal heap behind filters');
  fields.skip(1); // flags
  const maxManaged = fields.u32();
  fields.length(); // next huge ID
  const hugeTree = fields.address();
  fields.length(); // free space
  fields.address(); // its manager
  for (let i = 0; i < 8; i++) fields.length(); // statistics
  const width = fields.u16();
  const startBytes = fields.length();
  const maxDirectBytes = fields.length();
  const heapBits = fields.u16();
  fields.u16(); // rows at first
  const root = fields.address();
  const rootRows = fields.u16();
  const isPower = (value: number) => value > 0 && Number.isInteger(Math.log2(value));
  if (
    ![width, startBytes, maxDirectBytes].every(isPower) ||
    maxDirectBytes < startBytes ||
    heapBits > 64 ||
    rootRows > MAX_ROWS
  )
    throw fields.fail(`${rootRows} rows of ${width} blocks of ${startBytes} to ${maxDirectBytes} bytes`);
  const directBits = Math.ceil(Math.log2(maxDirectBytes) / 8);
  const lengthBytes = Math.min(directBits, Math.floor(Math.log2(Math.max(1, maxManaged)) / 8) + 1);
  const offsetBytes = Math.ceil(heapBits / 8);
  return { idBytes, hugeTree, width, startBytes, maxDirectBytes, offsetBytes, lengthBytes, root, rootRows };
}

/** Every direct block, in the order of the heap's address space. */
async function directBlocks(metadata: Metadata, header: Header): Promise<DirectBlock[]> {
  const blocks: DirectBlock[] = [];
  if (header.root === null) return blocks;
  if (header.rootRows === 0) return [{ start: 0, length: header.startBytes, address: header.root }];
  const visited = new Visited(metadata);
  const open = [{ address: header.root, rows: header.rootRows, start: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    visited.enter(next.address, 'an indirect block of a heap');
    const { direct, indirect } = await readIndirect(metadata, header, next);
    for (const block of direct) blocks.push(block);
    for (const block of indirect) open.push(block);
  }
  return blocks.sort((a, b) => a.start - b.start);
}

type Indirect = { readonly address: number; readonly rows: number; readonly start: number };

/** III.G, "Fractal Heap Indirect Block": rows of `width` blocks, whose sizes double from the third row on. */
async function readIndirect(metadata: Metadata, header: Header, { address, rows, start }: Indirect) {
  const { width, startBytes, maxDirectBytes, offsetBytes } = header;
  const { offset } = metadata.sizes;
  const length = 5 + offset + offsetBytes + rows * width * offset + 4;
  const fields = await metadata.checkedBlock(address, length, 'indirect block of a heap');
  fields.signature('FHIB');
  fields.version([0]);
  fields.skip(offset + offsetBytes);
  const direct: DirectBlock[] = [];
  const indirect: Indirect[] = [];
  let at = start;
  for (let row = 0; row < rows; row++) {
    const blockBytes = startBytes * 2 ** Math.max(0, row - 1);
    for (let column = 0; column < width; column++, at += blockBytes) {
      const child = fields.address();
      if (child === null) continue;
      if (blockBytes <= maxDirectBytes) direct.push({ start: at, length: blockBytes, address: child });
      else
        indirect.push({ address: child, rows: Math.log2(blockBytes) - Math.log2(startBytes * width) + 1, start: at });
    }
  }
  if (indirect.some((child) => !(child.rows > 0 && child.rows < rows))) throw fields.fail('blocks do not nest');
  return { direct, indirect };
}

/** Offsets count from the heap's start, the headers of the blocks included. */
async function managedObject(
  metadata: Metadata,
  blocks: readonly DirectBlock[],
  offset: number,
  length: number,
): Promise<Uint8Array> {
  let [low, high] = [0, blocks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (blocks[middle]!.start <= offset) low = middle + 1;
    else high = middle;
  }
  const block = blocks[low - 1];
  if (block === undefined || offset + length > block.start + block.length)
    throw metadata.invalid(`${length} bytes at ${offset} of a heap lie in no block of it`);
  return metadata.bytes(block.address + offset - block.start, length, 'object of a heap');
}

/** III.G, "Huge": objects too large for a block, by number. */
async function hugeObjects(metadata: Metadata, { hugeTree }: Header): Promise<ReadonlyMap<number, Huge>> {
  const found = new Map<number, Huge>();
  if (hugeTree === null) return found;
  // Types 2 to 4 are of heaps behind filters, or whose IDs hold the address: no attribute or link has such.
  const { records } = await readTreeV2(metadata, hugeTree, [1]);
  for (const record of records) {
    const [address, length, id] = [record.definedAddress(), record.length(), record.length()];
    if (length > MAX_OBJECT_BYTES) throw metadata.unsupported(`object of ${length} bytes in a heap`);
    found.set(id, { address, length });
  }
  return found;
}

/** III.G, "Tiny": the ID holds the object. */
function tinyObject(fields: Fields, first: number, idBytes: number): Uint8Array {
  const extended = idBytes > 17;
  const length = extended ? (((first & 15) << 8) | fields.u8()) + 1 : (first & 15) + 1;
  return fields.bytes(length);
}
