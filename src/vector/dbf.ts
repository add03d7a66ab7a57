import { CubeError } from '../errors.js';
import type { Json } from '../stac/item.js';
import type { TextCoding } from './text-coding.js';

/** The attributes of a shapefile. */
export type DbfTable = {
  readonly columns: readonly DbfColumn[];
  readonly rows: readonly DbfRow[];
};
/** One column of a dBASE table. */
export type DbfColumn = {
  readonly name: string;
  readonly type: string;
  readonly offset: number;
  readonly length: number;
  readonly decimals: number;
};
/** One record of a dBASE table. */
export type DbfRow = { readonly deleted: boolean; readonly values: { readonly [key: string]: Json } };

// dBase III and its FoxPro and dBase 7 types, as GDAL and ArcGIS write them.
const HEADER_BYTES = 32;
const FIELD_BYTES = 32;
const FIELDS_END = 0x0d;
const DELETED = 0x2a;

/** Names of the columns, as bytes: the text coding is chosen from them and the values together. */
export function dbfTextBytes(bytes: Uint8Array, url: string): Uint8Array {
  const { headerLength } = parseHeader(bytes, url);
  return bytes.subarray(headerLength);
}

/** Byte 29, the language driver of the table; 0 where it says nothing. */
export function dbfLanguageDriver(bytes: Uint8Array): number {
  return bytes[29] ?? 0;
}

/**
 * Read a .dbf: character, numeric, float, date, logical and integer columns; blank is null. Memo columns hold a
 * reference into another file and read as null. A header that contradicts the file is `invalid-data`.
 */
export function parseDbf(bytes: Uint8Array, coding: TextCoding, url: string): DbfTable {
  const { count, headerLength, recordLength } = parseHeader(bytes, url);
  const columns = parseColumns(bytes, headerLength, recordLength, coding, url);
  const rows: DbfRow[] = [];
  for (let i = 0; i < count; i++) {
    const at = headerLength + i * recordLength;
    const values: [string, Json][] = columns.map((column) => {
      const start = at + column.offset;
      return [column.name, parseValue(bytes.subarray(start, start + column.length), column, coding)];
    });
    rows.push({ deleted: bytes[at] === DELETED, values: Object.fromEntries(values) });
  }
  return { columns, rows };
}

function parseHeader(bytes: Uint8Array, url: string): { count: number; headerLength: number; recordLength: number } {
  if (bytes.length < HEADER_BYTES + 1) fail(url, 'the .dbf is cut short');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const claimed = view.getUint32(4, true);
  const headerLength = view.getUint16(8, true);
  const recordLength = view.getUint16(10, true);
  if (headerLength < HEADER_BYTES + 1 || headerLength > bytes.length)
    fail(url, `the .dbf claims a header of ${headerLength} bytes`);
  if (recordLength < 1) fail(url, 'the .dbf claims records without bytes');
  const held = Math.floor((bytes.length - headerLength) / recordLength);
  if (claimed > held) fail(url, `the .dbf claims ${claimed} records and holds ${held}`);
  return { count: claimed, headerLength, recordLength };
}

function parseColumns(
  bytes: Uint8Array,
  headerLength: number,
  recordLength: number,
  coding: TextCoding,
  url: string,
): DbfColumn[] {
  const columns: DbfColumn[] = [];
  const taken = new Set<string>();
  let offset = 1; // the deletion flag
  for (let at = HEADER_BYTES; at + FIELD_BYTES <= headerLength && bytes[at] !== FIELDS_END; at += FIELD_BYTES) {
    const nameBytes = bytes.subarray(at, at + 11);
    const end = nameBytes.indexOf(0);
    const name = uniqueName(coding.decode(end < 0 ? nameBytes : nameBytes.subarray(0, end)).trim(), taken);
    const type = String.fromCharCode(bytes[at + 11]!);
    // A character column longer than 255 keeps the upper byte of its length where others keep the decimals.
    const decimals = bytes[at + 17]!;
    const length = type === 'C' ? bytes[at + 16]! + 256 * decimals : bytes[at + 16]!;
    if (offset + length > recordLength) fail(url, `column "${name}" of the .dbf reaches past its record`);
    columns.push({ name, type, offset, length, decimals });
    offset += length;
  }
  return columns;
}

function uniqueName(name: string, taken: Set<string>): string {
  let unique = name;
  for (let i = 2; taken.has(unique); i++) unique = `${name}_${i}`;
  taken.add(unique);
  return unique;
}

function parseValue(bytes: Uint8Array, { type }: DbfColumn, coding: TextCoding): Json {
  switch (type) {
    case 'C':
      return emptyToNull(trimEnd(coding.decode(bytes)));
    case 'N':
    case 'F':
      return parseNumber(ascii(bytes));
    case 'D':
      return parseDate(ascii(bytes));
    case 'L':
      return parseLogical(ascii(bytes));
    case 'I':
    case '+':
      return bytes.length === 4 ? new DataView(bytes.buffer, bytes.byteOffset, 4).getInt32(0, true) : null;
    default:
      return null;
  }
}

/** Digits that a double cannot hold stay text. */
function parseNumber(text: string): Json {
  if (text === '' || text.startsWith('*')) return null;
  const value = Number(text);
  if (!Number.isFinite(value)) return null;
  return /^[+-]?\d+$/.test(text) && !Number.isSafeInteger(value) ? text : value;
}

function parseDate(text: string): Json {
  const parts = /^(\d{4})(\d{2})(\d{2})$/.exec(text);
  if (parts === null || text === '00000000') return null;
  return `${parts[1]}-${parts[2]}-${parts[3]}`;
}

function parseLogical(text: string): Json {
  if (/^[TtYy1]$/.test(text)) return true;
  return /^[FfNn0]$/.test(text) ? false : null;
}

function ascii(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
    .replaceAll('\0', ' ')
    .trim();
}

/** Values are padded with blanks, or with zeros by some writers. */
function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === ' ' || text[end - 1] === '\0')) end--;
  return text.slice(0, end);
}

function emptyToNull(text: string): Json {
  return text === '' ? null : text;
}

function fail(url: string, what: string): never {
  throw new CubeError({ kind: 'invalid-data', url, what });
}
