import { CubeError } from '../../errors.js';
import type { BlockReader, Extent } from './block-reader.js';
import type { TiffHeader } from './header.js';
import { isKnownTag, isStructuralTag, tagName } from './tags.js';

/** One entry of an IFD. `values` is where its values lie in the file, inline or not; null where they cannot lie. */
export type DirectoryEntry = {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  readonly values: Extent | null;
};

/** The entries of one image file directory (IFD), without the values. */
export type DirectoryListing = {
  readonly offset: number;
  /** The next directory of the chain, 0 at its end. */
  readonly next: number;
  readonly entries: ReadonlyMap<number, DirectoryEntry>;
  readonly problems: readonly string[];
};

/** The values of an entry: numbers (exact to 2^53), text, or raw bytes. */
export type FieldValue =
  | { readonly kind: 'numbers'; readonly values: Float64Array }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array };

/** One IFD with the values of every tag that the reader knows. */
export type Directory = {
  readonly offset: number;
  readonly fields: ReadonlyMap<number, FieldValue>;
  readonly problems: readonly string[];
};

/** TIFF 6.0 §2 and BigTIFF: bytes of one value by field type. */
const TYPE_BYTES: Readonly<Record<number, number>> = {
  1: 1, // BYTE
  2: 1, // ASCII
  3: 2, // SHORT
  4: 4, // LONG
  5: 8, // RATIONAL
  6: 1, // SBYTE
  7: 1, // UNDEFINED
  8: 2, // SSHORT
  9: 4, // SLONG
  10: 8, // SRATIONAL
  11: 4, // FLOAT
  12: 8, // DOUBLE
  13: 4, // IFD
  16: 8, // LONG8
  17: 8, // SLONG8
  18: 8, // IFD8
};
/** Real files have some dozens of entries; the classic format allows 65,535. */
const MAX_BIG_ENTRIES = 65_535;

/** Read one directory's entries. Costs no request where the bytes are there already. */
export async function readListing(reader: BlockReader, header: TiffHeader, offset: number): Promise<DirectoryListing> {
  const { littleEndian, big } = header;
  const countBytes = big ? 8 : 2;
  const entryBytes = big ? 20 : 12;
  const head = dataView(await reader.bytes({ offset, length: countBytes }, 'image file directory'));
  const count = big ? Number(head.getBigUint64(0, littleEndian)) : head.getUint16(0, littleEndian);
  if (count === 0 || count > MAX_BIG_ENTRIES) {
    const what = `image file directory with ${count} entries`;
    throw new CubeError({ kind: 'invalid-data', url: reader.url, what, offset });
  }
  const start = offset + countBytes;
  const bytes = dataView(await reader.bytes({ offset: start, length: count * entryBytes }, 'directory entries'));
  const entries = new Map<number, DirectoryEntry>();
  const problems: string[] = [];
  for (let i = 0; i < count; i++) {
    const entry = parseEntry(bytes, i * entryBytes, header, start);
    if (!isKnownTag(entry.tag)) continue;
    if (entries.has(entry.tag)) problems.push(`${tagName(entry.tag)} occurs twice; the first is used`);
    else entries.set(entry.tag, entry);
  }
  return { offset, next: await readNext(reader, header, start + count * entryBytes), entries, problems };
}

/** Read the values of a listing. A damaged structural tag throws `invalid-data`, another becomes a problem. */
export async function readDirectory(
  reader: BlockReader,
  header: TiffHeader,
  listing: DirectoryListing,
): Promise<Directory> {
  const problems = [...listing.problems];
  const sound: { entry: DirectoryEntry; extent: Extent }[] = [];
  for (const entry of listing.entries.values()) {
    if (entry.values !== null && reader.contains(entry.values)) sound.push({ entry, extent: entry.values });
    else {
      const what = `${tagName(entry.tag)}: ${entry.count} values of type ${entry.type} do not fit in the file`;
      if (isStructuralTag(entry.tag)) {
        throw new CubeError({ kind: 'invalid-data', url: reader.url, what, offset: listing.offset });
      }
      problems.push(what);
    }
  }
  await reader.prefetch(
    sound.map(({ extent }) => extent),
    'tag values',
  );
  const fields = new Map<number, FieldValue>();
  for (const { entry, extent } of sound) {
    fields.set(entry.tag, decodeField(await reader.bytes(extent, tagName(entry.tag)), entry.type, header.littleEndian));
  }
  return { offset: listing.offset, fields, problems };
}

