import { CubeError } from '../../errors.js';
import { isDataType, storedBytes, type DataType } from '../../grid/dtype.js';
import { isObject, member } from './json.js';

/** The unit of a numpy datetime64, in nanoseconds. */
export type DatetimeUnit = { readonly nanoseconds: bigint };

/** How one sample is stored. `datetime` is set for numpy datetime64, whose samples are int64 counts since 1970. */
export type ArrayType = {
  readonly dtype: DataType;
  /** Null where a sample is one byte, and in Zarr v3, where a codec says it. */
  readonly endian: 'little' | 'big' | null;
  readonly datetime: DatetimeUnit | null;
};

const NUMPY_KINDS: Readonly<Record<string, DataType>> = {
  b1: 'bool',
  i1: 'int8',
  u1: 'uint8',
  i2: 'int16',
  u2: 'uint16',
  i4: 'int32',
  u4: 'uint32',
  i8: 'int64',
  u8: 'uint64',
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
};

const UNIT_NANOSECONDS: Readonly<Record<string, bigint>> = {
  W: 604_800_000_000_000n,
  D: 86_400_000_000_000n,
  h: 3_600_000_000_000n,
  m: 60_000_000_000n,
  s: 1_000_000_000n,
  ms: 1_000_000n,
  us: 1_000n,
  ns: 1n,
};

/** Zarr v2: a numpy type string such as "<i2". Others, structured ones too, are `unsupported` by name. */
export function parseTypeV2(value: unknown, url: string): ArrayType {
  if (typeof value !== 'string') throw unsupported(`data type ${JSON.stringify(value)}`, url);
  const plain = numpyType(value);
  if (plain !== null) return { ...plain, datetime: null };
  const datetime = /^([<>])M8\[(\d*)(\w+)\]$/.exec(value);
  const unit = datetime === null ? undefined : datetimeUnit(datetime[3]!, Number(datetime[2] || '1'));
  if (datetime === null || unit === undefined) throw unsupported(`data type ${value}`, url);
  return { dtype: 'int64', endian: datetime[1] === '<' ? 'little' : 'big', datetime: unit };
}

/** Zarr v3: a name, or `{ name, configuration }` for extensions. Others are `unsupported` by name. */
export function parseTypeV3(value: unknown, url: string): ArrayType {
  const name = isObject(value) ? member(value, 'name') : value;
  const configuration = isObject(value) ? member(value, 'configuration') : undefined;
  if (isDataType(name)) return { dtype: name, endian: null, datetime: null };
  if (name === 'numpy.datetime64' && isObject(configuration)) {
    const factor = member(configuration, 'scale_factor') ?? 1;
    const unit = datetimeUnit(String(member(configuration, 'unit')), Number(factor));
    if (unit !== undefined) return { dtype: 'int64', endian: null, datetime: unit };
  }
  throw unsupported(`data type ${typeof name === 'string' ? name : JSON.stringify(value)}`, url);
}

/** The sample type and byte order of a numpy type string, or null where it is none of ours. */
export function numpyType(
  value: string,
): { readonly dtype: DataType; readonly endian: 'little' | 'big' | null } | null {
  const order = value[0];
  const kind = value.slice(1);
  if (order === undefined || !'<>|='.includes(order) || !Object.hasOwn(NUMPY_KINDS, kind)) return null;
  const dtype = NUMPY_KINDS[kind]!;
  if (storedBytes(dtype) === 1) return { dtype, endian: null };
  if (order === '|') return null;
  return { dtype, endian: order === '>' ? 'big' : 'little' };
}

/** The little-endian numpy type string of a sample type, such as "<i2" or "|u1". */
export function numpyName(dtype: DataType): string {
  const kind = Object.keys(NUMPY_KINDS).find((key) => NUMPY_KINDS[key] === dtype)!;
  return (storedBytes(dtype) === 1 ? '|' : '<') + kind;
}

function datetimeUnit(name: string, factor: number): DatetimeUnit | undefined {
  if (!Object.hasOwn(UNIT_NANOSECONDS, name) || !Number.isSafeInteger(factor) || factor < 1) return undefined;
  return { nanoseconds: UNIT_NANOSECONDS[name]! * BigInt(factor) };
}

function unsupported(feature: string, url: string): CubeError {
  return new CubeError({ kind: 'unsupported', feature: `Zarr ${feature}`, url });
}
