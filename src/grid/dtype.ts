/** Sample types, by their Zarr v3 names. `bool` is one byte, 0 or 1. */
export type DataType =
  | 'bool'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float16'
  | 'float32'
  | 'float64';

/** Arrays that hold samples in memory. `float16` is held as Float32Array (each half is exact in it). */
export type Samples =
  | Int8Array<ArrayBufferLike>
  | Uint8Array<ArrayBufferLike>
  | Int16Array<ArrayBufferLike>
  | Uint16Array<ArrayBufferLike>
  | Int32Array<ArrayBufferLike>
  | Uint32Array<ArrayBufferLike>
  | BigInt64Array<ArrayBufferLike>
  | BigUint64Array<ArrayBufferLike>
  | Float32Array<ArrayBufferLike>
  | Float64Array<ArrayBufferLike>;

type SamplesClass = {
  new (length: number): Samples;
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): Samples;
  readonly BYTES_PER_ELEMENT: number;
};

const STORED_BYTES: Readonly<Record<DataType, number>> = {
  bool: 1,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  float16: 2,
  float32: 4,
  float64: 8,
};

const SAMPLES: Readonly<Record<DataType, SamplesClass>> = {
  bool: Uint8Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  float16: Float32Array,
  float32: Float32Array,
  float64: Float64Array,
};

/** Every sample type. */
export const DATA_TYPES = Object.keys(STORED_BYTES) as readonly DataType[];

/** Whether a value names a sample type. */
export function isDataType(value: unknown): value is DataType {
  return typeof value === 'string' && Object.hasOwn(STORED_BYTES, value);
}

/** Bytes of one sample in a file. */
export function storedBytes(dtype: DataType): number {
  return STORED_BYTES[dtype];
}

/** Bytes of one sample in memory; differs from `storedBytes` for float16 only. */
export function memoryBytes(dtype: DataType): number {
  return SAMPLES[dtype].BYTES_PER_ELEMENT;
}

/** A zeroed array of `length` samples. */
export function newSamples(dtype: DataType, length: number): Samples {
  return new SAMPLES[dtype](length);
}

/** Whether an array is one that holds samples of this type. */
export function holdsSamples(samples: Samples, dtype: DataType): boolean {
  return samples instanceof SAMPLES[dtype];
}

/** A number as an array of this type takes it: 64-bit integers are bigints, all others numbers. */
export function asSample(samples: Samples, value: number | bigint): number | bigint {
  return samples instanceof BigInt64Array || samples instanceof BigUint64Array ? BigInt(value) : Number(value);
}

/** Set every sample. */
export function fillSamples(samples: Samples, value: number | bigint): void {
  samples.fill(asSample(samples, value) as never);
}

/** View existing memory as samples; `byteOffset` must be aligned to the sample size. */
export function viewSamples(dtype: DataType, buffer: ArrayBufferLike, byteOffset: number, length: number): Samples {
  return new SAMPLES[dtype](buffer, byteOffset, length);
}

/** Whether samples of a type may be NaN or fractions. */
export function isFloatType(dtype: DataType): boolean {
  return dtype === 'float16' || dtype === 'float32' || dtype === 'float64';
}

/** Smallest and largest value of an integer type (exact up to 2^53), or ±Infinity for floats. */
export function valueRange(dtype: DataType): { readonly min: number; readonly max: number } {
  if (isFloatType(dtype)) return { min: -Infinity, max: Infinity };
  if (dtype === 'bool') return { min: 0, max: 1 };
  const bits = STORED_BYTES[dtype] * 8;
  return dtype.startsWith('u') ? { min: 0, max: 2 ** bits - 1 } : { min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 };
}
