import { deflateSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeChunkWith } from '../../src/codec/decode-chunk.js';
import { encodeBytes, type EncodeSpec } from '../../src/codec/encode-chunk.js';
import type { CodecSpec } from '../../src/codec/codec-spec.js';
import { prepareTwins } from '../../src/codec/prepare.js';
import { isCubeError } from '../../src/errors.js';
import type { Samples } from '../../src/grid/dtype.js';
import { codecKernels, nativeCodecKernels } from '../../src/native/codec.js';
import type { CodecKernels } from '../../src/native/codec-types.js';
import { codecTwin } from '../../src/native/twin/codec.js';
import { seededRandom } from '../../src/sample/random.js';

const SEED = 1_000_003;
const NATIVE_MUTANTS = 100_000;
const TWIN_MUTANTS = 5000;
const SIDE = 32;

const native = nativeCodecKernels();
const implementations: [string, CodecKernels][] = [
  ['twin', codecTwin],
  ...(native === null ? [] : [['addon', native] as [string, CodecKernels]]),
];

function samplesOf(random: () => number): Uint16Array {
  return Uint16Array.from({ length: SIDE * SIDE }, (_, i) => Math.floor(1000 + 40 * Math.sin(i / 7) + 9 * random()));
}

function bytesOf(samples: Uint16Array): Uint8Array {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}

/** TIFF 6.0 §9, one literal run after the other. */
function packLiterals(bytes: Uint8Array): Uint8Array {
  const parts: number[] = [];
  for (let i = 0; i < bytes.length; i += 128) {
    const run = bytes.subarray(i, i + 128);
    parts.push(run.length - 1, ...run);
  }
  return Uint8Array.from(parts);
}

/** TIFF 6.0 §13 with a clear code before the table could grow past nine bits: codes are plain bytes of nine bits. */
function lzwOfNineBits(bytes: Uint8Array): Uint8Array {
  const codes: number[] = [];
  for (const [i, byte] of bytes.entries()) {
    if (i % 250 === 0) codes.push(256);
    codes.push(byte);
  }
  codes.push(257);
  const out = new Uint8Array(Math.ceil((codes.length * 9) / 8));
  for (const [i, code] of codes.entries()) {
    for (let bit = 0; bit < 9; bit++) {
      const at = i * 9 + bit;
      out[at >> 3] = out[at >> 3]! | (((code >> (8 - bit)) & 1) << (7 - (at & 7)));
    }
  }
  return out;
}

type Case = {
  readonly name: string;
  readonly codecs: readonly CodecSpec[];
  readonly encode: (bytes: Uint8Array) => Uint8Array;
};
const LITTLE: CodecSpec = { name: 'bytes', endian: 'little' };
const encoded = (spec: EncodeSpec) => (bytes: Uint8Array) => encodeBytes(spec, bytes, 2);

const CASES: readonly Case[] = [
  { name: 'zlib', codecs: [{ name: 'zlib' }, LITTLE], encode: (bytes) => deflateSync(bytes) },
  { name: 'gzip', codecs: [{ name: 'gzip' }, LITTLE], encode: (bytes) => gzipSync(bytes) },
  { name: 'zstd', codecs: [{ name: 'zstd' }, LITTLE], encode: encoded({ name: 'zstd', level: 3 }) },
  { name: 'lzw', codecs: [{ name: 'lzw' }, LITTLE], encode: lzwOfNineBits },
  { name: 'packbits', codecs: [{ name: 'packbits' }, LITTLE], encode: packLiterals },
  {
    name: 'blosc zstd',
    codecs: [{ name: 'blosc' }, LITTLE],
    encode: encoded({ name: 'blosc', cname: 'zstd', level: 5, shuffle: 'shuffle' }),
  },
  {
    name: 'blosc lz4 bitshuffle',
    codecs: [{ name: 'blosc' }, LITTLE],
    encode: encoded({ name: 'blosc', cname: 'lz4', level: 5, shuffle: 'bitshuffle' }),
  },
  { name: 'none', codecs: [LITTLE], encode: (bytes) => bytes },
];

