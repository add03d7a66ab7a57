import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { CodecSpec } from '../../src/codec/codec-spec.js';
import { decodeChunkWith } from '../../src/codec/decode-chunk.js';
import { isCubeError } from '../../src/errors.js';
import { openGeoTiff } from '../../src/raster/cog/open-geotiff.js';
import { headLength } from '../../src/raster/head-length.js';
import { readChunk, readPlane } from '../../src/raster/read-plane.js';
import { implementations, memoryOf } from '../codec/kernels.js';
import { factoryOf, RecordingSource } from './cog/recording-source.js';
import { seededValue } from './cog/seeded.js';
import { writeTiff, type ImageSpec } from './cog/tiff-writer.js';

const SIDE = 1024;
const noise = seededValue(3, 65_536);
const value: ImageSpec['value'] = (pixel) => noise(pixel) & 0x3fff;

async function open(image: Partial<ImageSpec>) {
  const source = new RecordingSource(
    writeTiff({
      images: [{ width: SIDE, height: SIDE, dtype: 'uint16', tile: { width: SIDE, height: SIDE }, value, ...image }],
    }),
  );
  const level = (await openGeoTiff(source)).levels[0]!;
  source.reads.length = 0;
  return { source, level, sources: factoryOf(source) };
}

const lengthsOf = (source: RecordingSource) =>
  source.reads.map((range) => (range === 'all' || 'suffix' in range ? NaN : range.length));

describe('the head of a tile', () => {
  it('is all that is read of a DEFLATE tile whose upper rows are wanted', async () => {
    const { source, level, sources } = await open({ compression: 'deflate', predictor: 2 });
    const window = { col: 40, row: 100, width: 256, height: 256 };
    const data = await readPlane(level, { at: [0, 0, 0], window }, sources);
    const at = (row: number, col: number) => value({ band: 0, row: row + window.row, col: col + window.col });
    for (const [row, col] of [
      [0, 0],
      [17, 255],
      [255, 3],
      [255, 255],
    ] as const)
      expect(data[row * window.width + col]).toBe(at(row, col));
    const [read] = lengthsOf(source);
    const whole = level.refs.kind === 'ranges' ? level.refs.lengths[0]! : 0;
    expect(source.reads).toHaveLength(1);
    expect(read).toBeLessThan(whole * 0.6);
  });

  it('is topped up where the upper rows are denser than the rest', async () => {
    const { source, level, sources } = await open({
      compression: 'deflate',
      value: (pixel) => (pixel.row < 512 ? value(pixel) : 0),
    });
    const samples = await readChunk(level, [0, 0, 0], sources, { rows: 500 });
    for (const row of [0, 250, 499]) expect(samples?.[row * SIDE + 7]).toBe(value({ band: 0, row, col: 7 }));
    const whole = level.refs.kind === 'ranges' ? level.refs.lengths[0]! : 0;
    const lengths = lengthsOf(source);
    expect(lengths).toHaveLength(2);
    expect(lengths[0]! + lengths[1]!).toBe(whole);
  });

  it('is exact where nothing is compressed', async () => {
    const { source, level, sources } = await open({});
    const samples = await readChunk(level, [0, 0, 0], sources, { rows: 3 });
    expect(samples?.[2 * SIDE + 9]).toBe(value({ band: 0, row: 2, col: 9 }));
    expect(lengthsOf(source)).toEqual([3 * SIDE * 2]);
  });

  it('counts rows that only pad the last tile of a raster as empty', async () => {
    const { level } = await open({ height: 700, compression: 'deflate' });
    const whole = level.refs.kind === 'ranges' ? level.refs.lengths[0]! : 0;
    const row = SIDE * 2;
    const rows = { needed: 300 * row, filled: 700 * row, total: SIDE * row };
    expect(headLength(level.codecs, whole, rows)).toBeGreaterThan((whole * 300) / 700);
    expect(headLength(level.codecs, whole, { ...rows, needed: 600 * row })).toBeNull();
  });

  it('is not taken of frames that are decoded as a whole, nor of chunks of unknown versions', async () => {
    const rows = { needed: 1, filled: 1e7, total: 1e7 };
    const bytes: CodecSpec = { name: 'bytes', endian: 'little' };
    expect(headLength([{ name: 'blosc' }, bytes], 5e6, rows)).toBeNull();
    expect(headLength([{ name: 'jpeg', tables: null, toRgb: false, samplesPerPixel: 1 }], 5e6, rows)).toBeNull();
    const { source, level, sources } = await open({ compression: 'deflate' });
    await readChunk({ ...level, identity: null }, [0, 0, 0], sources, { rows: 8 });
    expect(lengthsOf(source)).toEqual([level.refs.kind === 'ranges' ? level.refs.lengths[0]! : 0]);
  });

  it('does not hide a damaged tile', async () => {
    const { source, level, sources } = await open({ compression: 'deflate' });
    if (level.refs.kind !== 'ranges') throw new Error('ranges expected');
    const offset = level.refs.offsets[0]!;
    const { bytes } = await source.read('all');
    bytes.fill(0xff, offset, offset + 4096); // a view of the source's own bytes
    const error = await readChunk(level, [0, 0, 0], sources, { rows: 8 }).catch((one: unknown) => one);
    expect(isCubeError(error, 'invalid-data')).toBe(true);
  });
});

const ROWS = 512;
const COLS = 256;
const samples = Uint16Array.from({ length: ROWS * COLS }, (_, i) =>
  i % 7 === 0 ? noise({ band: 0, row: 0, col: i }) : i,
);
const raw = new Uint8Array(samples.buffer);
const STREAMS: readonly (readonly [CodecSpec['name'], Uint8Array])[] = [
  ['zlib', deflateSync(raw, { level: 1 })],
  ['zlib', deflateSync(raw, { level: 9 })],
  ['zlib', deflateSync(raw, { level: 0 })],
  ['gzip', gzipSync(raw)],
];

describe.each(implementations)('a cut stream, %s', (_name, kernels) => {
  it('gives the right rows or says that it is too short, wherever it is cut', () => {
    for (const [name, stream] of STREAMS) {
      const codecs = [{ name } as CodecSpec, { name: 'bytes', endian: 'little' } as const];
      for (const rows of [1, 9, 300, ROWS - 1]) {
        let worked = 0;
        for (let end = 0; end <= stream.length; end += 1 + Math.floor(stream.length / 150)) {
          const layout = { dtype: 'uint16', shape: [ROWS, COLS], codecs } as const;
          try {
            const found = decodeChunkWith(kernels, layout, stream.subarray(0, end), { rows });
            worked++;
            const right = Buffer.compare(memoryOf(found.subarray(0, rows * COLS)), raw.subarray(0, 2 * rows * COLS));
            expect(right, `${name}, ${rows} rows, cut at ${end}`).toBe(0);
          } catch (error) {
            if (!isCubeError(error, 'invalid-data')) throw error;
          }
        }
        if (rows < 9) expect(worked).toBeGreaterThan(0);
      }
    }
  });
});
