import { describe, expect, it } from 'vitest';
import { decodeChunkWith } from '../../src/codec/decode-chunk.js';
import type { CodecSpec } from '../../src/codec/codec-spec.js';
import { encodeBytesWith } from '../../src/codec/encode-chunk.js';
import type { DataType } from '../../src/grid/dtype.js';
import { codecTwin } from '../../src/native/twin/codec.js';
import { seededRandom } from '../../src/sample/random.js';
import { wave } from '../codec/formulas.js';
import { JPEG_420, JPEG_FOUR, JPEG_GRAY, LERC_MASKED, WEBP_RGB, WEBP_RGBA } from '../codec/golden-images.js';
import { GOLDEN_VECTORS } from '../codec/golden-vectors.js';
import { fromBase64, implementations, memoryOf } from '../codec/kernels.js';
import { encodeLerc1 } from '../codec/lerc1.js';
import { outcomeOf } from '../codec/outcome.js';

const SEED = 424_242;
const BATCHES = 10;
/** Mutants of one batch. */
const ADDON_MUTANTS = 10_000;
const TWIN_MUTANTS = 500;
/** What a decoder of chunks of a few kilobytes may leave behind, the collector's slack included. */
const MOST_GROWTH = 200 << 20;

type Seed = {
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly codecs: readonly CodecSpec[];
  readonly bytes: Uint8Array;
};

const jpeg = (samplesPerPixel: number): CodecSpec[] => [{ name: 'jpeg', tables: null, toRgb: true, samplesPerPixel }];
const lerc = (samplesPerPixel: number): CodecSpec[] => [{ name: 'lerc', samplesPerPixel, nodata: null }];
const webp = (samplesPerPixel: number): CodecSpec[] => [{ name: 'webp', samplesPerPixel }];
const uint8 = (shape: readonly number[], codecs: readonly CodecSpec[], base64: string): Seed => ({
  dtype: 'uint8',
  shape,
  codecs,
  bytes: fromBase64(base64),
});

const lerc1 = wave('float32', [5, 7]);
const SEEDS: readonly Seed[] = [
  ...GOLDEN_VECTORS.map(({ dtype, shape, codecs, base64 }) => ({ dtype, shape, codecs, bytes: fromBase64(base64) })),
  uint8([16, 24, 3], jpeg(3), JPEG_420.base64),
  uint8([16, 24], jpeg(1), JPEG_GRAY),
  uint8([16, 24, 4], jpeg(4), JPEG_FOUR),
  uint8([16, 24, 3], webp(3), WEBP_RGB),
  uint8([16, 24, 4], webp(4), WEBP_RGBA),
  uint8([6, 20], lerc(1), LERC_MASKED.uint8),
  uint8([6, 20, 4], lerc(4), LERC_MASKED.uint8Bands),
  { dtype: 'float32', shape: [6, 20], codecs: lerc(1), bytes: fromBase64(LERC_MASKED.float32) },
  {
    dtype: 'float32',
    shape: [5, 7],
    codecs: lerc(1),
    bytes: encodeLerc1(
      lerc1 as Float32Array,
      Array.from({ length: lerc1.length }, (_, i) => i % 4 !== 1),
      7,
    ),
  },
];

/** Change, cut, repeat or lengthen; bytes at the front, where sizes stand, are hit most. */
function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  const mutant = Uint8Array.from(bytes);
  const changes = 1 + Math.floor(random() * 4);
  for (let i = 0; i < changes; i++) {
    const at = Math.floor(random() * (random() < 0.5 ? Math.min(40, mutant.length) : mutant.length));
    const kind = random();
    if (kind < 0.4) mutant[at] = Math.floor(random() * 256);
    else if (kind < 0.6) mutant[at]! ^= 1 << Math.floor(random() * 8);
    else if (kind < 0.8) mutant[at] = random() < 0.5 ? 0xff : 0;
    else mutant.copyWithin(at, Math.floor(random() * mutant.length));
  }
  const end = random();
  if (end < 0.15) return mutant.subarray(0, Math.floor(random() * mutant.length));
  if (end < 0.2) return Uint8Array.from([...mutant, ...mutant.subarray(0, 50)]);
  return mutant;
}

describe.each(implementations)('mutated chunks with the %s', (which, kernels) => {
  const total = which === 'addon' ? ADDON_MUTANTS : TWIN_MUTANTS;
  it.each(Array.from({ length: BATCHES }, (_, batch) => batch))(
    `are samples or an error, never more (${total} of seed ${SEED} + %i)`,
    (batch) => {
      const random = seededRandom(SEED + batch);
      const before = process.memoryUsage().rss;
      let errors = 0;
      for (let i = 0; i < total; i++) {
        const seed = SEEDS[i % SEEDS.length]!;
        const count = seed.shape.reduce((product, size) => product * size, 1);
        const result = outcomeOf(() => decodeChunkWith(kernels, seed, mutate(seed.bytes, random)));
        if (typeof result === 'string') errors++;
        else if (result.length !== count) throw new Error(`${result.length} samples of ${count}`);
      }
      expect(errors).toBeGreaterThan(total / 5);
      expect(process.memoryUsage().rss - before).toBeLessThan(MOST_GROWTH);
    },
  );
});

it.each(implementations)('headers of the %s that promise gigabytes cost nothing', (_, kernels) => {
  const frame = encodeBytesWith(
    codecTwin,
    { name: 'blosc', cname: 'zstd', level: 1, shuffle: 'shuffle' },
    memoryOf(wave('uint16', [64, 64])),
    2,
  );
  new DataView(frame.buffer).setUint32(4, 0xfffffff0, true);
  const window = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xff, 0x01, 0x00, 0x00);
  const content = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 1, 0, 0, 0, 0x01, 0x00, 0x00);
  const size = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x10, 0x20);
  const before = process.memoryUsage().rss;
  for (const [name, bytes] of [
    ['blosc', frame],
    ['zstd', window],
    ['zstd', content],
    ['lz4', size],
  ] as const) {
    const layout = {
      dtype: 'uint16',
      shape: [64, 64],
      codecs: [{ name }, { name: 'bytes', endian: 'little' }],
    } as const;
    expect(outcomeOf(() => decodeChunkWith(kernels, layout, bytes))).toBe('invalid-data');
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(50 << 20);
});
