import fc from 'fast-check';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { CodecSpec } from '../../src/codec/codec-spec.js';
import { decodeChunkWith } from '../../src/codec/decode-chunk.js';
import { canEncode, encodeChain } from '../../src/codec/encode-chain.js';
import { arrayDocument, metadataBytes } from '../../src/cube/writer/array-json.js';
import { sampleBytes } from '../../src/cube/writer/sample-bytes.js';
import { isFloatType, newSamples, storedBytes, type DataType, type Samples } from '../../src/grid/dtype.js';
import { expressCodecs } from '../../src/raster/refs/express-codecs.js';
import type { Json } from '../../src/stac/item.js';
import { temporaryFolder } from '../lake/temporary.js';
import { ICECHUNK_PYTHON } from '../python.js';
import { implementations, memoryOf } from './kernels.js';

const SCRIPT = fileURLToPath(new URL('zarr_digests.py', import.meta.url));
const folder = temporaryFolder();

const TYPES = ['uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'uint64', 'float32', 'float64'] as const;
const COMPRESSIONS = [null, 'zlib', 'zstd', 'gzip', 'blosc', 'lzw', 'packbits'] as const;

type Case = { readonly name: string; readonly dtype: DataType; readonly codecs: readonly CodecSpec[] };

/** As the COG reader gives them: TIFF's own compressions ignore surplus bytes. */
function casesOf(columns: number): Case[] {
  const rows = { rowSamples: columns, samplesPerPixel: 1 };
  return COMPRESSIONS.flatMap((compression) =>
    TYPES.flatMap((dtype) => {
      const head: CodecSpec[] = compression === null ? [] : [{ name: compression }];
      const surplus = compression === 'gzip' || compression === 'blosc' ? {} : ({ surplus: 'ignore' } as const);
      const plain = (['little', 'big'] as const).map((endian) => ({ name: 'bytes', endian, ...surplus }) as CodecSpec);
      const tails: (readonly [string, CodecSpec[]])[] = [
        ['little', [plain[0]!]],
        ['big', [plain[1]!]],
        ['predictor 2 little', [plain[0]!, { name: 'predictor', ...rows }]],
        ['predictor 2 big', [plain[1]!, { name: 'predictor', ...rows }]],
        ...(isFloatType(dtype)
          ? [['predictor 3', [{ name: 'float-predictor', ...rows }]] as [string, CodecSpec[]]]
          : []),
      ];
      return tails.map(([tail, codecs]) => ({
        name: `${compression ?? 'none'}, ${tail}, ${dtype}`,
        dtype,
        codecs: [...head, ...codecs],
      }));
    }),
  );
}

/** Any bits, and runs of equal ones. */
function samplesOf(dtype: DataType, count: number, seed: number): Samples {
  const samples = newSamples(dtype, count);
  const bytes = memoryOf(samples);
  let state = seed;
  for (let i = 0; i < bytes.length; i++) {
    if (i % 7 === 0 || seed % 2 === 0) state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[i] = state >>> 16;
  }
  return samples;
}

const ROWS = 24;
const COLUMNS = 40;

describe('encodeChain', () => {
  it.each(casesOf(COLUMNS).map((one) => [one.name, one] as const))('%s: decoders give the samples', (_, one) => {
    const { dtype, codecs } = one;
    expect(canEncode(codecs, dtype)).toBe(true);
    for (const seed of [1, 2, 3]) {
      const samples = samplesOf(dtype, ROWS * COLUMNS, seed);
      const before = memoryOf(samples).slice();
      const encoded = encodeChain(codecs, sampleBytes(samples, dtype), dtype);
      expect(memoryOf(samples)).toEqual(before);
      for (const [, kernels] of implementations) {
        const decoded = decodeChunkWith(kernels, { dtype, shape: [1, ROWS, COLUMNS], codecs }, encoded);
        expect(Buffer.compare(memoryOf(decoded), before)).toBe(0);
      }
    }
  });

  it.each(['lzw', 'packbits'] as const)('%s of any bytes of any length is read back', (name) => {
    const codecs: CodecSpec[] = [{ name }, { name: 'bytes', endian: 'little' }];
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc
        .tuple(fc.integer({ min: 1, max: 40_000 }), fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 4096 }))
        .map(([length, period, factor]) =>
          Uint8Array.from({ length }, (_v, i) => (Math.floor(i / period) * factor) >> 3),
        ),
      fc.integer({ min: 3000, max: 20_000 }).map((length) => memoryOf(samplesOf('uint8', length, length * 2))),
    );
    fc.assert(
      fc.property(bytes, (input) => {
        const encoded = encodeChain(codecs, input, 'uint8');
        for (const [, kernels] of implementations) {
          const decoded = decodeChunkWith(kernels, { dtype: 'uint8', shape: [input.length], codecs }, encoded);
          if (Buffer.compare(memoryOf(decoded), input) !== 0) throw new Error('other bytes');
        }
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  it('says what it cannot encode', () => {
    const little: CodecSpec = { name: 'bytes', endian: 'little' };
    const refused: (readonly [readonly CodecSpec[], DataType])[] = [
      [[{ name: 'lerc', samplesPerPixel: 1, nodata: null }], 'uint16'],
      [[{ name: 'lz4' }, little], 'uint16'],
      [[{ name: 'shuffle', elementSize: 2 }, little], 'uint16'],
      [[little, { name: 'predictor', rowSamples: 12, samplesPerPixel: 3 }], 'uint8'],
      [[{ name: 'jpeg', tables: null, toRgb: false, samplesPerPixel: 1 }], 'uint8'],
      [[{ name: 'unpack-bits', bits: 12, rowSamples: 8, signed: false }], 'uint16'],
      [[little], 'float16'],
    ];
    for (const [codecs, dtype] of refused) expect(canEncode(codecs, dtype)).toBe(false);
  });

  it.skipIf(!existsSync(ICECHUNK_PYTHON))('zarr-python reads every chain alike', { timeout: 120_000 }, () => {
    const expected: Record<string, string> = {};
    for (const [i, { name, dtype, codecs }] of casesOf(COLUMNS).entries()) {
      const samples = samplesOf(dtype, ROWS * COLUMNS, i + 1);
      const expression = expressCodecs({ dtype, codecs, rows: ROWS, columns: COLUMNS, bands: 1, lead: 1 });
      if ('refused' in expression) throw new Error(`${name}: ${expression.refused}`);
      const document = arrayDocument({
        dtype,
        shape: [1, ROWS, COLUMNS],
        chunkShape: [1, ROWS, COLUMNS],
        dimensions: ['time', 'y', 'x'],
        fill: 0,
        attributes: {},
        codecs: expression.codecs.v3 as Json,
      });
      mkdirSync(join(folder, `${i}`, 'c', '0', '0'), { recursive: true });
      writeFileSync(join(folder, `${i}`, 'zarr.json'), metadataBytes(document));
      const bytes = sampleBytes(samples, dtype);
      writeFileSync(join(folder, `${i}`, 'c', '0', '0', '0'), encodeChain(codecs, bytes, dtype));
      expected[`${i}`] = createHash('sha256').update(memoryOf(samples)).digest('hex');
      expect(bytes.length).toBe(ROWS * COLUMNS * storedBytes(dtype));
    }
    const { stdout, stderr } = spawnSync(ICECHUNK_PYTHON, [SCRIPT, folder], { encoding: 'utf8', maxBuffer: 2 ** 24 });
    if (stdout === '') throw new Error(stderr);
    const found = JSON.parse(stdout) as Record<string, string>;
    const wrong = casesOf(COLUMNS).flatMap(({ name }, i) =>
      found[`${i}`] === expected[`${i}`] ? [] : [`${name}: ${found[`${i}`]}`],
    );
    expect(wrong).toEqual([]);
  });
});
