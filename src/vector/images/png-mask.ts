import { crc32 } from 'node:zlib';
import { PNG } from 'pngjs';
import { CubeError } from '../../errors.js';
import { parseImageSize } from './image-size.js';
import { refuseMask, type MaskRows } from './mask-rows.js';

/** Largest PNG: its decoder holds all of it, five to nine bytes a pixel. */
const MAX_PIXELS = 2 ** 25;

const GREY = 0;
const INDEXED = 3;
const SIGNATURE_LENGTH = 8;

/**
 * The rows of a PNG: grey values as they are stored, of an indexed image the indexes; of a colour image the grey that all its colours are.
 * Where it is transparent it is 0. Problems: `invalid-data`; `unsupported` for colours, interlaced and very large images.
 */
export function pngMaskRows(bytes: Uint8Array, url: string): MaskRows {
  const size = parseImageSize(bytes);
  if (size === null || bytes.length < 33) throw invalid(url, 'no sound header');
  const { width, height } = size;
  if (width * height > MAX_PIXELS) {
    throw refuseMask(url, `of ${width} by ${height} pixels as PNG`, 'convert it to a GeoTIFF, which is read in strips');
  }
  const interlaced = bytes[28] !== 0; // PNG §11.2.2: the last byte of IHDR
  if (interlaced) throw refuseMask(url, 'that is an interlaced PNG', 'write it without interlacing');
  const indexed = bytes[25] === INDEXED;
  const data = decode(indexed ? asGrey(bytes, url) : bytes, url);
  if (data.length !== width * height * 4) throw invalid(url, 'pixels are missing');
  return { size, nodata: [], rows: rowsOf(data, width, url) };
}

function invalid(url: string, what: string, cause?: unknown): CubeError {
  return new CubeError({ kind: 'invalid-data', url, what: `not a PNG: ${what}` }, { cause });
}

/** Red, green, blue and alpha of every pixel, not scaled: samples of one bit are 0 and 1. */
function decode(bytes: Uint8Array, url: string): ArrayLike<number> {
  try {
    return PNG.sync.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), { skipRescale: true }).data;
  } catch (error) {
    throw invalid(url, error instanceof Error ? error.message : String(error), error);
  }
}

/** An indexed image as a grey one with the same samples (PNG §11.2.2): only so the decoder gives indexes and not colours. */
function asGrey(bytes: Uint8Array, url: string): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array[] = [bytes.subarray(0, SIGNATURE_LENGTH)];
  for (let at = SIGNATURE_LENGTH; at + 12 <= bytes.length;) {
    const end = at + 12 + view.getUint32(at);
    if (end > bytes.length) throw invalid(url, 'it was cut off');
    const type = Buffer.from(bytes.subarray(at + 4, at + 8)).toString('latin1');
    const chunk = bytes.subarray(at, end);
    if (type === 'IHDR') parts.push(greyHeader(chunk, url));
    else if (type === 'IDAT' || type === 'IEND') parts.push(chunk);
    at = end;
  }
  return Buffer.concat(parts);
}

function greyHeader(chunk: Uint8Array, url: string): Uint8Array {
  if (chunk.length !== 25) throw invalid(url, 'no sound header');
  const header = Buffer.from(chunk);
  header[17] = GREY;
  header.writeUInt32BE(crc32(header.subarray(4, 21)), 21);
  return header;
}

// Of an iterable of rows, as strips of larger images are.
// oxlint-disable-next-line require-await
async function* rowsOf(data: ArrayLike<number>, width: number, url: string): AsyncGenerator<ArrayLike<number>> {
  const row = new Uint16Array(width);
  for (let at = 0; at < data.length; at += width * 4) {
    for (let x = 0; x < width; x++) {
      const i = at + x * 4;
      const value = data[i]!;
      if (data[i + 3] === 0) row[x] = 0;
      else if (value === data[i + 1] && value === data[i + 2]) row[x] = value;
      else throw refuseMask(url, 'in colours', 'write the number of the class into each pixel');
    }
    yield row;
  }
}
