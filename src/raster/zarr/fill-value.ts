import { isFloatType, storedBytes, valueRange, type DataType } from '../../grid/dtype.js';
import { halfToNumber, numberToHalf } from './half.js';

/**
 * The value of `fill_value`: what a missing chunk holds. A bigint for 64-bit integers. Null counts as 0 (v2 leaves it
 * undefined). Floats may be a number, "NaN", "Infinity", "-Infinity", the hexadecimal bits (v3) or base64 of the
 * little-endian bytes; bool may be a number. Returns undefined where the value does not fit the type.
 */
export function parseFillValue(value: unknown, dtype: DataType): number | bigint | undefined {
  if (value === null || value === undefined) return isWide(dtype) ? 0n : 0;
  if (dtype === 'bool') {
    if (value === 0 || value === false) return 0;
    return value === 1 || value === true ? 1 : undefined;
  }
  return isFloatType(dtype) ? parseFloatValue(value, dtype) : parseInteger(value, dtype);
}

function parseInteger(value: unknown, dtype: DataType): number | bigint | undefined {
  if (isWide(dtype)) {
    const wide = toBigInt(value);
    if (wide === undefined) return undefined;
    const clipped = dtype === 'int64' ? BigInt.asIntN(64, wide) : BigInt.asUintN(64, wide);
    return clipped === wide ? wide : undefined;
  }
  const { min, max } = valueRange(dtype);
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max ? value : undefined;
}

function toBigInt(value: unknown): bigint | undefined {
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? BigInt(value) : undefined;
}

function parseFloatValue(value: unknown, dtype: DataType): number | undefined {
  if (typeof value === 'number') return roundTo(value, dtype);
  if (typeof value !== 'string') return undefined;
  if (value === 'NaN') return NaN;
  if (value === 'Infinity' || value === '-Infinity') return value === 'Infinity' ? Infinity : -Infinity;
  if (/^-?\d{16,}$/.test(value)) return roundTo(Number(value), dtype); // quoted by parseMetadataJson
  const size = storedBytes(dtype);
  if (/^0x[0-9a-f]+$/i.test(value) && value.length === 2 + 2 * size)
    return bitsToFloat(Buffer.from(value.slice(2), 'hex'));
  const bytes = Buffer.from(value, 'base64');
  return bytes.length === size && bytes.toString('base64') === value
    ? bitsToFloat(Buffer.from(bytes.toReversed()))
    : undefined;
}

/** Big-endian bits of a float of 2, 4 or 8 bytes. */
function bitsToFloat(bytes: Buffer): number {
  if (bytes.length === 2) return halfToNumber(bytes.readUInt16BE(0));
  return bytes.length === 4 ? bytes.readFloatBE(0) : bytes.readDoubleBE(0);
}

function roundTo(value: number, dtype: DataType): number {
  if (dtype === 'float64') return value;
  return dtype === 'float32' ? Math.fround(value) : halfToNumber(numberToHalf(value));
}

function isWide(dtype: DataType): boolean {
  return dtype === 'int64' || dtype === 'uint64';
}
