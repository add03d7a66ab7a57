import type { DataType } from '../../grid/dtype.js';
import { member, type JsonObject } from '../zarr/json.js';

/** Attributes that hold values of the variable, in the type as it is stored. */
const VALUES = ['_FillValue', 'missing_value', 'valid_min', 'valid_max', 'valid_range'];

const UNSIGNED: Partial<Readonly<Record<DataType, DataType>>> = {
  int8: 'uint8',
  int16: 'uint16',
  int32: 'uint32',
  int64: 'uint64',
};

/** The type of the same bits without a sign; others stay. */
export function unsignedType(dtype: DataType): DataType {
  return UNSIGNED[dtype] ?? dtype;
}

/** Whether the variable says that its signed integers are to be taken as unsigned (NetCDF Users Guide, `_Unsigned`). */
export function isUnsigned(attributes: JsonObject): boolean {
  return String(member(attributes, '_Unsigned')).toLowerCase() === 'true';
}

/** The attributes of such a variable as an unsigned one has them: values below 0 are those of the same bits. */
export function unsignedAttributes(attributes: JsonObject, elementBytes: number): JsonObject {
  const unsigned = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(unsigned);
    const isInteger = typeof value === 'string' ? /^-?\d{1,20}$/.test(value) : Number.isInteger(value);
    if (!isInteger) return value;
    const wide = BigInt.asUintN(8 * elementBytes, BigInt(value as number | string));
    return Number.isSafeInteger(Number(wide)) ? Number(wide) : String(wide);
  };
  const entries = Object.entries(attributes).filter(([name]) => name !== '_Unsigned');
  return Object.fromEntries(entries.map(([name, value]) => [name, VALUES.includes(name) ? unsigned(value) : value]));
}
