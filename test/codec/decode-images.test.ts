import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { CodecSpec } from '../../src/codec/codec-spec.js';
import { decodeChunkWith } from '../../src/codec/decode-chunk.js';
import { ramps, wave } from './formulas.js';
import { JPEG_420, JPEG_422, JPEG_FOUR, JPEG_GRAY, LERC_MASKED, WEBP_RGB, WEBP_RGBA } from './golden-images.js';
import { fromBase64, implementations } from './kernels.js';
import { encodeLerc1 } from './lerc1.js';
import { outcomeOf } from './outcome.js';

const WIDTH = 24;
const HEIGHT = 16;
/** libjpeg's samples and ours differ by rounding of the transform and of colours. */
const JPEG_TOLERANCE = 4;

function jpeg(samplesPerPixel: number, toRgb: boolean, tables: string | null = null): CodecSpec[] {
  return [{ name: 'jpeg', tables, toRgb, samplesPerPixel }];
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

function withAlpha(): Uint8Array {
  const rgb = ramps(WIDTH, HEIGHT);
  return Uint8Array.from({ length: WIDTH * HEIGHT * 4 }, (_, i) =>
    i % 4 === 3 ? 255 - 9 * ((i >> 2) % WIDTH) : rgb[(i >> 2) * 3 + (i % 4)]!,
  );
}

/** Cut a JPEG into what TIFF stores apart: the tables, and the rest without them. */
function splitTables(bytes: Uint8Array): { tables: string; tile: Uint8Array } {
  const tables = [0xff, 0xd8];
  const tile = [0xff, 0xd8];
  let at = 2;
  while (bytes[at + 1] !== 0xda) {
    const end = at + 2 + bytes[at + 2]! * 256 + bytes[at + 3]!;
    const isTable = bytes[at + 1] === 0xdb || bytes[at + 1] === 0xc4;
    (isTable ? tables : tile).push(...bytes.subarray(at, end));
    at = end;
  }
  tile.push(...bytes.subarray(at));
  tables.push(0xff, 0xd9);
  return { tables: Buffer.from(tables).toString('base64'), tile: Uint8Array.from(tile) };
}

describe.each(implementations)('image tiles with the %s', (_, kernels) => {
  const shape = [HEIGHT, WIDTH, 3];

  it.each([
    ['half width and height', JPEG_420],
    ['half width', JPEG_422],
  ])('JPEG with chroma of %s becomes RGB as libjpeg makes it', (_name, { base64, decoded }) => {
    const samples = decodeChunkWith(kernels, { dtype: 'uint8', shape, codecs: jpeg(3, true) }, fromBase64(base64));
    const expected = inflateSync(fromBase64(decoded));
    expect(largestDifference(samples as Uint8Array, expected)).toBeLessThanOrEqual(JPEG_TOLERANCE);
  });

  it('JPEG whose tables stand apart', () => {
    const { tables, tile } = splitTables(fromBase64(JPEG_420.base64));
    const layout = { dtype: 'uint8', shape } as const;
    const whole = decodeChunkWith(kernels, { ...layout, codecs: jpeg(3, true) }, fromBase64(JPEG_420.base64));
    expect(decodeChunkWith(kernels, { ...layout, codecs: jpeg(3, true, tables) }, tile)).toEqual(whole);
    expect(outcomeOf(() => decodeChunkWith(kernels, { ...layout, codecs: jpeg(3, true) }, tile))).toBe('invalid-data');
  });

  it('JPEG of one component and of four, untouched by colour', () => {
    const gray = Uint8Array.from({ length: WIDTH * HEIGHT }, (_v, i) => 5 * (i % WIDTH) + 8 * Math.floor(i / WIDTH));
    for (const oneBand of [
      [HEIGHT, WIDTH],
      [HEIGHT, WIDTH, 1],
      [1, HEIGHT, WIDTH],
    ]) {
      const layout = { dtype: 'uint8', shape: oneBand, codecs: jpeg(1, false) } as const;
      const samples = decodeChunkWith(kernels, layout, fromBase64(JPEG_GRAY));
      expect(largestDifference(samples as Uint8Array, gray)).toBeLessThanOrEqual(JPEG_TOLERANCE);
    }
    const layout = { dtype: 'uint8', shape: [HEIGHT, WIDTH, 4], codecs: jpeg(4, false) } as const;
    const samples = decodeChunkWith(kernels, layout, fromBase64(JPEG_FOUR));
    expect(largestDifference(samples as Uint8Array, withAlpha())).toBeLessThanOrEqual(8);
  });

  it('JPEG of more rows than its strip gives the strip, of other widths and bands an error', () => {
    const bytes = fromBase64(JPEG_420.base64);
    const decode = (of: number[], bands = 3) =>
      outcomeOf(() => decodeChunkWith(kernels, { dtype: 'uint8', shape: of, codecs: jpeg(bands, true) }, bytes));
    const whole = decode(shape) as Uint8Array;
    expect(decode([HEIGHT - 3, WIDTH, 3])).toEqual(whole.slice(0, (HEIGHT - 3) * WIDTH * 3));
    expect(decode([HEIGHT, WIDTH + 1, 3])).toBe('invalid-data');
    expect(decode([WIDTH, HEIGHT, 3])).toBe('invalid-data');
    expect(decode([HEIGHT + 1, WIDTH, 3])).toBe('invalid-data');
    expect(decode([HEIGHT, WIDTH], 1)).toBe('invalid-data');
  });

  it('JPEG of twelve bits and lossless JPEG are refused by name', () => {
    for (const [offset, value] of [
      [0, 0xc3],
      [3, 12],
    ] as const) {
      const bytes = fromBase64(JPEG_GRAY);
      const frame = bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === 0xc0);
      bytes[frame + 1 + offset] = value;
      const layout = { dtype: 'uint8', shape: [HEIGHT, WIDTH], codecs: jpeg(1, false) } as const;
      expect(outcomeOf(() => decodeChunkWith(kernels, layout, bytes))).toBe('unsupported');
    }
  });

  it('LERC pixels under the mask become nodata, NaN or 0', () => {
    const masked = (i: number) => (Math.floor(i / 20) + (i % 20)) % 3 === 0;
    for (const [dtype, nodata, gap] of [
      ['float32', -9999, -9999],
      ['float32', null, NaN],
      ['uint8', 255, 255],
      ['uint8', null, 0],
    ] as const) {
      const codecs: CodecSpec[] = [{ name: 'lerc', samplesPerPixel: 1, nodata }];
      const samples = decodeChunkWith(kernels, { dtype, shape: [6, 20], codecs }, fromBase64(LERC_MASKED[dtype]));
      expect(samples).toEqual(
        wave(dtype, [6, 20]).map((value: number | bigint, i: number) => (masked(i) ? gap : value) as never),
      );
    }
  });

  it('LERC of colours with a mask: the mask is a fourth, opaque or clear', () => {
    const codecs: CodecSpec[] = [{ name: 'lerc', samplesPerPixel: 4, nodata: null }];
    const layout = { dtype: 'uint8', shape: [6, 20, 4], codecs } as const;
    const samples = decodeChunkWith(kernels, layout, fromBase64(LERC_MASKED.uint8Bands));
    const bands = wave('uint8', [6, 20, 3]);
    for (let pixel = 0; pixel < 120; pixel++) {
      const clear = (Math.floor(pixel / 20) + (pixel % 20)) % 3 === 0;
      expect(samples[pixel * 4 + 3]).toBe(clear ? 0 : 255);
      if (!clear) expect(samples.slice(pixel * 4, pixel * 4 + 3)).toEqual(bands.slice(pixel * 3, pixel * 3 + 3));
    }
  });

  it('LERC1 with a mask', () => {
    const values = wave('float32', [5, 7]) as Float32Array;
    const valid = Array.from({ length: 35 }, (_v, i) => i % 4 !== 1);
    const codecs: CodecSpec[] = [{ name: 'lerc', samplesPerPixel: 1, nodata: -1 }];
    const samples = decodeChunkWith(
      kernels,
      { dtype: 'float32', shape: [5, 7], codecs },
      encodeLerc1(values, valid, 7),
    );
    expect(samples).toEqual(values.map((value, i) => (valid[i] ? value : -1)));
  });

  it('LERC of another type or size is an error', () => {
    const bytes = fromBase64(LERC_MASKED.float32);
    const codecs: CodecSpec[] = [{ name: 'lerc', samplesPerPixel: 1, nodata: null }];
    expect(outcomeOf(() => decodeChunkWith(kernels, { dtype: 'int32', shape: [6, 20], codecs }, bytes))).toBe(
      'invalid-data',
    );
    expect(outcomeOf(() => decodeChunkWith(kernels, { dtype: 'float32', shape: [20, 6], codecs }, bytes))).toBe(
      'invalid-data',
    );
    expect(outcomeOf(() => decodeChunkWith(kernels, { dtype: 'int64', shape: [6, 20], codecs }, bytes))).toBe(
      'unsupported',
    );
  });
});

/** WebP is decoded by the addon alone; the twin's refusal is tested with `decodeChunk`. */
describe.each(implementations.filter(([name]) => name === 'addon'))('WebP tiles with the %s', (_, kernels) => {
  const decode = (channels: number, base64: string, width = WIDTH) =>
    outcomeOf(() => {
      const codecs: CodecSpec[] = [{ name: 'webp', samplesPerPixel: channels }];
      return decodeChunkWith(kernels, { dtype: 'uint8', shape: [HEIGHT, width, channels], codecs }, fromBase64(base64));
    });

  it('lossless, with alpha, without, and opaque where a fourth band is wanted', () => {
    expect(decode(3, WEBP_RGB)).toEqual(ramps(WIDTH, HEIGHT));
    expect(decode(4, WEBP_RGBA)).toEqual(withAlpha());
    expect(decode(4, WEBP_RGB)).toEqual(withAlpha().map((value, i) => (i % 4 === 3 ? 255 : value)));
  });

  it('of another size or with alpha that nobody asked for is an error', () => {
    expect(decode(3, WEBP_RGBA)).toBe('invalid-data');
    expect(decode(3, WEBP_RGB, WIDTH + 1)).toBe('invalid-data');
  });
});
