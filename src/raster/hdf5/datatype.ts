import { isDataType, type DataType } from '../../grid/dtype.js';
import type { Fields } from './fields.js';

/** How one element of a dataset or attribute is stored. `size` is in bytes. */
export type Datatype = { readonly size: number } & (
  | { readonly kind: 'number'; readonly dtype: DataType; readonly endian: 'little' | 'big' }
  /** Fixed length; `pad` is the byte that fills the rest. */
  | { readonly kind: 'text'; readonly pad: 'zero' | 'space' }
  | { readonly kind: 'variable-text' }
  /** Address of an object's header. */
  | { readonly kind: 'reference' }
  | { readonly kind: 'sequence'; readonly of: Datatype }
  /** Whatever else, by name. */
  | { readonly kind: 'other'; readonly name: string }
);

/** Types nest; those of NetCDF twice. */
const MAX_DEPTH = 8;
const CLASS_NAMES: Readonly<Record<number, string>> = {
  2: 'time',
  4: 'bit field',
  5: 'opaque',
  6: 'compound',
  10: 'array',
  11: 'complex',
};

/** Parse a datatype message (specification IV.A.2.d), versions 1 to 5. An enumeration is the integer below it. */
export function parseDatatype(fields: Fields, depth = 0): Datatype {
  if (depth > MAX_DEPTH) throw fields.fail(`types nest more than ${MAX_DEPTH} deep`);
  const classAndVersion = fields.u8();
  const version = classAndVersion >> 4;
  const kind = classAndVersion & 15;
  if (version < 1 || version > 5) throw fields.fail(`version ${version} of a datatype`);
  const bits = fields.uint(3);
  const size = fields.u32();
  if (size === 0) throw fields.fail('elements of 0 bytes');
  switch (kind) {
    case 0:
      return integer(fields, bits, size);
    case 1:
      return float(fields, bits, size);
    case 3:
      return { kind: 'text', size, pad: (bits & 15) === 2 ? 'space' : 'zero' };
    case 7:
      return (bits & 15) === 0 ? { kind: 'reference', size } : other(size, 'region or attribute reference');
    case 8:
      return enumeration(parseDatatype(fields, depth + 1), size);
    case 9:
      if ((bits & 15) === 1) return { kind: 'variable-text', size };
      return { kind: 'sequence', size, of: parseDatatype(fields, depth + 1) };
    default:
      return other(size, CLASS_NAMES[kind] ?? `class ${kind}`);
  }
}

/** Class 0. Bits 0 and 3 are byte order and sign; the value must fill its bytes. */
function integer(fields: Fields, bits: number, size: number): Datatype {
  const [shift, precision] = [fields.u16(), fields.u16()];
  const name = `${(bits & 8) === 0 ? 'u' : ''}int${8 * size}`;
  if (shift !== 0 || precision !== 8 * size) return other(size, `integer of ${precision} bits in ${size} bytes`);
  if (!isDataType(name)) return other(size, `integer of ${size} bytes`);
  return { kind: 'number', size, dtype: name, endian: (bits & 1) === 0 ? 'little' : 'big' };
}

/** Places of the exponent and the mantissa of IEEE 754 numbers by size: location and size of each, and the bias. */
const IEEE: Readonly<Record<number, string>> = {
  2: '10,5,0,10,15',
  4: '23,8,0,23,127',
  8: '52,11,0,52,1023',
};

/** Class 1. Bits 0 and 6 are the byte order (both: that of the VAX); only IEEE 754 is read. */
function float(fields: Fields, bits: number, size: number): Datatype {
  const [shift, precision] = [fields.u16(), fields.u16()];
  const parts = [fields.u8(), fields.u8(), fields.u8(), fields.u8(), fields.u32()].join();
  const sign = (bits >> 8) & 0xff;
  const implied = (bits >> 4) & 3;
  const ieee = shift === 0 && precision === 8 * size && parts === IEEE[size] && sign === 8 * size - 1 && implied === 2;
  const name = `float${8 * size}`;
  if (!ieee || (bits & 0x40) !== 0 || !isDataType(name))
    return other(size, `float of ${precision} bits that is not IEEE 754`);
  return { kind: 'number', size, dtype: name, endian: (bits & 1) === 0 ? 'little' : 'big' };
}

function enumeration(base: Datatype, size: number): Datatype {
  return base.kind === 'number' && base.size === size ? base : other(size, 'enumeration of other than integers');
}

function other(size: number, name: string): Datatype {
  return { kind: 'other', size, name };
}

/** The type in words, for messages. */
export function describeDatatype(type: Datatype): string {
  switch (type.kind) {
    case 'number':
      return type.dtype;
    case 'text':
      return `text of ${type.size} bytes`;
    case 'variable-text':
      return 'text of variable length';
    case 'sequence':
      return 'sequences of variable length';
    case 'reference':
      return 'object references';
    case 'other':
      return type.name;
  }
}
