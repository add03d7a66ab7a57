import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeChunk, decodeChunkWith } from '../../src/codec/decode-chunk.js';
import type { CodecSpec } from '../../src/codec/codec-spec.js';
import { crc32c } from '../../src/codec/crc32c.js';
import { codecTwin } from '../../src/native/twin/codec.js';
import { terraces, wave } from './formulas.js';
import { PACKED } from './golden-images.js';
import { GOLDEN_VECTORS } from './golden-vectors.js';
import { fromBase64, implementations, memoryOf } from './kernels.js';
import { outcomeOf } from './outcome.js';

const LITTLE: CodecSpec = { name: 'bytes', endian: 'little' };
const ZLIB: CodecSpec = { name: 'zlib' };

describe.each(implementations)('decodeChunk with the %s', (_, kernels) => {
  it.each(GOLDEN_VECTORS)('$name as another encoder wrote it', ({ dtype, shape, codecs, values, base64 }) => {
    const samples = decodeChunkWith(kernels, { dtype, shape, codecs }, fromBase64(base64));
    expect(samples).toEqual((values === 'wave' ? wave : terraces)(dtype, shape));
  });

  it.each(GOLDEN_VECTORS)('$name in a chunk of another size is an error', ({ dtype, shape, codecs, base64 }) => {
    // A TIFF chain may hold surplus bytes, so only the larger shape is always wrong; predictors and images keep their rows.
    const larger = [shape[0]! + 1, ...shape.slice(1)];
    expect(outcomeOf(() => decodeChunkWith(kernels, { dtype, shape: larger, codecs }, fromBase64(base64)))).toBe(
      'invalid-data',
    );
  });

  it.each([
    ['little-endian bytes', [LITTLE]],
    ['deflate', [ZLIB, LITTLE]],
    ['shuffle', [{ name: 'shuffle', elementSize: 2 }, LITTLE]],
  ] as [string, CodecSpec[]][])('%s of more than the chunk is refused, not cut', (name, codecs) => {
    const bytes = memoryOf(wave('uint16', [5, 4]));
    const layout = { dtype: 'uint16', shape: [4, 4], codecs } as const;
    const encoded = name === 'deflate' ? deflateSync(bytes) : bytes;
    expect(outcomeOf(() => decodeChunkWith(kernels, layout, encoded))).toBe('invalid-data');
  });

  it.each([
    ['plain', []],
    ['deflated', [ZLIB]],
  ] as [string, CodecSpec[]][])('%s bytes of more than the chunk are cut where the format says so', (_name, head) => {
    const all = wave('uint16', [64, 300]);
    const bytes = head.length === 0 ? memoryOf(all) : deflateSync(memoryOf(all), { level: 0 });
    const codecs: CodecSpec[] = [...head, { name: 'bytes', endian: 'little', surplus: 'ignore' }];
    const cut = decodeChunkWith(kernels, { dtype: 'uint16', shape: [63, 300], codecs }, bytes);
    expect(Buffer.compare(memoryOf(cut), memoryOf(all.slice(0, 63 * 300)))).toBe(0);
  });

  it.each([
    ['stored deflate', [ZLIB, LITTLE], (bytes: Uint8Array) => deflateSync(bytes, { level: 0 })],
    ['deflate', [ZLIB, LITTLE], (bytes: Uint8Array) => deflateSync(bytes)],
    ['plain bytes', [LITTLE], (bytes: Uint8Array) => bytes],
  ] as [string, CodecSpec[], (bytes: Uint8Array) => Uint8Array][])(
    'the first rows alone: %s',
    (_name, codecs, encode) => {
      const all = wave('uint16', [300, 500]);
      const layout = { dtype: 'uint16', shape: [300, 500], codecs } as const;
      for (const rows of [0, 1, 7, 150, 299, 300, 400]) {
        const some = decodeChunkWith(kernels, layout, encode(memoryOf(all)), { rows });
        expect(some.length).toBe(all.length);
        expect(Buffer.compare(memoryOf(some.slice(0, rows * 500)), memoryOf(all.slice(0, rows * 500)))).toBe(0);
      }
    },
  );

  it.each(Object.entries(PACKED))('%s-bit samples widen, signed ones keep their sign', (bits, base64) => {
    const size = Number(bits);
    const width = size <= 8 ? 8 : size <= 16 ? 16 : 32;
    const expected = [...wave('uint32', [4, 13])].map((v) => Number(v) % 2 ** size);
    for (const signed of [false, true]) {
      const codecs: CodecSpec[] = [{ name: 'unpack-bits', bits: size, rowSamples: 13, signed }];
      const dtype = `${signed ? 'int' : 'uint'}${width}` as 'int8' | 'uint8' | 'int16' | 'uint16' | 'int32' | 'uint32';
      const samples = decodeChunkWith(kernels, { dtype, shape: [4, 13], codecs }, fromBase64(base64));
      const negative = (v: number) => (signed && v >= 2 ** (size - 1) ? v - 2 ** size : v);
      expect([...samples]).toEqual(expected.map(negative));
    }
  });

  it('a broken checksum is an error that names both values', () => {
    const data = memoryOf(wave('uint16', [4, 4]));
    const bytes = new Uint8Array(36);
    bytes.set(data);
    new DataView(bytes.buffer).setUint32(32, crc32c(data) ^ 1, true);
    const layout = { dtype: 'uint16', shape: [4, 4], codecs: [{ name: 'crc32c' }, LITTLE] } as const;
    expect(() => decodeChunkWith(kernels, layout, bytes, { url: 'file:///a.zarr/c/0' })).toThrow(
      /a\.zarr\/c\/0.*crc32c.*expected/,
    );
  });

  it('float16 keeps subnormals, infinities and the sign of zero', () => {
    const halves = Uint16Array.from([0x0001, 0x03ff, 0x0400, 0x3c00, 0x7bff, 0x7c00, 0xfc00, 0x8000, 0xc000, 0x7e00]);
    const samples = decodeChunkWith(kernels, { dtype: 'float16', shape: [10], codecs: [LITTLE] }, memoryOf(halves));
    const expected = [2 ** -24, 1023 * 2 ** -24, 2 ** -14, 1, 65_504, Infinity, -Infinity, -0, -2, NaN];
    expect(samples).toEqual(Float32Array.from(expected));
  });

  it('a bool is 0 or 1 whatever was stored', () => {
    const layout = { dtype: 'bool', shape: [4], codecs: [LITTLE] } as const;
    expect(decodeChunkWith(kernels, layout, Uint8Array.of(0, 1, 2, 255))).toEqual(Uint8Array.of(0, 1, 1, 1));
  });

  it('one sample without dimensions, and no samples at all', () => {
    const layout = { dtype: 'int16', codecs: [LITTLE] } as const;
    expect(decodeChunkWith(kernels, { ...layout, shape: [] }, Uint8Array.of(254, 255))).toEqual(Int16Array.of(-2));
    expect(decodeChunkWith(kernels, { ...layout, shape: [0, 5] }, new Uint8Array())).toEqual(new Int16Array());
  });

  it('a zip bomb is stopped at the size of its chunk', () => {
    const bomb = deflateSync(new Uint8Array(64 << 20), { level: 9 });
    const layout = { dtype: 'uint8', shape: [16, 16], codecs: [ZLIB, LITTLE] } as const;
    const before = process.memoryUsage().arrayBuffers;
    expect(outcomeOf(() => decodeChunkWith(kernels, layout, bomb))).toBe('invalid-data');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 << 20);
  });

  it('the input is left as it was', () => {
    const { dtype, shape, codecs, base64 } = GOLDEN_VECTORS.find(({ name }) => name === 'big-endian')!;
    const bytes = fromBase64(base64);
    decodeChunkWith(kernels, { dtype, shape, codecs }, bytes);
    expect(bytes).toEqual(fromBase64(base64));
  });
});

