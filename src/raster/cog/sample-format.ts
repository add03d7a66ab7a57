import { CubeError } from '../../errors.js';
import type { DataType } from '../../grid/dtype.js';
import { numberOf, numbersOf, type Directory } from './directory.js';
import { Tag } from './tags.js';

/** How the samples of one image are stored; the same for all bands. */
export type SampleFormat = {
  /** What they are once decoded: packed samples are widened to the next integer type. */
  readonly dtype: DataType;
  /** Bits of one stored sample. */
  readonly bits: number;
  /** True where samples do not fill whole bytes of their type and have to be unpacked. */
  readonly packed: boolean;
  readonly signed: boolean;
};

const UNSIGNED: Readonly<Record<number, DataType>> = { 8: 'uint8', 16: 'uint16', 32: 'uint32', 64: 'uint64' };
const SIGNED: Readonly<Record<number, DataType>> = { 8: 'int8', 16: 'int16', 32: 'int32', 64: 'int64' };
const FLOAT: Readonly<Record<number, DataType>> = { 16: 'float16', 32: 'float32', 64: 'float64' };

/** Sample type by BitsPerSample and SampleFormat (TIFF 6.0 §8 and §19). Errors: `unsupported`, `invalid-data`. */
export function parseSampleFormat(directory: Directory, samplesPerPixel: number, url: string): SampleFormat {
  const unsupported = (feature: string) => new CubeError({ kind: 'unsupported', url, feature });
  const bits = uniform(numbersOf(directory, Tag.BitsPerSample), samplesPerPixel, 1);
  const format = uniform(numbersOf(directory, Tag.SampleFormat), samplesPerPixel, 1);
  if (bits === null || format === null) throw unsupported('bands of different sample types in one image');
  if (!Number.isInteger(bits) || bits < 1) {
    const what = `${bits} bits a sample`;
    throw new CubeError({ kind: 'invalid-data', url, what, offset: directory.offset });
  }
  switch (format) {
    case 1: // unsigned integers
    case 4: // undefined: libtiff's readers take them as unsigned
      return integerFormat(bits, false, unsupported);
    case 2:
      return integerFormat(bits, true, unsupported);
    case 3: {
      const dtype = FLOAT[bits];
      if (dtype === undefined) throw unsupported(`${bits}-bit floating point samples`);
      return { dtype, bits, packed: false, signed: true };
    }
    case 5:
    case 6:
      throw unsupported('complex samples');
    default:
      throw unsupported(`sample format ${format}`);
  }
}

/** SamplesPerPixel, checked. */
export function samplesPerPixel(directory: Directory, url: string): number {
  const count = numberOf(directory, Tag.SamplesPerPixel, 1);
  if (Number.isInteger(count) && count >= 1 && count <= 65_535) return count;
  throw new CubeError({ kind: 'invalid-data', url, what: `${count} samples per pixel`, offset: directory.offset });
}

function integerFormat(bits: number, signed: boolean, unsupported: (feature: string) => CubeError): SampleFormat {
  const whole = (signed ? SIGNED : UNSIGNED)[bits];
  if (whole !== undefined) return { dtype: whole, bits, packed: false, signed };
  // 24-bit samples follow the file's byte order and are no bit stream, so the packed reader stops at 16.
  if (bits > 16) throw unsupported(`${bits}-bit integer samples`);
  const dtype = (signed ? SIGNED : UNSIGNED)[bits < 8 ? 8 : 16]!;
  return { dtype, bits, packed: true, signed };
}

/** The one value that all samples share, or null. A list shorter than the bands counts for all of them. */
function uniform(values: Float64Array | null, count: number, fallback: number): number | null {
  if (values === null || values.length === 0) return fallback;
  const first = values[0]!;
  return values.subarray(0, count).every((value) => value === first) ? first : null;
}
