import { isFloatType, valueRange, type DataType } from '../../grid/dtype.js';
import { halfToNumber, numberToHalf } from '../zarr/half.js';

/** What GDAL_NODATA says. `values` can occur in the data; `fill` is what a sparse tile holds. */
export type Nodata = {
  readonly values: readonly number[];
  readonly fill: number | bigint;
  readonly problem: string | null;
};

/** Parse GDAL_NODATA ("0", "nan", "-3.4e+38", "-1.#IND"); a value that the type cannot hold is a problem and means nothing. */
export function parseNodata(text: string | null, dtype: DataType): Nodata {
  const zero = dtype === 'int64' || dtype === 'uint64' ? 0n : 0;
  if (text === null || text.trim() === '') return { values: [], fill: zero, problem: null };
  const none = (why: string): Nodata => ({
    values: [],
    fill: zero,
    problem: `nodata "${text.trim().slice(0, 40)}" ${why}`,
  });
  const value = parseNumber(text.trim());
  if (value === null) return none('is not a number');
  if (isFloatType(dtype)) {
    const rounded = roundTo(value, dtype);
    if (Number.isFinite(value) && !Number.isFinite(rounded)) return none(`cannot occur in ${dtype}`);
    return { values: [rounded], fill: rounded, problem: null };
  }
  const { min, max } = valueRange(dtype);
  if (!Number.isInteger(value) || value < min || value > max) return none(`cannot occur in ${dtype}`);
  if (typeof zero === 'number') return { values: [value], fill: value, problem: null };
  return longNodata(text.trim(), value, dtype);
}

/** 64-bit integers: the fill is exact, the number that we compare with may not be. */
function longNodata(text: string, value: number, dtype: DataType): Nodata {
  const exact = /^[+-]?\d+$/.test(text) ? BigInt(text) : BigInt(value);
  const fits = dtype === 'int64' ? BigInt.asIntN(64, exact) === exact : BigInt.asUintN(64, exact) === exact;
  if (!fits) return { values: [], fill: 0n, problem: `nodata "${text.slice(0, 40)}" cannot occur in ${dtype}` };
  const problem = BigInt(value) === exact ? null : `nodata ${exact} is not exact as a number`;
  return { values: [value], fill: exact, problem };
}

/** C's strtod and the spellings of old Windows runtimes. */
function parseNumber(text: string): number | null {
  if (/^[+-]?nan/i.test(text) || /^[+-]?1\.#(QNAN|SNAN|IND)/i.test(text)) return NaN;
  const infinity = /^([+-]?)(inf|1\.#inf)/i.exec(text);
  if (infinity !== null) return infinity[1] === '-' ? -Infinity : Infinity;
  const value = Number.parseFloat(text);
  return Number.isNaN(value) ? null : value;
}

/** The file's samples are compared with the value as their type holds it. */
function roundTo(value: number, dtype: DataType): number {
  if (dtype === 'float32') return Math.fround(value);
  return dtype === 'float16' ? halfToNumber(numberToHalf(value)) : value;
}
