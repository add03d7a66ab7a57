import { deflateSync } from 'node:zlib';
import { storedBytes, type DataType } from '../grid/dtype.js';
import { swapBytes } from '../native/twin/codec-predictor.js';
import { splitChain, type ByteStep, type Chain, type SampleSource } from './chain.js';
import type { CodecSpec } from './codec-spec.js';
import { crc32c } from './crc32c.js';
import { differences, floatPlanes } from './encode-predictor.js';
import { encodeBytes } from './encode-chunk.js';
import { encodeLzw } from './encode-lzw.js';
import { encodePackBits } from './encode-packbits.js';

/** What writers of TIFF files use where nobody says anything. */
const ZLIB_LEVEL = 6;
/** zstd's own default. */
const ZSTD_LEVEL = 3;

/**
 * Whether chunks can be encoded so that a chain decodes them: plain samples of either byte order, the predictors of one
 * band, and compressions that lose nothing. Pure.
 */
export function canEncode(codecs: readonly CodecSpec[], dtype: DataType): boolean {
  if (dtype === 'float16' || dtype === 'bool') return false;
  const chain = splitChain(codecs, dtype, undefined);
  return chain.head.every(isWritten) && isWrittenSource(chain.source) && chain.tail.every(isPlainPredictor);
}

/**
 * Encode whole rows of little-endian samples so that the chain, given in decode order, decodes them; `canEncode` must hold
 * for it. The same samples give the same bytes; the input is not changed and may be what comes back.
 */
export function encodeChain(codecs: readonly CodecSpec[], bytes: Uint8Array, dtype: DataType): Uint8Array {
  const chain = splitChain(codecs, dtype, undefined);
  const size = storedBytes(dtype);
  const samples = encodeSamples(chain, bytes, size);
  return chain.head.toReversed().reduce((data, step) => encodeStep(step, data, size), samples);
}

function encodeSamples({ source, tail }: Chain, bytes: Uint8Array, size: number): Uint8Array {
  if (source.name === 'float-predictor') return floatPlanes(bytes, size, source.rowSamples);
  const [predictor] = tail;
  const stored = predictor?.name === 'predictor' ? differences(bytes, size, predictor.rowSamples) : bytes;
  if (source.name !== 'bytes' || source.endian !== 'big') return stored;
  const swapped = stored.slice();
  swapBytes(swapped, size);
  return swapped;
}

function encodeStep(step: ByteStep, bytes: Uint8Array, size: number): Uint8Array {
  switch (step.name) {
    case 'zlib':
      return deflateSync(bytes, { level: ZLIB_LEVEL });
    case 'gzip':
      return encodeBytes({ name: 'gzip', level: ZLIB_LEVEL }, bytes, size);
    case 'zstd':
      return encodeBytes({ name: 'zstd', level: ZSTD_LEVEL }, bytes, size);
    case 'blosc':
      return encodeBytes({ name: 'blosc', cname: 'zstd', level: 1, shuffle: 'shuffle' }, bytes, size);
    case 'lzw':
      return encodeLzw(bytes);
    case 'packbits':
      return encodePackBits(bytes);
    case 'crc32c':
      return withChecksum(bytes);
    case 'lz4':
    case 'fletcher32':
    case 'shuffle':
    case 'bit-reverse':
      throw new Error(`chunks are not encoded as ${step.name}`);
  }
}

function isWritten({ name }: ByteStep): boolean {
  return name !== 'lz4' && name !== 'fletcher32' && name !== 'shuffle' && name !== 'bit-reverse';
}

function isWrittenSource(source: SampleSource): boolean {
  if (source.name === 'float-predictor') return source.samplesPerPixel === 1;
  return source.name === 'bytes';
}

function isPlainPredictor(step: CodecSpec): boolean {
  return step.name === 'predictor' && step.samplesPerPixel === 1;
}

function withChecksum(bytes: Uint8Array): Uint8Array {
  const output = new Uint8Array(bytes.length + 4);
  output.set(bytes);
  new DataView(output.buffer).setUint32(bytes.length, crc32c(bytes), true);
  return output;
}
