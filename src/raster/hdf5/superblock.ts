import { CubeError } from '../../errors.js';
import { Fields, type FieldSizes } from './fields.js';
import { lookup3 } from './lookup3.js';
import type { PageReader } from './page-reader.js';

/** What a file's superblock says (HDF5 File Format Specification 3.0, II.A). */
export type Superblock = {
  /** Byte at which it lies: behind the user block. All addresses count from here. */
  readonly base: number;
  readonly sizes: FieldSizes;
  /** Address of the root group's object header. */
  readonly root: number;
};

const SIGNATURE = '\x89HDF\r\n\x1a\n';
/** A superblock of version 0 with addresses of 8 bytes is the longest: 96 bytes, with version 1's fields 100. */
const LONGEST = 128;

/** Where the signature lies in a file's first bytes: at 0, 512, 1024, 2048 and so on (II.A); null where it does not. */
export function findSuperblock(head: Uint8Array): number | null {
  for (let offset = 0; offset + SIGNATURE.length <= head.length; offset = offset === 0 ? 512 : offset * 2) {
    if (Buffer.from(head.subarray(offset, offset + SIGNATURE.length)).toString('latin1') === SIGNATURE) return offset;
  }
  return null;
}

/** Read the superblock. Errors: `invalid-data` also for a file that is shorter than it says, `unsupported` for other versions. */
export async function readSuperblock(reader: PageReader): Promise<Superblock> {
  const { url } = reader;
  const base = findSuperblock(reader.head);
  if (base === null) throw new CubeError({ kind: 'invalid-data', url, what: 'no HDF5 signature', offset: 0 });
  const length = Math.min(LONGEST, reader.identity.size - base);
  const bytes = await reader.bytes({ offset: base, length }, 'superblock');
  const place = { url, what: 'superblock', offset: base };
  const first = new Fields(bytes, { offset: 8, length: 8 }, place);
  first.skip(SIGNATURE.length);
  const version = first.version([0, 1, 2, 3]);
  if (version < 2) first.skip(4);
  const sizes = { offset: first.u8(), length: first.u8() };
  for (const size of [sizes.offset, sizes.length]) {
    if (![2, 4, 8].includes(size)) throw first.fail(`addresses or lengths of ${size} bytes`);
  }
  const fields = new Fields(bytes, sizes, place);
  fields.skip(first.at);
  const { end, root } = version < 2 ? parseOld(fields, version) : parseNew(fields, bytes);
  if (base + end > reader.identity.size) {
    const what = `the file is cut off: ${reader.identity.size} bytes, expected ${base + end}`;
    throw new CubeError({ kind: 'invalid-data', url, what });
  }
  return { base, sizes, root };
}

type Parts = { /** Of the file's end, from the superblock. */ readonly end: number; readonly root: number };

/** Versions 0 and 1: the root group is named by a symbol table entry. */
function parseOld(fields: Fields, version: number): Parts {
  fields.skip(1 + 2 + 2 + 4); // reserved, K of group leaves and nodes, consistency flags
  if (version === 1) fields.skip(4);
  const stored = fields.definedAddress();
  fields.address(); // free space
  const end = fields.definedAddress();
  fields.address(); // driver information
  fields.length(); // offset of the link's name
  return { end: end - stored, root: fields.definedAddress() };
}

function parseNew(fields: Fields, bytes: Uint8Array): Parts {
  fields.skip(1); // consistency flags
  const stored = fields.definedAddress();
  fields.address(); // extension
  const end = fields.definedAddress();
  const root = fields.definedAddress();
  const checked = bytes.subarray(0, fields.at);
  if (lookup3(checked) !== fields.u32()) throw fields.fail('the checksum is wrong');
  return { end: end - stored, root };
}
