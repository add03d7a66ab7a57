import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { encodeBytes } from '../../src/codec/encode-chunk.js';
import { encodeLzw } from './encode-lzw.js';

/** How tiles are stored. */
export type Compression = 'deflate' | 'zstd' | 'lzw' | 'none';

/** What GDAL's drivers use by default. */
const LEVELS = { deflate: 6, zstd: 9 } as const;

const deflateAsync = promisify(deflate);

/** Compress the samples of one tile; they are differenced in place first (predictor 2, or 3 for floats) unless stored raw. */
export async function encodeTile(
  tile: Uint16Array<ArrayBuffer> | Float32Array<ArrayBuffer>,
  side: number,
  compression: Compression,
): Promise<Uint8Array> {
  if (compression === 'none') return bytesOf(tile);
  const bytes = tile instanceof Float32Array ? splitFloats(tile, side) : differenceRows(tile, side);
  switch (compression) {
    case 'deflate':
      return deflateAsync(bytes, { level: LEVELS.deflate });
    case 'zstd':
      return encodeBytes({ name: 'zstd', level: LEVELS.zstd }, bytes, 1);
    case 'lzw':
      return encodeLzw(bytes);
  }
}

/** TIFF 6.0 §14: each sample minus the one to its left. */
function differenceRows(tile: Uint16Array<ArrayBuffer>, side: number): Uint8Array {
  for (let row = 0; row < side; row++) {
    for (let i = (row + 1) * side - 1; i > row * side; i--) tile[i] = tile[i]! - tile[i - 1]!;
  }
  return bytesOf(tile);
}

/** TIFF Technical Note 3: bytes of a row by significance, the most significant first, then each minus the one before. */
function splitFloats(tile: Float32Array<ArrayBuffer>, side: number): Uint8Array {
  const from = bytesOf(tile);
  const to = new Uint8Array(from.length);
  const width = 4 * side;
  for (let start = 0; start < from.length; start += width) {
    for (let col = 0; col < side; col++) {
      for (let byte = 0; byte < 4; byte++) to[start + byte * side + col] = from[start + 4 * col + 3 - byte]!;
    }
    for (let i = start + width - 1; i > start; i--) to[i] = to[i]! - to[i - 1]!;
  }
  return to;
}

function bytesOf(tile: Uint16Array<ArrayBuffer> | Float32Array<ArrayBuffer>): Uint8Array {
  return new Uint8Array(tile.buffer, tile.byteOffset, tile.byteLength);
}