describe('decodeChunk', () => {
  it.each([
    ['nothing', []],
    ['bytes only', [ZLIB]],
    ['two ways to samples', [LITTLE, LITTLE]],
    ['compression of samples', [LITTLE, ZLIB]],
    ['a predictor of bytes', [{ name: 'predictor', rowSamples: 4, samplesPerPixel: 1 }, LITTLE]],
    ['a delta of strings', [LITTLE, { name: 'delta', storedType: '<U4' }]],
  ] as [string, CodecSpec[]][])('refuses a chain of %s by name', (_name, codecs) => {
    const layout = { dtype: 'uint8', shape: [4], codecs } as const;
    expect(outcomeOf(() => decodeChunk(layout, new Uint8Array(4)))).toBe('unsupported');
  });

  it('refuses shapes and transposes that are none', () => {
    const codecs = [LITTLE];
    for (const shape of [[-1], [1.5], [2 ** 20, 2 ** 20], [Number.NaN]]) {
      expect(outcomeOf(() => decodeChunk({ dtype: 'uint8', shape, codecs }, new Uint8Array(4)))).toBe(
        'invalid-argument',
      );
    }
    for (const order of [[0], [0, 0], [0, 2], [1, 0, 2]]) {
      const layout = { dtype: 'uint8', shape: [2, 2], codecs: [LITTLE, { name: 'transpose', order }] } as const;
      expect(outcomeOf(() => decodeChunk(layout, new Uint8Array(4)))).toBe('invalid-argument');
    }
  });

  it('names the codec, the size and the place', () => {
    const layout = { dtype: 'uint16', shape: [2, 3], codecs: [ZLIB, LITTLE] } as const;
    const short = () =>
      decodeChunk(layout, deflateSync(new Uint8Array(10)), { url: 'https://example.com/a.tif?key=1' });
    expect(short).toThrow(
      'https://example.com/a.tif: zlib data gives 10 bytes, expected 2 × 3 samples of uint16 (12 bytes)',
    );
  });

  it('says how to get WebP where there is no addon', () => {
    const layout = { dtype: 'uint8', shape: [4, 4, 3], codecs: [{ name: 'webp', samplesPerPixel: 3 }] } as const;
    expect(() => decodeChunkWith(codecTwin, layout, new Uint8Array(20))).toThrow(
      /webp without the native addon.*npm run setup/,
    );
  });
});
