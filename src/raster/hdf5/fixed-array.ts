import type { Fields } from './fields.js';
import type { Metadata } from './metadata.js';

/** Told each element of an array that may point to a chunk, with its number. */
export type OnElement = (index: number, element: Fields) => void;

/** Elements of one array, pages included. */
export const MAX_ELEMENTS = 2 ** 26;

/**
 * The elements of a fixed array (specification VII.C): one block, or pages of which those without any chunk are not
 * written. Errors: `invalid-data`.
 */
export async function readFixedArray(metadata: Metadata, address: number, onElement: OnElement): Promise<void> {
  const { offset, length } = metadata.sizes;
  const header = await metadata.checkedBlock(address, 8 + length + offset + 4, 'fixed array');
  header.signature('FAHD');
  header.version([0]);
  header.skip(1); // client
  const elementBytes = header.u8();
  const pageBits = header.u8();
  const count = header.length();
  const block = header.address();
  if (block === null || count === 0) return;
  if (elementBytes === 0 || pageBits > 32 || count > MAX_ELEMENTS)
    throw header.fail(`${count} elements of ${elementBytes} bytes`);
  const each = (fields: Fields, first: number, elements: number) => {
    for (let i = 0; i < elements; i++)
      onElement(first + i, metadata.fields(fields.bytes(elementBytes), address, 'chunk'));
  };
  const pageElements = 2 ** pageBits;
  const prefix = 6 + offset;
  if (count <= pageElements) {
    const fields = await metadata.checkedBlock(block, prefix + count * elementBytes + 4, 'fixed array block');
    checkPrefix(fields, offset);
    return each(fields, 0, count);
  }
  const pages = Math.ceil(count / pageElements);
  const bitmapBytes = Math.ceil(pages / 8);
  const fields = await metadata.checkedBlock(block, prefix + bitmapBytes + 4, 'fixed array block');
  checkPrefix(fields, offset);
  const bitmap = fields.bytes(bitmapBytes);
  const firstPage = block + prefix + bitmapBytes + 4;
  const pageBytes = pageElements * elementBytes + 4;
  for (let page = 0; page < pages; page++) {
    if (!bit(bitmap, page)) continue;
    const elements = Math.min(pageElements, count - page * pageElements);
    const at = firstPage + page * pageBytes;
    const content = await metadata.checkedBlock(at, elements * elementBytes + 4, 'fixed array page');
    each(content, page * pageElements, elements);
  }
}

function checkPrefix(fields: Fields, offsetBytes: number): void {
  fields.signature('FADB');
  fields.version([0]);
  fields.skip(1 + offsetBytes); // client, address of the header
}

/** Bitmaps begin with the highest bit of their first byte. */
export function bit(bitmap: Uint8Array, index: number): boolean {
  return ((bitmap[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0;
}
