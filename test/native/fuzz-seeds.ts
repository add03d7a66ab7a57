import type { CodecSpec } from '../../src/codec/codec-spec.js';
import { seededRandom } from '../../src/sample/random.js';
import { storedBytes } from '../../src/grid/dtype.js';
import { JPEG_420, JPEG_422, JPEG_FOUR, JPEG_GRAY, LERC_MASKED, WEBP_RGB, WEBP_RGBA } from '../codec/golden-images.js';
import { GOLDEN_VECTORS, type GoldenVector } from '../codec/golden-vectors.js';
import { fromBase64 } from '../codec/kernels.js';

/** A file of the fuzzing corpus: the numbers that `native/fuzz/src/targets` reads, then encoded bytes. */
export type FuzzSeed = { readonly target: string; readonly name: string; readonly bytes: Uint8Array };

/** Targets of `decodeTile`, by the stream's compression, and where the target has it in its list. */
const STREAMS: Readonly<Record<string, readonly [target: string, index: number]>> = {
  zlib: ['inflate', 0],
  gzip: ['inflate', 1],
  zstd: ['zstd', 0],
  lzw: ['lzw', 0],
  packbits: ['lzw', 1],
  blosc: ['blosc', 0],
  lz4: ['blosc', 1],
};

/** Whole rows of the output are asked for. */
const ALL_ROWS = 16;

/** Every golden vector and image that a target can hold, as its first corpus. The same bytes every time. */
export function fuzzSeeds(): readonly FuzzSeed[] {
  return [...GOLDEN_VECTORS.flatMap(tileSeed), ...imageSeeds(), ...batchSeeds(), ...geometrySeeds()];
}

function tileSeed({ name, dtype, shape, codecs, base64 }: GoldenVector): FuzzSeed[] {
  const stream = STREAMS[codecs[0]!.name];
  if (stream === undefined) return [];
  const [rows, ...rest] = shape;
  const rowSamples = rest.reduce((product, size) => product * size, 1);
  const samplesPerPixel = rest[1] ?? 1;
  const swap = codecs.some((codec) => codec.name === 'bytes' && codec.endian === 'big') ? 1 : 0;
  const flags = swap + 2 * predictorOf(codecs) + ALL_ROWS;
  const numbers = [stream[1], Math.log2(storedBytes(dtype)), flags, rowSamples - 1, samplesPerPixel - 1, rows!];
  if (numbers.some((value) => value > 255)) return [];
  return [{ target: stream[0], name: name.replaceAll(/\W+/g, '-'), bytes: joined(numbers, fromBase64(base64)) }];
}

/** TIFF's number less one. */
function predictorOf(codecs: readonly CodecSpec[]): number {
  if (codecs.some((codec) => codec.name === 'predictor')) return 1;
  return codecs.some((codec) => codec.name === 'float-predictor') ? 2 : 0;
}

function imageSeeds(): FuzzSeed[] {
  const size = (width: number, height: number, samples: number) => [width - 1, height - 1, samples - 1];
  const seed = (target: string, name: string, numbers: readonly number[], base64: string) => ({
    target,
    name,
    bytes: joined(numbers, fromBase64(base64)),
  });
  return [
    seed('jpeg', 'half-chroma', [...size(24, 16, 3), 1, 0, 0], JPEG_420.base64),
    seed('jpeg', 'half-width-chroma', [...size(24, 16, 3), 1, 0, 0], JPEG_422.base64),
    seed('jpeg', 'gray', [...size(24, 16, 1), 1, 0, 0], JPEG_GRAY),
    seed('jpeg', 'four', [...size(24, 16, 4), 0, 0, 0], JPEG_FOUR),
    seed('webp', 'rgb', size(24, 16, 3), WEBP_RGB),
    seed('webp', 'rgba', size(24, 16, 4), WEBP_RGBA),
    seed('lerc', 'uint8', [...size(20, 6, 1), 1, 200, 0, 0], LERC_MASKED.uint8),
    seed('lerc', 'bands', [...size(20, 6, 4), 1, 200, 0, 0], LERC_MASKED.uint8Bands),
    seed('lerc', 'float32', [...size(20, 6, 1), 6, 200, 0, 0], LERC_MASKED.float32),
  ];
}

/** Batches of tiles of 6 by 4 bytes whose parts lie side by side, meet, or reach outside. */
function batchSeeds(): FuzzSeed[] {
  const stored = Uint8Array.from({ length: 24 }, (_, i) => 200 + i);
  /** Numbers of a part; those that are not small are written 64 higher. */
  const part = (values: readonly number[]) => values.map((value) => (value < 4 ? value : value + 64));
  const seed = (name: string, tiles: number, parts: readonly (readonly number[])[]): FuzzSeed => ({
    target: 'tiles',
    name,
    bytes: joined([0, 5, 3, 120, 0, 60, 0, 0, 0, 0, 0, tiles, parts.length, ...parts.flatMap(part), 1], stored),
  });
  const left = [0, 0, 6, 1, 0, 10, 4, 3];
  return [
    seed('apart', 2, [left, [0, 8, 6, 1, 3, 10, 2, 4], [1, 5, 6, 1, 0, 2, 3, 1]]),
    seed('columns', 1, [[1, 0, 6, 2, 0, 7, 4, 3]]),
    seed('meeting', 2, [left, [0, 8, 6, 1, 12, 10, 2, 4]]),
    seed('outside', 1, [[0, 20, 6, 1, 0, 10, 4, 3]]),
  ];
}

/** Geometries of any kind on cells of several sizes: sound ones, and those whose numbers or ends are not. */
function geometrySeeds(): FuzzSeed[] {
  return [0, 0, 0, 0, 1, 2, 4, 8].map((wild, i) => {
    const random = seededRandom(i);
    const bytes = Uint8Array.from({ length: 160 }, () => 256 * random());
    return { target: 'geometries', name: `wild-${wild}-${i}`, bytes: joined([wild, 2 * i + 1, 9, 3], bytes) };
  });
}

function joined(numbers: readonly number[], bytes: Uint8Array): Uint8Array {
  return Uint8Array.from([...numbers, ...bytes]);
}