const LAYOUT = { dtype: 'uint16', shape: [SIDE, SIDE] } as const;

function tryDecode(kernels: CodecKernels, codecs: readonly CodecSpec[], bytes: Uint8Array): Samples | string {
  try {
    return decodeChunkWith(kernels, { ...LAYOUT, codecs }, bytes);
  } catch (error) {
    if (isCubeError(error)) return error.problem.kind;
    throw error;
  }
}

function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  const mutant = Uint8Array.from(bytes);
  for (let change = 0; change <= random() * 4; change++)
    mutant[Math.floor(random() * mutant.length)] = Math.floor(random() * 256);
  return random() < 0.3 ? mutant.subarray(0, Math.floor(random() * mutant.length)) : mutant;
}

describe('codec kernels', () => {
  beforeAll(() => prepareTwins());

  for (const [which, kernels] of implementations) {
    for (const { name, codecs, encode } of CASES) {
      it(`${which}: ${name} gives back what was encoded`, () => {
        const samples = samplesOf(seededRandom(SEED));
        expect(tryDecode(kernels, codecs, encode(bytesOf(samples)))).toEqual(samples);
      });

      it(`${which}: ${name} of too few samples is an error`, () => {
        const short = encode(bytesOf(samplesOf(seededRandom(SEED)).subarray(0, SIDE * SIDE - SIDE)));
        expect(tryDecode(kernels, codecs, short)).toBe('invalid-data');
      });
    }
  }

  it(`mutated tiles give samples or a typed error: ${NATIVE_MUTANTS} for the addon, ${TWIN_MUTANTS} for the twins (seed ${SEED})`, () => {
    for (const [which, kernels] of implementations) {
      const random = seededRandom(SEED);
      const total = which === 'addon' ? NATIVE_MUTANTS : TWIN_MUTANTS;
      const sources = CASES.map(({ codecs, encode }) => ({ codecs, bytes: encode(bytesOf(samplesOf(random))) }));
      let errors = 0;
      for (let i = 0; i < total; i++) {
        const { codecs, bytes } = sources[i % sources.length]!;
        const result = tryDecode(kernels, codecs, mutate(bytes, random));
        if (typeof result === 'string') errors++;
        else expect(result.length).toBe(SIDE * SIDE);
      }
      expect(errors).toBeGreaterThan(total / 10);
      expect(errors).toBeLessThan(total);
    }
  });

  it.skipIf(native === null)('image and bit kernels survive any bytes', () => {
    const random = seededRandom(SEED + 1);
    const output = new Uint8Array(SIDE * SIDE * 4);
    for (let i = 0; i < 5000; i++) {
      const bytes = Uint8Array.from({ length: Math.floor(random() * 300) }, () => Math.floor(random() * 256));
      if (i % 3 === 0) bytes.set([0xff, 0xd8, 0xff, 0xdb].slice(0, bytes.length));
      if (i % 3 === 1) bytes.set(new TextEncoder().encode('RIFF....WEBPVP8 ').subarray(0, bytes.length));
      if (i % 3 === 2) bytes.set(new TextEncoder().encode('Lerc2 ').subarray(0, bytes.length));
      for (const codecs of [
        [{ name: 'jpeg', tables: null, toRgb: true, samplesPerPixel: 3 }],
        [{ name: 'webp', samplesPerPixel: 3 }],
        [{ name: 'lerc', samplesPerPixel: 1, nodata: null }],
        [{ name: 'unpack-bits', bits: 1 + (i % 15), rowSamples: SIDE, signed: false }],
      ] as readonly (readonly CodecSpec[])[]) {
        const result = tryDecode(codecKernels(), codecs, bytes);
        if (typeof result !== 'string') expect(result.length).toBeLessThanOrEqual(output.length);
      }
    }
  });
});
