import fc from 'fast-check';
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { COMPRESSION, type CodecKernels, type TileCoding } from '../../src/native/codec-types.js';
import { codecTwin } from '../../src/native/twin/codec.js';
import { implementations } from '../codec/kernels.js';

const SEED = 20_231;
const RUNS = 400;

type Outcome = { readonly code: number; readonly bytes: Uint8Array | null };

/** Code and bytes of one call into an output of `length` bytes; bytes count only where all were decoded. */
function run(kernels: CodecKernels, input: Uint8Array, length: number, coding: Partial<TileCoding>): Outcome {
  const output = new Uint8Array(length);
  const code = kernels.decodeTile(input, output, {
    compression: COMPRESSION.none,
    elementSize: 1,
    swapBytes: false,
    predictor: 1,
    rowSamples: 1,
    samplesPerPixel: 1,
    needed: length,
    surplus: false,
    ...coding,
  });
  return { code, bytes: code >= length ? output : null };
}

/** Bytes that often look like a stream of the codec: small numbers, repeats, and the codec's usual first byte. */
const streams = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.array(fc.nat(40), { maxLength: 200 }).map((values) => Uint8Array.from(values)),
  fc.uint8Array({ maxLength: 100 }).map((bytes) => Uint8Array.from([0x80, ...bytes])),
  fc.uint8Array({ maxLength: 100 }).map((bytes) => Uint8Array.from([0x00, 0x01, ...bytes])),
);

describe.each(implementations)('the %s agrees with the twin', (_, kernels) => {
  it.each(['lzw', 'packbits', 'none'] as const)('on any bytes as %s', (name) => {
    const property = fc.property(streams, fc.nat(600), fc.boolean(), (input, length, surplus) => {
      const coding = { compression: COMPRESSION[name], surplus };
      expect(run(kernels, input, length, coding)).toEqual(run(codecTwin, input, length, coding));
    });
    fc.assert(property, { seed: SEED, numRuns: RUNS });
  });

  it.each(['lz4', 'blosc', 'zlib', 'gzip', 'zstd'] as const)('that any bytes are no %s', (name) => {
    const property = fc.property(streams, fc.nat(600), (input, length) => {
      const coding = { compression: COMPRESSION[name] };
      const [native, twin] = [run(kernels, input, length, coding), run(codecTwin, input, length, coding)];
      expect(native.bytes).toEqual(twin.bytes);
    });
    fc.assert(property, { seed: SEED, numRuns: RUNS });
  });

  it('on predictors of every width, byte order and number of bands', () => {
    const shapes = fc.record({
      elementSize: fc.constantFrom(1, 2, 4, 8),
      samplesPerPixel: fc.integer({ min: 1, max: 6 }),
      width: fc.integer({ min: 1, max: 17 }),
      rows: fc.integer({ min: 0, max: 5 }),
      swapBytes: fc.boolean(),
      predictor: fc.constantFrom(1, 2, 3, 4),
    });
    const property = fc.property(shapes, fc.infiniteStream(fc.nat(255)), ({ width, rows, ...coding }, noise) => {
      const rowSamples = width * coding.samplesPerPixel;
      const length = rowSamples * coding.elementSize * rows;
      const input = Uint8Array.from(noise.take(length));
      const compressed = { ...coding, rowSamples, compression: COMPRESSION.zlib };
      const encoded = deflateSync(input);
      expect(run(kernels, encoded, length, compressed)).toEqual(run(codecTwin, encoded, length, compressed));
      const plain = { ...coding, rowSamples };
      expect(run(kernels, input, length, plain)).toEqual(run(codecTwin, input, length, plain));
    });
    fc.assert(property, { seed: SEED, numRuns: RUNS });
  });

  it('on packed samples', () => {
    const property = fc.property(
      fc.uint8Array({ maxLength: 120 }),
      fc.integer({ min: 0, max: 33 }),
      fc.nat(20),
      fc.boolean(),
      fc.constantFrom(1, 2, 3, 4),
      fc.nat(200),
      (input, bits, rowSamples, signed, elementSize, length) => {
        const outputs = [kernels, codecTwin].map((kernels) => {
          const output = new Uint8Array(length);
          const code = kernels.unpackBits(input, output, bits, rowSamples, signed, elementSize);
          return { code, output };
        });
        expect(outputs[0]).toEqual(outputs[1]);
      },
    );
    fc.assert(property, { seed: SEED, numRuns: RUNS * 4 });
  });

  it('on shuffles and checksums', () => {
    const property = fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.nat(20),
      fc.boolean(),
      (input, size, inverse) => {
        const outputs = [kernels, codecTwin].map((kernels) => {
          const output = new Uint8Array(input.length);
          return { code: kernels.shuffleBytes(input, output, size, inverse), output, crc: kernels.crc32c(input) };
        });
        expect(outputs[0]).toEqual(outputs[1]);
      },
    );
    fc.assert(property, { seed: SEED, numRuns: RUNS });
  });

  it('on arguments that make no sense', () => {
    const codings: Partial<TileCoding>[] = [
      { compression: 99 },
      { elementSize: 3 },
      { elementSize: 0 },
      { needed: 65 },
      { needed: -1 },
      { predictor: 5 },
      { predictor: 4, rowSamples: 7 },
      { predictor: 0 },
      { predictor: 2, rowSamples: 0 },
      { predictor: 2, rowSamples: 7 },
      { predictor: 2, rowSamples: 8, samplesPerPixel: 3 },
      { predictor: 2, rowSamples: 8, samplesPerPixel: 0 },
      { predictor: 3, rowSamples: 8, elementSize: 1 },
    ];
    for (const coding of codings) {
      const [native, twin] = [kernels, codecTwin].map((kernels) => run(kernels, new Uint8Array(64), 64, coding));
      expect(native!.code).toBeLessThan(0);
      expect(native).toEqual(twin);
    }
  });
});
