import { CubeError } from '../errors.js';
import type { Json } from '../stac/item.js';
import { toJson } from './sql-json.js';

/** One column of a FlatGeobuf header; `type` is its number there. */
export type FlatColumn = { readonly name: string; readonly type: number };

/** Bytes of the fixed column types, by their number: Byte, UByte, Bool, Short, UShort, Int, UInt, Long, ULong, Float, Double. */
const FIXED_BYTES = [1, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8] as const;
/** String, Json, DateTime and Binary have their length before them. */
const STRING = 11;
const JSON_TEXT = 12;
const DATE_TIME = 13;
const BINARY = 14;

/** The properties of a FlatGeobuf feature: pairs of column number (two bytes) and value. Columns left out are null. */
export function flatProperties(
  bytes: Uint8Array,
  columns: readonly FlatColumn[],
  url: string,
): { readonly [key: string]: Json } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Map<string, Json>(columns.map(({ name }) => [name, null]));
  const need = (at: number, length: number) => {
    if (at + length > bytes.length)
      throw new CubeError({ kind: 'invalid-data', url, what: 'the properties of a feature are cut short' });
  };
  for (let at = 0; at < bytes.length;) {
    need(at, 2);
    const column = columns[view.getUint16(at, true)];
    if (column === undefined)
      throw new CubeError({ kind: 'invalid-data', url, what: 'a property of a column that does not exist' });
    at += 2;
    const fixed = FIXED_BYTES[column.type];
    if (fixed === undefined) need(at, 4);
    const length = fixed ?? view.getUint32(at, true);
    if (fixed === undefined) at += 4;
    need(at, length);
    values.set(
      column.name,
      fixed === undefined
        ? parseVariable(bytes.subarray(at, at + length), column.type, url)
        : parseFixed(view, at, column.type),
    );
    at += length;
  }
  return Object.fromEntries(values);
}

function parseFixed(view: DataView, at: number, type: number): Json {
  switch (type) {
    case 0:
      return view.getInt8(at);
    case 1:
      return view.getUint8(at);
    case 2:
      return view.getUint8(at) !== 0;
    case 3:
      return view.getInt16(at, true);
    case 4:
      return view.getUint16(at, true);
    case 5:
      return view.getInt32(at, true);
    case 6:
      return view.getUint32(at, true);
    case 7:
      return toJson(view.getBigInt64(at, true));
    case 8:
      return toJson(view.getBigUint64(at, true));
    case 9:
      return toJson(view.getFloat32(at, true));
    default:
      return toJson(view.getFloat64(at, true));
  }
}

function parseVariable(bytes: Uint8Array, type: number, url: string): Json {
  if (type === BINARY) return toJson(bytes);
  const text = new TextDecoder().decode(bytes);
  if (type === STRING || type === DATE_TIME) return text;
  if (type !== JSON_TEXT) throw new CubeError({ kind: 'invalid-data', url, what: `a column of unknown type ${type}` });
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
