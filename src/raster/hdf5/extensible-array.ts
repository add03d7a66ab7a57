import type { Fields } from './fields.js';
import { bit, MAX_ELEMENTS, type OnElement } from './fixed-array.js';
import type { Metadata } from './metadata.js';

type Header = {
  readonly address: number;
  readonly elementBytes: number;
  /** Bytes of a number of an element, which blocks begin with. */
  readonly indexBytes: number;
  readonly inIndexBlock: number;
  readonly minElements: number;
  readonly minPointers: number;
  readonly pageElements: number;
  /** Elements that were ever set. */
  readonly count: number;
  readonly indexBlock: number | null;
  readonly superBlocks: number;
};
/** Blocks of one super block: how many, of how many elements each, and the number of the first element. */
type Row = { readonly blocks: number; readonly elements: number; readonly first: number };

/**
 * The elements of an extensible array (specification VII.D), which grows in blocks: some elements in the index block, then
 * data blocks that it points to, then data blocks of super blocks, in pages where they are large. Errors: `invalid-data`.
 */
export async function readExtensibleArray(metadata: Metadata, address: number, onElement: OnElement): Promise<void> {
  const header = await readHeader(metadata, address);
  if (header.indexBlock === null || header.count === 0) return;
  const { offset } = metadata.sizes;
  const direct = 2 * Math.log2(header.minPointers);
  const rows = superBlockRows(header);
  const blockPointers = 2 * (header.minPointers - 1);
  const superPointers = Math.max(0, header.superBlocks - direct);
  const length = 6 + offset + header.inIndexBlock * header.elementBytes + (blockPointers + superPointers) * offset + 4;
  const fields = await metadata.checkedBlock(header.indexBlock, length, 'extensible array index');
  checkPrefix(fields, 'EAIB', offset);
  const each = (from: Fields, first: number, elements: number) => {
    for (let i = 0; i < elements; i++) {
      const element = metadata.fields(from.bytes(header.elementBytes), address, 'chunk');
      if (first + i < header.count) onElement(first + i, element);
    }
  };
  each(fields, 0, header.inIndexBlock);
  for (const { blocks, elements, first } of rows.slice(0, direct)) {
    for (let i = 0; i < blocks; i++) {
      const block = fields.address();
      if (block === null || first + i * elements >= header.count) continue;
      each(await readDataBlock(metadata, header, block, elements), first + i * elements, elements);
    }
  }
  for (const row of rows.slice(direct)) {
    const block = fields.address();
    if (block !== null && row.first < header.count) await readSuperBlock(metadata, header, block, row, each);
  }
}

async function readHeader(metadata: Metadata, address: number): Promise<Header> {
  const { offset, length } = metadata.sizes;
  const fields = await metadata.checkedBlock(address, 12 + 6 * length + offset + 4, 'extensible array');
  fields.signature('EAHD');
  fields.version([0]);
  fields.skip(1); // client
  const elementBytes = fields.u8();
  const indexBits = fields.u8();
  const inIndexBlock = fields.u8();
  const minElements = fields.u8();
  const minPointers = fields.u8();
  const pageBits = fields.u8();
  fields.skip(4 * length); // statistics of blocks
  const count = fields.length();
  fields.length(); // elements that there is space for
  const indexBlock = fields.address();
  const isPower = (value: number) => value > 0 && Number.isInteger(Math.log2(value));
  if (elementBytes === 0 || !isPower(minElements) || !isPower(minPointers) || indexBits > 64 || pageBits > 32)
    throw fields.fail(`blocks of ${minElements} elements, ${minPointers} pointers`);
  const superBlocks = 1 + indexBits - Math.log2(minElements);
  if (superBlocks < 1 || count > MAX_ELEMENTS) throw fields.fail(`${count} elements`);
  const sizes = { elementBytes, inIndexBlock, minElements, minPointers, pageElements: 2 ** pageBits };
  return { address, ...sizes, indexBytes: Math.ceil(indexBits / 8), count, indexBlock, superBlocks };
}

/** Super block u has 2^⌊u/2⌋ data blocks of 2^⌈u/2⌉ × the least number of elements. */
function superBlockRows({ superBlocks, minElements, inIndexBlock }: Header): Row[] {
  const rows: Row[] = [];
  let first = inIndexBlock;
  for (let u = 0; u < superBlocks; u++) {
    const row = { blocks: 2 ** Math.floor(u / 2), elements: 2 ** Math.ceil(u / 2) * minElements, first };
    rows.push(row);
    first += row.blocks * row.elements;
  }
  return rows;
}

type Each = (from: Fields, first: number, elements: number) => void;

async function readSuperBlock(
  metadata: Metadata,
  header: Header,
  address: number,
  row: Row,
  each: Each,
): Promise<void> {
  const { offset } = metadata.sizes;
  const paged = row.elements > header.pageElements;
  const pages = paged ? row.elements / header.pageElements : 0;
  const bitmapBytes = row.blocks * Math.ceil(pages / 8);
  const prefix = 6 + offset + header.indexBytes;
  const length = prefix + bitmapBytes + row.blocks * offset + 4;
  const fields = await metadata.checkedBlock(address, length, 'extensible array super block');
  checkPrefix(fields, 'EASB', offset);
  fields.skip(header.indexBytes);
  const bitmap = fields.bytes(bitmapBytes);
  for (let i = 0; i < row.blocks; i++) {
    const block = fields.address();
    const first = row.first + i * row.elements;
    if (block === null || first >= header.count) continue;
    if (!paged) each(await readDataBlock(metadata, header, block, row.elements), first, row.elements);
    // The block's own header has a checksum, then come the pages.
    else
      await readPages(
        metadata,
        header,
        { at: block + prefix + 4, first, pages },
        (page) => bit(bitmap, i * pages + page),
        each,
      );
  }
}

async function readPages(
  metadata: Metadata,
  { pageElements, elementBytes, count }: Header,
  { at, first, pages }: { readonly at: number; readonly first: number; readonly pages: number },
  isWritten: (page: number) => boolean,
  each: Each,
): Promise<void> {
  const pageBytes = pageElements * elementBytes + 4;
  for (let page = 0; page < pages && first + page * pageElements < count; page++) {
    if (!isWritten(page)) continue;
    const fields = await metadata.checkedBlock(at + page * pageBytes, pageBytes, 'extensible array page');
    each(fields, first + page * pageElements, pageElements);
  }
}

/** A data block without pages, behind its prefix. */
async function readDataBlock(metadata: Metadata, header: Header, address: number, elements: number): Promise<Fields> {
  const { offset } = metadata.sizes;
  const length = 6 + offset + header.indexBytes + elements * header.elementBytes + 4;
  const fields = await metadata.checkedBlock(address, length, 'extensible array block');
  checkPrefix(fields, 'EADB', offset);
  fields.skip(header.indexBytes);
  return fields;
}

function checkPrefix(fields: Fields, signature: string, offsetBytes: number): void {
  fields.signature(signature);
  fields.version([0]);
  fields.skip(1 + offsetBytes); // client, address of the header
}
