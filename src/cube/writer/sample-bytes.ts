import { endianness } from 'node:os';
import { storedBytes, type DataType, type Samples } from '../../grid/dtype.js';
import { numberToHalf } from '../../raster/zarr/half.js';

/** Samples as they are stored, little-endian. A view of the samples' memory where they are stored as they lie. */
export function sampleBytes(samples: Samples, dtype: DataType): Uint8Array {
  if (dtype === 'float16') return halves(samples);
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  return endianness() === 'LE' ? bytes : swapped(bytes, storedBytes(dtype));
}

/** True where every sample has the bits of `fill`; a NaN with another payload or a negative zero counts as different. */
export function isAllFill(bytes: Uint8Array, fill: Uint8Array): boolean {
  const size = fill.length;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < size || !buffer.subarray(0, size).equals(fill)) return bytes.length === 0;
  return buffer.subarray(size).equals(buffer.subarray(0, bytes.length - size));
}

/** Halves are held as float32 in memory. */
function halves(samples: Samples): Uint8Array {
  const bytes = new Uint8Array(samples.length * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < samples.length; i++) view.setUint16(i * 2, numberToHalf(Number(samples[i])), true);
  return bytes;
}

function swapped(bytes: Uint8Array, size: number): Uint8Array {
  const buffer = Buffer.from(bytes);
  if (size === 2) return buffer.swap16();
  if (size === 4) return buffer.swap32();
  return size === 8 ? buffer.swap64() : buffer;
}
