import { CubeError } from '../errors.js';
import { newSamples, storedBytes, viewSamples, type DataType, type Samples } from '../grid/dtype.js';
import { codecKernels } from '../native/codec.js';
import type { CodecKernels } from '../native/codec-types.js';
import { isCompression, splitChain, type Chain } from './chain.js';
import type { ChunkLayout } from './chunk-layout.js';
import { sampleCount } from './chunk-shape.js';
import { inputSize, runByteStep, type Size } from './decode-bytes.js';
import { decodeSamples } from './decode-samples.js';
import { widenHalves } from './half.js';
import { runSampleSteps } from './sample-steps.js';

/** How a chunk is decoded. */
export type DecodeOptions = {
  /** Where the bytes came from, for messages. */
  readonly url?: string;
  /** Only the first `rows` of the first dimension are needed; what lies behind them is undefined. */
  readonly rows?: number;
  /** Gives the memory that the chunk is decoded into; its content is overwritten. New memory without it. */
  readonly memory?: (dtype: DataType, length: number) => Samples;
};

/**
 * Decode one stored chunk into new memory (or what `memory` gives): samples in C order of `shape`, machine byte order, float16 as float32, bool as
 * 0 and 1. The bytes are not trusted: nothing larger than the shape asks for is allocated. Errors: `invalid-data` where
 * the bytes are corrupt, too few or (but for TIFF codecs and `surplus: 'ignore'`) too many; `unsupported` for codecs,
 * variants and chains that are not read. Without the addon `prepareCodecs` must have been awaited.
 */
export function decodeChunk(layout: ChunkLayout, bytes: Uint8Array, options: DecodeOptions = {}): Samples {
  return decodeChunkWith(codecKernels(), layout, bytes, options);
}

/** `decodeChunk` on given kernels, for comparisons of addon and twin. */
export function decodeChunkWith(
  kernels: CodecKernels,
  { dtype, shape, codecs }: ChunkLayout,
  bytes: Uint8Array,
  { url, rows, memory = newSamples }: DecodeOptions = {},
): Samples {
  const count = sampleCount(shape);
  if (count === null) throw new CubeError({ kind: 'invalid-argument', what: `chunk shape [${shape.join(', ')}]` });
  const chain = splitChain(codecs, dtype, url);
  const stored = newStored(chain.sourceType, count, memory);
  const output = new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
  const neededSamples = neededOf(chain, shape, count, rows);
  const { data, compression } = runHead(kernels, chain, bytes, { ...sourceSize(chain, shape, count), url });
  decodeSamples(kernels, data, output, {
    chain,
    compression,
    shape,
    needed: neededSamples * storedBytes(chain.sourceType),
    url,
  });
  return finish(runSampleSteps(stored, chain, shape), dtype);
}

/** Memory for samples as they are stored: halves stay 16-bit patterns until the end. */
function newStored(type: DataType, count: number, memory: (dtype: DataType, length: number) => Samples): Samples {
  return memory(type === 'float16' ? 'uint16' : type, count);
}

/** Samples from the start that must be right. A transpose spreads them over the whole chunk. */
function neededOf({ tail }: Chain, shape: readonly number[], count: number, rows: number | undefined): number {
  const first = shape[0];
  if (rows === undefined || first === undefined || first === 0 || rows >= first) return count;
  if (tail.some(({ name }) => name === 'transpose')) return count;
  return (count / first) * Math.max(rows, 0);
}

/** Bytes that the step to samples takes: known but for images, which are never much longer than their samples. */
function sourceSize({ source, sourceType }: Chain, shape: readonly number[], count: number): Size {
  const bytes = count * storedBytes(sourceType);
  switch (source.name) {
    case 'bytes':
    case 'float-predictor':
      return { kind: 'exactly', bytes };
    case 'unpack-bits': {
      const rowsOf = count / source.rowSamples;
      if (!Number.isInteger(rowsOf)) {
        const what = `rows of ${source.rowSamples} samples in a chunk of [${shape.join(', ')}]`;
        throw new CubeError({ kind: 'invalid-argument', what });
      }
      return { kind: 'exactly', bytes: rowsOf * Math.ceil((source.rowSamples * source.bits) / 8) };
    }
    case 'lerc':
    case 'jpeg':
    case 'webp':
      return inputSize({ name: 'zlib' }, { kind: 'at-most', bytes });
  }
}

/**
 * Run the steps from bytes to bytes. A last step that decompresses is left to the step to samples where that can do both
 * at once.
 */
function runHead(
  kernels: CodecKernels,
  { head, source, surplus }: Chain,
  bytes: Uint8Array,
  { url, ...size }: Size & { readonly url: string | undefined },
) {
  const last = head.at(-1);
  const fused = source.name === 'bytes' || source.name === 'float-predictor';
  const compression = fused && last !== undefined && isCompression(last) ? last : null;
  const steps = compression === null ? head : head.slice(0, -1);
  const sizes: Size[] = [];
  let wanted: Size = compression === null ? size : inputSize(compression, size);
  for (const step of steps.toReversed()) {
    sizes.unshift(wanted);
    wanted = inputSize(step, wanted);
  }
  const context = { surplus, ...(url === undefined ? {} : { url }) };
  const data = steps.reduce((input, step, i) => runByteStep(kernels, step, input, sizes[i]!, context), bytes);
  if (source.name === 'unpack-bits' && data.length < size.bytes) {
    const what = `${source.bits}-bit samples in ${data.length} bytes, expected ${size.bytes}`;
    throw new CubeError({ kind: 'invalid-data', url: url ?? 'chunk', what });
  }
  return { data, compression };
}

function finish(samples: Samples, dtype: DataType): Samples {
  if (dtype === 'float16' && samples instanceof Uint16Array) return widenHalves(samples);
  if (dtype !== 'bool') return samples;
  const flags = viewSamples('bool', samples.buffer, samples.byteOffset, samples.length);
  for (let i = 0; i < flags.length; i++) flags[i] = flags[i] === 0 ? 0 : 1;
  return flags;
}
