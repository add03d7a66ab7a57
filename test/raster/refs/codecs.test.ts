import { describe, expect, it } from 'vitest';
import type { CodecSpec } from '../../../src/codec/codec-spec.js';
import type { DataType } from '../../../src/grid/dtype.js';
import { expressCodecs } from '../../../src/raster/refs/express-codecs.js';
import { parseTypeV2 } from '../../../src/raster/zarr/array-type.js';
import { parseCodecsV2 } from '../../../src/raster/zarr/codecs-v2.js';
import { parseCodecsV3 } from '../../../src/raster/zarr/codecs-v3.js';

const ROWS = 16;
const COLUMNS = 32;

const bytes: CodecSpec = { name: 'bytes', endian: 'little', surplus: 'ignore' };
const big: CodecSpec = { name: 'bytes', endian: 'big', surplus: 'ignore' };
const predictor = (bands: number): CodecSpec => ({
  name: 'predictor',
  rowSamples: COLUMNS * bands,
  samplesPerPixel: bands,
});
const floats: CodecSpec = { name: 'float-predictor', rowSamples: COLUMNS, samplesPerPixel: 1 };
const lerc: CodecSpec = { name: 'lerc', samplesPerPixel: 1, nodata: null };

const CHAINS: readonly (readonly [what: string, dtype: DataType, bands: number, codecs: readonly CodecSpec[]])[] = [
  ['plain samples', 'uint8', 1, [bytes]],
  ['big-endian samples', 'float64', 1, [big]],
  ['deflate', 'uint16', 1, [{ name: 'zlib' }, bytes]],
  ['deflate, predictor 2', 'uint16', 1, [{ name: 'zlib' }, bytes, predictor(1)]],
  ['deflate, predictor 2, big-endian', 'int32', 1, [{ name: 'zlib' }, big, predictor(1)]],
  ['deflate, predictor 3', 'float32', 1, [{ name: 'zlib' }, floats]],
  ['LZW, predictor 2', 'uint8', 1, [{ name: 'lzw' }, bytes, predictor(1)]],
  ['zstd, predictor 3', 'float64', 1, [{ name: 'zstd' }, floats]],
  ['PackBits', 'uint8', 1, [{ name: 'packbits' }, bytes]],
  ['LERC', 'float32', 1, [lerc]],
  ['LERC in zstd', 'float32', 1, [{ name: 'zstd' }, lerc]],
  ['interleaved bands', 'uint8', 3, [{ name: 'zlib' }, bytes]],
  ['interleaved bands, predictor 2', 'uint16', 4, [{ name: 'lzw' }, bytes, predictor(4)]],
];

/** Without what only TIFF says: that bytes may follow. */
function bare(codecs: readonly CodecSpec[]): CodecSpec[] {
  return codecs.map((codec) => (codec.name === 'bytes' ? { name: 'bytes', endian: codec.endian } : codec));
}

describe.each(CHAINS)('%s', (_what, dtype, bands, codecs) => {
  const expression = expressCodecs({ dtype, codecs, rows: ROWS, columns: COLUMNS, bands, lead: 1 });
  if (!('codecs' in expression)) throw new Error(expression.refused);
  const { v2, v3 } = expression.codecs;
  const wide = !['uint8'].includes(dtype);
  // The byte order of single bytes says nothing.
  const expected = bare(codecs).map((codec) =>
    codec.name === 'bytes' && !wide ? { ...codec, endian: 'little' } : codec,
  );

  it('means the same in Zarr v3', () => {
    const shape = [1, ...(bands > 1 ? [bands] : []), ROWS, COLUMNS];
    const back = parseCodecsV3(v3, { dtype, shape, url: 'memory:a' });
    const transposed = bands > 1 ? [{ name: 'transpose', order: [0, 2, 3, 1] }] : [];
    expect(back).toEqual({ codecs: [...expected, ...transposed], shard: null });
  });

  it('means the same in Zarr v2', () => {
    const metadata = { filters: v2.filters, compressor: v2.compressor };
    const type = parseTypeV2(v2.dtype, 'memory:a');
    expect(type.dtype).toBe(dtype);
    expect(parseCodecsV2(metadata, type, bands > 1 ? 4 : 3, 'memory:a')).toEqual(expected);
  });
});

describe('codecs without a name in Zarr', () => {
  const REFUSED: readonly (readonly [what: string, dtype: DataType, bands: number, codecs: readonly CodecSpec[]])[] = [
    ['codec unpack-bits', 'uint8', 1, [{ name: 'unpack-bits', bits: 4, rowSamples: 8, signed: false }]],
    ['codec jpeg', 'uint8', 3, [{ name: 'jpeg', tables: null, toRgb: true, samplesPerPixel: 3 }]],
    ['codec bit-reverse', 'uint8', 1, [{ name: 'bit-reverse' }, bytes]],
    ['floating point predictor of interleaved bands', 'float32', 2, [{ name: 'zlib' }, floats]],
    ['LERC of interleaved bands', 'uint8', 3, [{ name: 'lerc', samplesPerPixel: 3, nodata: null }]],
  ];
  it.each(REFUSED)('%s: refused by name', (what, dtype, bands, codecs) => {
    expect(expressCodecs({ dtype, codecs, rows: ROWS, columns: COLUMNS, bands, lead: 1 })).toEqual({ refused: what });
  });
});

describe("virtual-tiff's own form of interleaved bands", () => {
  it('is understood: a transpose, and samples in F order', () => {
    const list = [
      { name: 'HorizontalDeltaCodec' },
      { name: 'transpose', configuration: { order: [0, 2, 1] } },
      { name: 'ChunkyCodec', configuration: { endian: 'little' } },
      { name: 'imagecodecs_lzw' },
    ];
    const { codecs } = parseCodecsV3(list, { dtype: 'uint8', shape: [3, ROWS, COLUMNS], url: 'memory:a' });
    // Stored: rows, columns, bands.
    const order = [1, 2, 0];
    expect(codecs).toEqual([
      { name: 'lzw' },
      { name: 'bytes', endian: 'little' },
      predictor(3),
      { name: 'transpose', order },
    ]);
  });

  it.each([
    [
      [
        { name: 'HorizontalDeltaCodec' },
        { name: 'delta', configuration: { dtype: '<u2' } },
        { name: 'bytes', configuration: { endian: 'little' } },
      ],
    ],
    [[{ name: 'imagecodecs_floatpred' }, { name: 'bytes', configuration: { endian: 'little' } }]],
    [[{ name: 'bytes', configuration: { endian: 'little' } }, { name: 'imagecodecs_jpeg2k' }]],
  ])('what is not understood is refused: %j', (list) => {
    expect(() => parseCodecsV3(list, { dtype: 'uint16', shape: [ROWS, COLUMNS], url: 'memory:a' })).toThrow(
      /unsupported/,
    );
  });
});
