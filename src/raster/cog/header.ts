import { CubeError } from '../../errors.js';

/** What the first bytes of a TIFF say. */
export type TiffHeader = {
  readonly littleEndian: boolean;
  /** BigTIFF: 8-byte offsets and counts. */
  readonly big: boolean;
  /** Byte offset of the first image file directory (IFD). */
  readonly firstDirectory: number;
};

/** Whether the bytes begin a classic TIFF or BigTIFF in either byte order. */
export function isTiff(bytes: Uint8Array): boolean {
  if (bytes.length < 4) return false;
  const order = String.fromCharCode(bytes[0]!, bytes[1]!);
  if (order !== 'II' && order !== 'MM') return false;
  const version = order === 'II' ? bytes[2]! | (bytes[3]! << 8) : (bytes[2]! << 8) | bytes[3]!;
  return version === 42 || version === 43;
}

/** Parse a TIFF 6.0 §2 or BigTIFF header. Whatever follows it (such as GDAL's structural metadata) is not needed to read pixels. */
export function parseHeader(bytes: Uint8Array, url: string): TiffHeader {
  const fail = (what: string) => new CubeError({ kind: 'invalid-data', url, what, offset: 0 });
  if (!isTiff(bytes)) throw fail('not a TIFF: expected "II" or "MM" and version 42 or 43');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const littleEndian = bytes[0] === 0x49;
  const big = view.getUint16(2, littleEndian) === 43;
  if (bytes.length < (big ? 16 : 8)) throw fail(`TIFF header cut off after ${bytes.length} bytes`);
  if (!big) return { littleEndian, big, firstDirectory: view.getUint32(4, littleEndian) };
  if (view.getUint16(4, littleEndian) !== 8) throw fail('BigTIFF whose offsets are not 8 bytes');
  return { littleEndian, big, firstDirectory: Number(view.getBigUint64(8, littleEndian)) };
}
