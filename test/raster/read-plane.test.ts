import { describe, expect, it } from 'vitest';
import { newSamples, type DataType, type Samples } from '../../src/grid/dtype.js';
import type { Window } from '../../src/grid/affine.js';
import { openGeoTiff } from '../../src/raster/cog/open-geotiff.js';
import type { RasterLevel } from '../../src/raster/level.js';
import { readChunk, readPlane } from '../../src/raster/read-plane.js';
import { factoryOf, RecordingSource } from './cog/recording-source.js';
import { seededValue } from './cog/seeded.js';
import { writeTiff, type ImageSpec, type TiffSpec } from './cog/tiff-writer.js';

const WIDTH = 53;
const HEIGHT = 37;

async function open(image: Partial<ImageSpec>, file: Omit<TiffSpec, 'images'> = {}) {
  const source = new RecordingSource(writeTiff({ ...file, images: [imageOf(image)] }));
  const raster = await openGeoTiff(source);
  source.reads.length = 0;
  return { source, sources: factoryOf(source), level: raster.levels[0]! };
}

function imageOf(image: Partial<ImageSpec>): ImageSpec {
  const { dtype = 'uint8', bits } = image;
  const range = bits === undefined ? 251 : 2 ** bits;
  const shift = dtype.startsWith('uint') ? 0 : 100;
  const seeded = seededValue(5, range);
  return {
    width: WIDTH,
    height: HEIGHT,
    value: (pixel) => (dtype.startsWith('float') ? seeded(pixel) / 8 : seeded(pixel) - shift),
    ...image,
  };
}

function expectedPlane(image: Partial<ImageSpec>, dtype: DataType, band: number, window: Window): Samples {
  const { value } = imageOf(image);
  const samples = newSamples(dtype, window.width * window.height);
  for (let i = 0; i < samples.length; i++) {
    const number = value({
      band,
      row: window.row + Math.floor(i / window.width),
      col: window.col + (i % window.width),
    });
    if (samples instanceof BigInt64Array || samples instanceof BigUint64Array) samples[i] = BigInt(number);
    else samples[i] = number;
  }
  return samples;
}

const bandAt = (level: RasterLevel, band: number) => level.shape.map((_, d) => (d === level.axes!.band ? band : NaN));
const WHOLE: Window = { col: 0, row: 0, width: WIDTH, height: HEIGHT };
const PART: Window = { col: 14, row: 9, width: 30, height: 20 };

const LAYOUTS: readonly Partial<ImageSpec>[] = [
  { tile: { width: 16, height: 16 } },
  { tile: { width: 48, height: 16 }, bands: 3 },
  { tile: { width: 16, height: 32 }, bands: 3, planar: true },
  { rowsPerStrip: 8 },
  { rowsPerStrip: 10, bands: 2 },
  { rowsPerStrip: 10, bands: 2, planar: true },
  {},
];
const TYPES: readonly Partial<ImageSpec>[] = [
  { dtype: 'uint8' },
  { dtype: 'int8', compression: 'lzw', predictor: 2 },
  { dtype: 'uint16', compression: 'deflate', predictor: 2 },
  { dtype: 'int16', compression: 'packbits' },
  { dtype: 'int32', compression: 'deflate', predictor: 2 },
  { dtype: 'uint32', compression: 'lzw' },
  { dtype: 'int64', compression: 'deflate' },
  { dtype: 'float32', compression: 'deflate', predictor: 3 },
  { dtype: 'float64', compression: 'deflate', predictor: 3 },
  { dtype: 'float32', compression: 'lzw', fillOrder: 2 },
  { bits: 1, fillOrder: 2 },
  { bits: 3, compression: 'packbits' },
  { bits: 12, compression: 'deflate', dtype: 'uint16' },
];

