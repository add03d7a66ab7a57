import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { byteShuffle, byteUnshuffle } from '../../src/codec/byte-shuffle.js';
import type { CodecSpec } from '../../src/codec/codec-spec.js';
import { crc32c } from '../../src/codec/crc32c.js';
import { decodeChunkWith } from '../../src/codec/decode-chunk.js';
import { encodeBytesWith, type EncodeSpec } from '../../src/codec/encode-chunk.js';
import { codecTwin } from '../../src/native/twin/codec.js';
import { terraces, wave } from './formulas.js';
import { implementations, memoryOf } from './kernels.js';
import { outcomeOf } from './outcome.js';

const SPECS: readonly EncodeSpec[] = [
  ...(['zstd', 'lz4'] as const).flatMap((cname) =>
    (['shuffle', 'bitshuffle', 'noshuffle'] as const).flatMap((shuffle) =>
      [0, 1, 5].map((level) => ({ name: 'blosc', cname, level, shuffle }) as const),
    ),
  ),
  { name: 'zstd', level: 1 },
  { name: 'zstd', level: 9 },
  { name: 'gzip', level: 0 },
  { name: 'gzip', level: 6 },
  { name: 'none' },
];

const title = (spec: EncodeSpec) => Object.values(spec).join(' ');
const decoderOf = ({ name }: EncodeSpec): CodecSpec[] => [
  ...(name === 'none' ? [] : [{ name } as CodecSpec]),
  { name: 'bytes', endian: 'little' },
];

/** Kernels that can read what the others wrote: each implementation is held to both decoders. */
const decoders = implementations.map(([, kernels]) => kernels);

describe.each(implementations)('encodeBytes with the %s', (_, kernels) => {
  it.each(SPECS.map((spec) => [title(spec), spec] as const))('%s is read back by addon and twin', (_title, spec) => {
    const codecs = decoderOf(spec);
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 5000 }),
      fc
        .tuple(fc.integer({ min: 1, max: 700_000 }), fc.integer({ min: 1, max: 97 }))
        .map(([length, period]) => Uint8Array.from({ length }, (_v, i) => Math.floor(i / period) % 251)),
    );
    fc.assert(
      fc.property(bytes, fc.constantFrom(1, 2, 3, 4, 8, 24), (input, elementSize) => {
        const encoded = encodeBytesWith(kernels, spec, input, elementSize);
        for (const decoder of decoders) {
          const decoded = decodeChunkWith(decoder, { dtype: 'uint8', shape: [input.length], codecs }, encoded);
          if (Buffer.compare(memoryOf(decoded), input) !== 0) throw new Error(`other bytes from ${title(spec)}`);
        }
      }),
      { seed: 11, numRuns: 8 },
    );
  });

  it('the same input gives the same bytes, whatever was encoded before', () => {
    const samples = memoryOf(wave('uint16', [256, 256]));
    for (const spec of SPECS) {
      const first = encodeBytesWith(kernels, spec, samples, 2);
      encodeBytesWith(kernels, spec, memoryOf(terraces('uint32', [100, 300])), 4);
      expect(Buffer.compare(encodeBytesWith(kernels, spec, samples, 2), first)).toBe(0);
    }
  });

  it('a blosc frame has the header that c-blosc reads', () => {
    const samples = memoryOf(terraces('uint16', [500, 500]));
    const spec = { name: 'blosc', cname: 'zstd', level: 1, shuffle: 'shuffle' } as const;
    const frame = encodeBytesWith(kernels, spec, samples, 2);
    const view = new DataView(frame.buffer, frame.byteOffset);
    expect([...frame.subarray(0, 4)]).toEqual([2, 1, 1 | 16 | (4 << 5), 2]);
    expect(view.getUint32(4, true)).toBe(500_000);
    expect(view.getUint32(8, true)).toBe(262_144);
    expect(view.getUint32(12, true)).toBe(frame.length);
    expect(frame.length).toBeLessThan(20_000);
  });

  it('noise is stored, 16 bytes longer', () => {
    const noise = createHash('shake256', { outputLength: 30_000 }).update('seed').digest();
    for (const cname of ['zstd', 'lz4'] as const) {
      const spec = { name: 'blosc', cname, level: 5, shuffle: 'shuffle' } as const;
      const frame = encodeBytesWith(kernels, spec, noise, 2);
      expect(frame.length).toBe(noise.length + 16);
      expect(frame[2]! & 2).toBe(2);
    }
  });

  it('gzip names no time and no system', () => {
    const input = memoryOf(wave('uint16', [20, 20]));
    const member = encodeBytesWith(kernels, { name: 'gzip', level: 6 }, input, 2);
    expect([...member.subarray(4, 8), member[9]]).toEqual([0, 0, 0, 0, 255]);
    expect(new Uint8Array(gunzipSync(member))).toEqual(input);
  });

  it('a level out of range is an argument error', () => {
    for (const spec of [
      { name: 'zstd', level: 0 },
      { name: 'zstd', level: 23 },
      { name: 'gzip', level: 10 },
      { name: 'blosc', cname: 'zstd', level: 1.5, shuffle: 'shuffle' },
    ] as EncodeSpec[]) {
      expect(outcomeOf(() => encodeBytesWith(kernels, spec, new Uint8Array(8), 2))).toBe('invalid-argument');
    }
  });

  it('CRC-32C has the values of RFC 3720', () => {
    expect(kernels.crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
    expect(kernels.crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(kernels.crc32c(new Uint8Array())).toBe(0);
  });
});

it('byteShuffle groups the bytes of elements and leaves the rest at the end', () => {
  expect([...byteShuffle(Uint8Array.of(1, 2, 3, 4, 5, 6, 7), 2)]).toEqual([1, 3, 5, 2, 4, 6, 7]);
  const bytes = memoryOf(wave('uint32', [7, 5]));
  for (const size of [1, 2, 3, 4, 8, 16]) expect(byteUnshuffle(byteShuffle(bytes, size), size)).toEqual(bytes);
  expect(outcomeOf(() => byteShuffle(bytes, 0))).toBe('invalid-argument');
  expect(crc32c(bytes)).toBe(codecTwin.crc32c(bytes));
});
