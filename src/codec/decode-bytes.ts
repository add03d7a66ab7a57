import { CubeError } from '../errors.js';
import { COMPRESSION, type CodecKernels, type TileCoding } from '../native/codec-types.js';
import { decodeTile } from '../native/twin/codec-tile.js';
import { isCompression, type ByteStep, type Compression } from './chain.js';
import { checkCount, codecError } from './codec-failure.js';
import { fletcher32 } from './fletcher32.js';

/** How many bytes a step must give: exactly so many, or any number up to a bound. */
export type Size = { readonly kind: 'exactly' | 'at-most'; readonly bytes: number };

/** `url` is for messages; `surplus`: bytes behind the last sample are no error. */
export type BytesContext = { readonly url?: string; readonly surplus: boolean };

/** Encoded data is at most twice as long as what it decodes to, and this: a bound for the data between two codecs. */
const ENCODED_MARGIN = 65_536;

/** What the step before must give, where `step` must give `size`. */
export function inputSize(step: ByteStep, size: Size): Size {
  if (isCompression(step)) return { kind: 'at-most', bytes: 2 * size.bytes + ENCODED_MARGIN };
  return step.name === 'crc32c' || step.name === 'fletcher32' ? { ...size, bytes: size.bytes + 4 } : size;
}

/** Run one step from bytes to bytes. The result may share memory with the input. */
export function runByteStep(
  kernels: CodecKernels,
  step: ByteStep,
  bytes: Uint8Array,
  size: Size,
  context: BytesContext,
): Uint8Array {
  switch (step.name) {
    case 'crc32c':
      return verified(bytes, step.name, context, (data) => [kernels.crc32c(data)]);
    case 'fletcher32':
      return verified(bytes, step.name, context, fletcher32);
    case 'shuffle': {
      const output = new Uint8Array(bytes.length);
      checkCount(kernels.shuffleBytes(bytes, output, step.elementSize, true), { ...context, codec: step.name });
      return output;
    }
    case 'bit-reverse':
      return bytes.map((byte) => REVERSED[byte]!);
    default:
      return decompress(kernels, step, bytes, size, context);
  }
}

/** Decompress on its own, without byte order or predictor. */
function decompress(
  kernels: CodecKernels,
  step: Compression,
  bytes: Uint8Array,
  size: Size,
  context: BytesContext,
): Uint8Array {
  const output = new Uint8Array(size.bytes);
  const exact = size.kind === 'exactly';
  const coding = {
    ...PLAIN,
    compression: COMPRESSION[step.name],
    needed: size.bytes,
    surplus: exact && context.surplus,
  };
  const count = runTile(kernels, bytes, output, coding);
  const expected = `${exact ? '' : 'at most '}${size.bytes} bytes`;
  if (count < 0) throw codecError(count, { ...context, codec: step.name, expected });
  return output.subarray(0, count);
}

/**
 * `decodeTile`, all members of a gzip stream included: the addon's library reads one and does not say where it ended, so
 * that a stream that seems short is read again by node's.
 */
export function runTile(kernels: CodecKernels, bytes: Uint8Array, output: Uint8Array, coding: TileCoding): number {
  const count = kernels.decodeTile(bytes, output, coding);
  const short = count >= 0 && count < coding.needed;
  return short && coding.compression === COMPRESSION.gzip ? decodeTile(bytes, output, coding) : count;
}

/** A tile coding that changes neither byte order nor values. */
export const PLAIN = { elementSize: 1, swapBytes: false, predictor: 1, rowSamples: 1, samplesPerPixel: 1 } as const;

/** Four bytes (LE) behind the data, which must be one of the values that `checksums` gives. */
function verified(
  bytes: Uint8Array,
  codec: string,
  { url }: BytesContext,
  checksums: (data: Uint8Array) => readonly number[],
): Uint8Array {
  const fail = (what: string) => new CubeError({ kind: 'invalid-data', url: url ?? 'chunk', what });
  if (bytes.length < 4) throw fail(`${codec} data of ${bytes.length} bytes, expected at least 4`);
  const end = bytes.length - 4;
  const data = bytes.subarray(0, end);
  const expected = new DataView(bytes.buffer, bytes.byteOffset + end, 4).getUint32(0, true);
  const found = checksums(data);
  if (found.includes(expected)) return data;
  throw fail(`${codec} of the data is ${found[0]!.toString(16)}, expected ${expected.toString(16)}`);
}

/** TIFF FillOrder 2: bit 0 is the first. */
const REVERSED = Uint8Array.from({ length: 256 }, (_, byte) => {
  let result = 0;
  for (let bit = 0; bit < 8; bit++) result |= ((byte >> bit) & 1) << (7 - bit);
  return result;
});