describe('readPlane', () => {
  const files = [
    { littleEndian: true },
    { littleEndian: false },
    { littleEndian: true, big: true },
    { littleEndian: false, big: true },
  ];
  const cases = TYPES.flatMap((type, i) =>
    LAYOUTS.map((layout, j) => ({ image: { ...type, ...layout }, file: files[(i + j) % 4]! })),
  );

  it.each(cases)('gives the samples that were written: $image $file', async ({ image, file }) => {
    const { level, sources } = await open(image, file);
    const bands = image.bands ?? 1;
    for (const window of [WHOLE, PART]) {
      for (let band = 0; band < bands; band++) {
        const found = await readPlane(level, { at: bandAt(level, band), window }, sources);
        expect(found).toEqual(expectedPlane(image, level.dtype, band, window));
      }
    }
  });

  it('W3 big-endian and planar files give what their little-endian, chunky twins give', async () => {
    const planes: Samples[] = [];
    for (const littleEndian of [true, false]) {
      for (const planar of [true, false]) {
        const image = {
          dtype: 'int16',
          bands: 2,
          planar,
          compression: 'deflate',
          predictor: 2,
          tile: { width: 16, height: 16 },
        } as const;
        const { level, sources } = await open(image, { littleEndian });
        planes.push(await readPlane(level, { at: bandAt(level, 1), window: WHOLE }, sources));
      }
    }
    for (const plane of planes.slice(1)) expect(plane).toEqual(planes[0]);
  });

  it('E7 gives nodata for sparse tiles, without a request', async () => {
    const tags = [{ tag: 42_113, type: 2, values: '-7\0' }];
    const sparse = (chunk: number) => chunk !== 5;
    const { level, sources, source } = await open({ dtype: 'int16', tile: { width: 16, height: 16 }, sparse, tags });
    const found = await readPlane(level, { at: bandAt(level, 0), window: WHOLE }, sources);
    expect(source.reads).toHaveLength(1);
    const expected = expectedPlane({ dtype: 'int16' }, 'int16', 0, WHOLE);
    for (let i = 0; i < expected.length; i++) {
      const [row, col] = [Math.floor(i / WIDTH), i % WIDTH];
      expect(found[i]).toBe(row >= 16 && row < 32 && col >= 16 && col < 32 ? expected[i] : -7);
    }
  });

  it('fetches only the chunks that the window touches, each once', async () => {
    const { level, sources, source } = await open({ tile: { width: 16, height: 16 } });
    await readPlane(level, { at: bandAt(level, 0), window: { col: 15, row: 16, width: 2, height: 16 } }, sources);
    expect(source.reads).toHaveLength(2);
  });

  it('gives null for a missing chunk', async () => {
    const { level, sources } = await open({ tile: { width: 16, height: 16 }, sparse: () => true });
    expect(await readChunk(level, [0, 0, 0], sources)).toBeNull();
  });

  it.each([
    [{ col: 40, row: 0, width: 20, height: 5 }, [NaN, NaN, 0]],
    [{ col: 0, row: 0, width: 0, height: 5 }, [NaN, NaN, 0]],
    [{ col: 0.5, row: 0, width: 1, height: 1 }, [NaN, NaN, 0]],
    [WHOLE, [NaN, NaN, 1]],
    [WHOLE, [NaN, NaN]],
  ])('refuses a window or index outside: %j %j', async (window, at) => {
    const { level, sources } = await open({});
    await expect(readPlane(level, { at, window }, sources)).rejects.toMatchObject({
      problem: { kind: 'invalid-argument' },
    });
  });

  it('fails with the first chunk that fails, and asks for no more', async () => {
    const { level, sources, source } = await open({ tile: { width: 16, height: 16 }, compression: 'deflate' });
    const broken = { ...level, codecs: [{ name: 'zstd' } as const, ...level.codecs.slice(1)] };
    const read = readPlane(broken, { at: bandAt(level, 0), window: WHOLE }, sources, { concurrency: 1 });
    await expect(read).rejects.toMatchObject({ problem: { kind: 'invalid-data' } });
    expect(source.reads).toHaveLength(1);
  });

  it('stops when the caller aborts', async () => {
    const { level, sources } = await open({});
    const options = { signal: AbortSignal.abort() };
    const read = readPlane(level, { at: bandAt(level, 0), window: WHOLE }, sources, options);
    await expect(read).rejects.toMatchObject({ problem: { kind: 'aborted' } });
  });
});
