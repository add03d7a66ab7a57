import type { CodecKernels } from '../codec-types.js';
import { FAILURE } from '../codec-types.js';
import { unpackBits } from './codec-bits.js';
import { encodeBlosc } from './codec-blosc-encode.js';
import { crc32c } from './codec-crc32c.js';
import { encodeGzip } from './codec-inflate.js';
import { decodeJpeg } from './codec-jpeg.js';
import { decodeLerc } from './codec-lerc.js';
import { shuffle, unshuffle } from './codec-shuffle.js';
import { decodeTile } from './codec-tile.js';
import { encodeZstd } from './codec-zstd-encode.js';

/** The codec kernels in TypeScript: what they do in plain words, the oracle of the tests, and what runs without the addon. */
export const codecTwin: CodecKernels = {
  decodeTile,
  decodeJpeg,
  // No synchronous WebP decoder for Node is worth its size.
  decodeWebp: () => FAILURE.addonOnly,
  decodeLerc,
  unpackBits,
  shuffleBytes: (input, output, elementSize, inverse) => {
    if (input.length !== output.length || elementSize < 1) return FAILURE.badArgument;
    if (inverse) unshuffle(input, output, elementSize);
    else shuffle(input, output, elementSize);
    return output.length;
  },
  encodeBlosc,
  encodeZstd,
  encodeGzip,
  crc32c,
};