/** All values of a numeric tag, or null where the tag is absent or not numeric. */
export function numbersOf(directory: Directory, tag: number): Float64Array | null {
  const field = directory.fields.get(tag);
  if (field?.kind === 'numbers') return field.values;
  return field?.kind === 'bytes' ? Float64Array.from(field.bytes) : null;
}

/** The first value of a numeric tag, or `fallback`. */
export function numberOf(directory: Directory, tag: number, fallback: number): number {
  return numbersOf(directory, tag)?.[0] ?? fallback;
}

/** The text of an ASCII tag up to its first NUL, or null. */
export function textOf(directory: Directory, tag: number): string | null {
  const field = directory.fields.get(tag);
  if (field?.kind === 'text') return field.text.replace(/\0[^]*$/, '');
  return field?.kind === 'bytes' ? decodeText(field.bytes).replace(/\0[^]*$/, '') : null;
}

/** The raw bytes of a BYTE or UNDEFINED tag, or null. */
export function bytesOf(directory: Directory, tag: number): Uint8Array | null {
  const field = directory.fields.get(tag);
  return field?.kind === 'bytes' ? field.bytes : null;
}

async function readNext(reader: BlockReader, header: TiffHeader, offset: number): Promise<number> {
  const extent = { offset, length: header.big ? 8 : 4 };
  // A directory at the very end of a file that was cut there still describes its image.
  if (!reader.contains(extent)) return 0;
  const view = dataView(await reader.bytes(extent, 'next directory offset'));
  return header.big ? Number(view.getBigUint64(0, header.littleEndian)) : view.getUint32(0, header.littleEndian);
}

function parseEntry(view: DataView, at: number, { littleEndian, big }: TiffHeader, start: number): DirectoryEntry {
  const tag = view.getUint16(at, littleEndian);
  const type = view.getUint16(at + 2, littleEndian);
  const count = big ? Number(view.getBigUint64(at + 4, littleEndian)) : view.getUint32(at + 4, littleEndian);
  const size = TYPE_BYTES[type];
  if (size === undefined || count === 0) return { tag, type, count, values: null };
  const length = count * size;
  const field = at + (big ? 12 : 8);
  if (length <= (big ? 8 : 4)) return { tag, type, count, values: { offset: start + field, length } };
  const offset = big ? Number(view.getBigUint64(field, littleEndian)) : view.getUint32(field, littleEndian);
  return { tag, type, count, values: { offset, length } };
}

function decodeField(bytes: Uint8Array, type: number, littleEndian: boolean): FieldValue {
  if (type === 2) return { kind: 'text', text: decodeText(bytes) };
  if (type === 1 || type === 7) return { kind: 'bytes', bytes: bytes.slice() };
  const size = TYPE_BYTES[type]!;
  const view = dataView(bytes);
  const values = new Float64Array(bytes.length / size);
  for (let i = 0; i < values.length; i++) values[i] = readNumber(view, i * size, type, littleEndian);
  return { kind: 'numbers', values };
}

function readNumber(view: DataView, at: number, type: number, littleEndian: boolean): number {
  switch (type) {
    case 3:
      return view.getUint16(at, littleEndian);
    case 5:
      return view.getUint32(at, littleEndian) / view.getUint32(at + 4, littleEndian);
    case 6:
      return view.getInt8(at);
    case 8:
      return view.getInt16(at, littleEndian);
    case 9:
      return view.getInt32(at, littleEndian);
    case 10:
      return view.getInt32(at, littleEndian) / view.getInt32(at + 4, littleEndian);
    case 11:
      return view.getFloat32(at, littleEndian);
    case 12:
      return view.getFloat64(at, littleEndian);
    case 16:
    case 18:
      return Number(view.getBigUint64(at, littleEndian));
    case 17:
      return Number(view.getBigInt64(at, littleEndian));
    default:
      return view.getUint32(at, littleEndian); // LONG and IFD
  }
}

/** TIFF says ASCII; writers put UTF-8, or Latin-1 where that fails. */
function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  }
}

function dataView(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
