import { COMPRESSION, FAILURE, type TileCoding } from '../codec-types.js';
import { decodeBlosc } from './codec-blosc.js';
import { inflate } from './codec-inflate.js';
import { decodeSizedLz4 } from './codec-lz4.js';
import { decodeLzw } from './codec-lzw.js';
import { decodePackBits } from './codec-packbits.js';
import { swapBytes, undoDifferences, undoFloat } from './codec-predictor.js';
import { unshuffle } from './codec-shuffle.js';
import { decodeZstd } from './codec-zstd.js';

/** Decompress, put in machine byte order, undo the predictor. The twin never stops early, but where only the head is needed the stream may end early. */
export function decodeTile(input: Uint8Array, output: Uint8Array, coding: TileCoding): number {
  const { needed, elementSize, predictor, rowSamples, samplesPerPixel } = coding;
  if (needed < 0 || needed > output.length || ![1, 2, 4, 8].includes(elementSize)) return FAILURE.badArgument;
  if (!predictorFits(coding)) return FAILURE.badArgument;
  const count = decompress(input, output, coding);
  if (count < needed) return count;
  const samples = output.subarray(0, needed);
  if (predictor === 4) undoPlanes(samples, elementSize, rowSamples);
  if (coding.swapBytes && predictor !== 3) swapBytes(samples, elementSize);
  if (predictor === 2) undoDifferences(samples, elementSize, rowSamples, samplesPerPixel);
  if (predictor === 3) undoFloat(samples, elementSize, rowSamples, samplesPerPixel);
  return count;
}

function predictorFits({ predictor, elementSize, rowSamples, samplesPerPixel, needed }: TileCoding): boolean {
  if (predictor === 1) return true;
  if (predictor !== 2 && predictor !== 4 && !(predictor === 3 && elementSize > 1)) return false;
  return (
    rowSamples > 0 &&
    samplesPerPixel > 0 &&
    rowSamples % samplesPerPixel === 0 &&
    needed % (rowSamples * elementSize) === 0
  );
}

/** Undo the byte shuffle of rows of `rowSamples` samples; a chunk of HDF5 is one row. */
function undoPlanes(samples: Uint8Array, elementSize: number, rowSamples: number): void {
  const length = rowSamples * elementSize;
  for (let at = 0; at < samples.length; at += length) {
    const row = samples.subarray(at, at + length);
    unshuffle(row.slice(), row, elementSize);
  }
}

function decompress(input: Uint8Array, output: Uint8Array, { compression, surplus, needed }: TileCoding): number {
  switch (compression) {
    case COMPRESSION.none: {
      if (input.length > output.length && !surplus) return FAILURE.surplus;
      const length = Math.min(input.length, output.length);
      output.set(input.subarray(0, length));
      return length;
    }
    case COMPRESSION.zlib:
      return inflate('zlib', input, output, { surplus, cut: needed < output.length });
    case COMPRESSION.gzip:
      return inflate('gzip', input, output, { surplus, cut: needed < output.length });
    case COMPRESSION.zstd:
      return decodeZstd(input, output, surplus);
    case COMPRESSION.lzw:
      return decodeLzw(input, output.subarray(0, needed));
    case COMPRESSION.packbits:
      return decodePackBits(input, output.subarray(0, needed));
    case COMPRESSION.lz4:
      return decodeSizedLz4(input, output);
    case COMPRESSION.blosc:
      return decodeBlosc(input, output);
    default:
      return FAILURE.unsupported;
  }
}
