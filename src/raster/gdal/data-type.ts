import { CubeError } from '../../errors.js';
import type { DataType } from '../../grid/dtype.js';

const TYPES: Readonly<Record<string, DataType>> = {
  Byte: 'uint8',
  Int8: 'int8',
  UInt16: 'uint16',
  Int16: 'int16',
  UInt32: 'uint32',
  Int32: 'int32',
  Float32: 'float32',
  Float64: 'float64',
};

/** The type of samples by GDAL's name. Problem: `unsupported` for complex numbers and 64-bit integers. */
export function dataTypeOf(url: string, name: string): DataType {
  const dtype = TYPES[name];
  if (dtype !== undefined) return dtype;
  throw new CubeError({ kind: 'unsupported', url, feature: `samples of type ${name} through GDAL` });
}
