import { describe, expect, it } from 'vitest';
import { MemorySource } from '../../../src/io/memory-source.js';
import { openGeoTiff } from '../../../src/raster/cog/open-geotiff.js';
import { chunkRef } from '../../../src/raster/level.js';
import { RecordingSource } from './recording-source.js';
import { seededValue } from './seeded.js';
import { writeTiff, type ImageSpec, type TagSpec, type TiffSpec } from './tiff-writer.js';

const image = (change: Partial<ImageSpec> = {}): ImageSpec => ({
  width: 64,
  height: 48,
  value: seededValue(1, 200),
  ...change,
});
const ascii = (tag: number, text: string): TagSpec => ({ tag, type: 2, values: `${text}\0` });
const open = (spec: TiffSpec) => openGeoTiff(new MemorySource(writeTiff(spec), 'memory:test.tif'));
const openImage = (change: Partial<ImageSpec>) => open({ images: [image(change)] });

describe('reading the header', () => {
  const cog: TiffSpec = {
    images: [
      image({ width: 1024, height: 1024, tile: { width: 256, height: 256 } }),
      image({ width: 512, height: 512, tile: { width: 256, height: 256 }, subfileType: 1 }),
    ],
  };

  it('opens a COG in one read', async () => {
    const source = new RecordingSource(writeTiff(cog));
    await openGeoTiff(source);
    expect(source.reads).toEqual([{ offset: 0, length: 32_768 }]);
  });

  it('reads more only for directories behind the first block, and nothing twice', async () => {
    const source = new RecordingSource(writeTiff({ ...cog, pixels: 'first' }));
    const raster = await openGeoTiff(source);
    expect(raster.levels).toHaveLength(2);
    expect(source.reads).toHaveLength(2);
  });

  it('uses first bytes that the caller has read', async () => {
    const source = new RecordingSource(writeTiff(cog));
    const head = await source.read({ offset: 0, length: 32_768 });
    await openGeoTiff(source, { head });
    expect(source.reads).toHaveLength(1);
  });

  it('does not fetch the values of tags that it does not use', async () => {
    const icc: TagSpec = { tag: 34_675, type: 7, values: new Array<number>(200_000).fill(7) };
    const source = new RecordingSource(writeTiff({ images: [image({ tags: [icc] })] }));
    await openGeoTiff(source);
    expect(source.reads).toHaveLength(1);
  });

  it.each([
    ['GDAL_STRUCTURAL_METADATA_SIZE=000140 bytes\nLAYOUT=IFDS_BEFORE_DATA\nBLOCK_ORDER=ROW_MAJOR\n'],
    ['GDAL_STRUCTURAL_METADATA_SIZE=999999 bytes\nKNOWN_INCOMPATIBLE_EDITION=YES\n'],
    ['GDAL_STRUCTURAL_METADATA_SIZE=broken'],
  ])('does not mind a ghost header: %j', async (ghost) => {
    const raster = await open({ ...cog, ghost });
    expect(raster.levels.map((level) => level.shape)).toEqual([
      [1024, 1024, 1],
      [512, 512, 1],
    ]);
    expect(raster.problems).toEqual([]);
  });

  it('stops at a chain of directories that comes back', async () => {
    const bytes = writeTiff({ images: [image()] });
    const view = new DataView(bytes.buffer);
    const first = view.getUint32(4, true);
    view.setUint32(first + 2 + view.getUint16(first, true) * 12, first, true);
    const raster = await openGeoTiff(new MemorySource(bytes));
    expect(raster.problems).toEqual([`the chain of directories comes back to byte ${first}`]);
  });

  it.each([
    ['no TIFF', Uint8Array.from(Buffer.from('GIF89a, not a TIFF'))],
    ['empty', new Uint8Array(0)],
    ['cut header', Uint8Array.of(0x49, 0x49, 42, 0, 8)],
    ['directory outside', Uint8Array.of(0x49, 0x49, 42, 0, 200, 0, 0, 0)],
    ['no directory', Uint8Array.of(0x49, 0x49, 42, 0, 0, 0, 0, 0)],
  ])('refuses bytes that are no sound TIFF: %s', async (_, bytes) => {
    await expect(openGeoTiff(new MemorySource(bytes))).rejects.toMatchObject({ problem: { kind: 'invalid-data' } });
  });

  it('stops when the caller aborts', async () => {
    const source = new MemorySource(writeTiff(cog));
    await expect(openGeoTiff(source, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      problem: { kind: 'aborted' },
    });
  });
});

describe('levels', () => {
  const sizes = (raster: Awaited<ReturnType<typeof open>>) => raster.levels.map((level) => level.shape[1]);
  const scale: TagSpec = { tag: 33_550, type: 12, values: [10, 10, 0] };
  const tie: TagSpec = { tag: 33_922, type: 12, values: [0, 0, 0, 399_960, 5_200_020, 0] };

  it('G7 chooses overviews and masks by subfile type, wherever they stand', async () => {
    const raster = await open({
      images: [
        image({ width: 16, height: 12, subfileType: 1 }),
        image({ width: 64, height: 48, tags: [scale, tie] }),
        image({ width: 64, height: 48, subfileType: 4, bits: 1, value: () => 1 }),
        image({ width: 32, height: 24, subfileType: 1 }),
        image({ width: 16, height: 12, subfileType: 5, bits: 1, value: () => 1 }),
      ],
    });
    expect(sizes(raster)).toEqual([64, 32, 16]);
    expect(raster.masks.map((mask) => mask?.shape[1] ?? null)).toEqual([64, null, 16]);
    expect(raster.levels.map((level) => level.transform)).toEqual([
      [10, 0, 399_960, 0, -10, 5_200_020],
      [20, 0, 399_960, 0, -20, 5_200_020],
      [40, 0, 399_960, 0, -40, 5_200_020],
    ]);
    expect(raster.masks[0]?.dtype).toBe('uint8');
  });

  it('finds overviews in SubIFDs', async () => {
    const raster = await open({ images: [image(), image({ width: 32, height: 24 })], subImages: [1] });
    expect(sizes(raster)).toEqual([64, 32]);
  });

  it('reports further pages and overviews that do not fit', async () => {
    const raster = await open({
      images: [
        image(),
        image({ width: 10, height: 10 }),
        image({ width: 32, height: 24, bands: 2, subfileType: 1 }),
        image({ width: 128, height: 96, subfileType: 1 }),
        image({ width: 32, height: 24, dtype: 'int16', subfileType: 1 }),
      ],
    });
    expect(sizes(raster)).toEqual([64]);
    expect(raster.problems).toEqual([
      '1 further full images (pages) are not read',
      'an overview is left out: it has another number of bands',
      'an overview is left out: it is larger than the image',
      'an overview of another sample type or band order is left out',
    ]);
  });

  it('describes chunky, planar, tiled and striped images', async () => {
    const chunky = (await openImage({ bands: 3, tile: { width: 16, height: 32 } })).levels[0]!;
    expect(chunky).toMatchObject({
      shape: [48, 64, 3],
      chunkShape: [32, 16, 3],
      edge: 'padded',
      axes: { y: 0, x: 1, band: 2 },
    });
    const planar = (await openImage({ bands: 3, planar: true, rowsPerStrip: 20 })).levels[0]!;
    expect(planar).toMatchObject({
      shape: [3, 48, 64],
      chunkShape: [1, 20, 64],
      edge: 'clipped',
      axes: { band: 0, y: 1, x: 2 },
    });
  });

  it('E7 takes a tile without offset and length for missing', async () => {
    const tile = { width: 32, height: 16 };
    const nodata = ascii(42_113, '7');
    const level = (await openImage({ tile, sparse: (chunk) => chunk === 3, tags: [nodata] })).levels[0]!;
    expect(chunkRef(level, [1, 1, 0])).toEqual({ kind: 'missing' });
    expect(chunkRef(level, [1, 0, 0]).kind).toBe('range');
    expect(level.fill).toBe(7);
  });

  it('reads a large uncompressed strip in parts', async () => {
    const level = (await openImage({ width: 1024, height: 3000, bands: 2, planar: true })).levels[0]!;
    expect(level.chunkShape).toEqual([1, 1024, 1024]);
    expect(chunkRef(level, [1, 2, 0])).toMatchObject({ length: (3000 - 2048) * 1024 });
  });

  it('computes the lengths of uncompressed strips where the file gives none', async () => {
    const strips = { rowsPerStrip: 20, tags: [{ tag: 279, type: 2, values: 'x' }] };
    const level = (await openImage(strips)).levels[0]!;
    expect(chunkRef(level, [2, 0, 0])).toMatchObject({ length: 8 * 64 });
  });

  it('still opens a file that was cut off, and says so', async () => {
    const whole = writeTiff({ images: [image({ tile: { width: 16, height: 16 } })] });
    const raster = await openGeoTiff(new MemorySource(whole.subarray(0, whole.length - 600)));
    expect(raster.problems[0]).toMatch(/^3 tiles or strips reach past the end/);
  });
});

describe('sample types and codecs', () => {
  const names = async (change: Partial<ImageSpec>) =>
    (await openImage(change)).levels[0]!.codecs.map((codec) => codec.name);

  it('chains the steps in decode order', async () => {
    expect(await names({ compression: 'deflate', dtype: 'int16', predictor: 2 })).toEqual([
      'zlib',
      'bytes',
      'predictor',
    ]);
    expect(await names({ compression: 'deflate', dtype: 'float32', predictor: 3 })).toEqual([
      'zlib',
      'float-predictor',
    ]);
    expect(await names({ compression: 'lzw', fillOrder: 2 })).toEqual(['bit-reverse', 'lzw', 'bytes']);
    expect(await names({ compression: 'packbits', bits: 4 })).toEqual(['packbits', 'unpack-bits']);
  });

  it('ignores a predictor where nothing is compressed, as libtiff does', async () => {
    expect(await names({ dtype: 'int16', tags: [{ tag: 317, type: 3, values: [2] }] })).toEqual(['bytes']);
  });

  it.each([
    [1, 'uint8'],
    [4, 'uint8'],
    [9, 'uint16'],
    [12, 'uint16'],
  ])('widens %i-bit samples to %s', async (bits, dtype) => {
    expect((await openImage({ bits, value: seededValue(1, 2) })).levels[0]!.dtype).toBe(dtype);
  });

  it.each<[string, TagSpec[]]>([
    ['CCITT Group 4 fax compression', [{ tag: 259, type: 3, values: [4] }]],
    ['JPEG 2000 compression', [{ tag: 259, type: 3, values: [34_712] }]],
    ['JPEG XL compression', [{ tag: 259, type: 3, values: [50_002] }]],
    ['LZMA compression', [{ tag: 259, type: 3, values: [34_925] }]],
    ['old-style JPEG compression (6)', [{ tag: 259, type: 3, values: [6] }]],
    ['compression 12345', [{ tag: 259, type: 3, values: [12_345] }]],
    ['YCbCr colours without JPEG compression', [{ tag: 262, type: 3, values: [6] }]],
    ['CMYK colours', [{ tag: 262, type: 3, values: [5] }]],
    ['complex samples', [{ tag: 339, type: 3, values: [6] }]],
    [
      '24-bit floating point samples',
      [
        { tag: 339, type: 3, values: [3] },
        { tag: 258, type: 3, values: [24] },
      ],
    ],
    [
      'bands of different sample types in one image',
      [
        { tag: 277, type: 3, values: [2] },
        { tag: 258, type: 3, values: [8, 16] },
      ],
    ],
    [
      'predictor 7',
      [
        { tag: 259, type: 3, values: [8] },
        { tag: 317, type: 3, values: [7] },
      ],
    ],
    [
      'JPEG compression of 2 bands together',
      [
        { tag: 259, type: 3, values: [7] },
        { tag: 277, type: 3, values: [2] },
      ],
    ],
    [
      'FillOrder 2 with compression 7',
      [
        { tag: 259, type: 3, values: [7] },
        { tag: 266, type: 3, values: [2] },
      ],
    ],
    [
      'LERC with additional compression 9',
      [
        { tag: 259, type: 3, values: [34_887] },
        { tag: 50_674, type: 4, values: [4, 9] },
      ],
    ],
  ])('refuses by name: %s', async (feature, tags) => {
    await expect(openImage({ tags })).rejects.toMatchObject({ problem: { kind: 'unsupported', feature } });
  });

  it('maps JPEG, WebP and LERC to their codecs', async () => {
    const codecs = async (tags: TagSpec[], bands = 3) => (await openImage({ bands, tags })).levels[0]!.codecs;
    const jpeg = [
      { tag: 259, type: 3, values: [7] },
      { tag: 262, type: 3, values: [6] },
      { tag: 347, type: 7, values: [255, 216] },
    ];
    expect(await codecs(jpeg)).toEqual([{ name: 'jpeg', tables: '/9g=', toRgb: true, samplesPerPixel: 3 }]);
    expect(await codecs([{ tag: 259, type: 3, values: [50_001] }])).toEqual([{ name: 'webp', samplesPerPixel: 3 }]);
    const lerc = [
      { tag: 259, type: 3, values: [34_887] },
      { tag: 50_674, type: 4, values: [4, 2] },
    ];
    expect(await codecs(lerc, 1)).toEqual([{ name: 'zstd' }, { name: 'lerc', samplesPerPixel: 1, nodata: null }]);
  });
});

describe('what bands say', () => {
  it('reads names, scales, offsets and units', async () => {
    const xml =
      '<GDALMetadata>\n<Item name="DESCRIPTION" sample="0" role="description">red &amp; blue</Item>' +
      '<Item name="SCALE" sample="1" role="scale">0.0001</Item><Item name="OFFSET" sample="1" role="offset">-0.1</Item>' +
      '<Item name="UNITTYPE" sample="1" role="unittype">m</Item><Item name="x">y</Item></GDALMetadata>';
    const raster = await openImage({ bands: 2, tags: [ascii(42_112, xml)] });
    expect(raster.bands).toEqual([
      { name: 'red & blue', dtype: 'uint8', nodata: [], scale: 1, offset: 0, unit: null },
      { name: null, dtype: 'uint8', nodata: [], scale: 0.0001, offset: -0.1, unit: 'm' },
    ]);
  });

  it.each<[string, NonNullable<ImageSpec['dtype']>, number[], number | bigint]>([
    ['0', 'uint16', [0], 0],
    ['-9999', 'int16', [-9999], -9999],
    ['nan', 'float32', [NaN], NaN],
    ['-nan', 'float64', [NaN], NaN],
    ['-1.#IND', 'float32', [NaN], NaN],
    ['-3.4e38', 'float32', [Math.fround(-3.4e38)], Math.fround(-3.4e38)],
    ['-3.40282346638529e+38', 'float32', [-3.4028234663852886e38], -3.4028234663852886e38],
    ['0.1', 'float32', [Math.fround(0.1)], Math.fround(0.1)],
    ['255.0 ', 'uint8', [255], 255],
    ['-9223372036854775808', 'int64', [-(2 ** 63)], -(2n ** 63n)],
  ])('nodata %j of %s', async (text, dtype, nodata, fill) => {
    const raster = await openImage({ dtype, tags: [ascii(42_113, text)] });
    expect(raster.bands[0]!.nodata).toEqual(nodata);
    expect(raster.levels[0]!.fill).toEqual(fill);
    expect(raster.problems).toEqual([]);
  });

  it.each<[string, NonNullable<ImageSpec['dtype']>]>([
    ['-9999', 'uint8'],
    ['nan', 'uint16'],
    ['0.5', 'int16'],
    ['1e300', 'float32'],
    ['18446744073709551616', 'uint64'],
    ['none', 'uint8'],
  ])('nodata %j that %s cannot hold is a problem and means nothing', async (text, dtype) => {
    const raster = await openImage({ dtype, tags: [ascii(42_113, text)] });
    expect(raster.bands[0]!.nodata).toEqual([]);
    expect(raster.problems).toHaveLength(1);
  });
});

describe('georeferencing', () => {
  const keys = (...entries: number[][]): TagSpec => ({
    tag: 34_735,
    type: 3,
    values: [1, 1, 0, entries.length, ...entries.flat()],
  });
  const scale = (x: number, y: number): TagSpec => ({ tag: 33_550, type: 12, values: [x, y, 0] });
  const ties = (...values: number[]): TagSpec => ({ tag: 33_922, type: 12, values });
  const transformOf = async (tags: TagSpec[]) => {
    const raster = await openImage({ tags });
    return { transform: raster.levels[0]!.transform, problems: raster.problems };
  };

  it('G6 moves PixelIsPoint files by half a pixel', async () => {
    const tags = [scale(10, 10), ties(0, 0, 0, 399_965, 5_200_015, 0), keys([1025, 0, 1, 2])];
    expect((await transformOf(tags)).transform).toEqual([10, 0, 399_960, 0, -10, 5_200_020]);
  });

  it('G6 moves rotated PixelIsPoint files along both axes', async () => {
    const matrix: TagSpec = { tag: 34_264, type: 12, values: [6, 8, 0, 100, 8, -6, 0, 200, 0, 0, 0, 0, 0, 0, 0, 1] };
    expect((await transformOf([matrix])).transform).toEqual([6, 8, 100, 8, -6, 200]);
    expect((await transformOf([matrix, keys([1025, 0, 1, 2])])).transform).toEqual([6, 8, 93, 8, -6, 199]);
  });

  it('takes a tie point that is not the corner', async () => {
    expect((await transformOf([scale(2, 3), ties(10, 20, 0, 100, 200, 0)])).transform).toEqual([2, 0, 80, 0, -3, 260]);
  });

  it('fits tie points that follow one affine map', async () => {
    const points = [0, 0, 0, 100, 200, 0, 64, 0, 0, 228, 200, 0, 0, 48, 0, 100, 104, 0, 64, 48, 0, 228, 104, 0];
    const { transform, problems } = await transformOf([ties(...points)]);
    for (const [i, value] of [2, 0, 100, 0, -2, 200].entries()) expect(transform?.[i]).toBeCloseTo(value, 9);
    expect(problems).toEqual([]);
  });

  it.each<[string, TagSpec[]]>([
    ['3 tie points that follow no affine map', [ties(0, 0, 0, 0, 0, 0, 1, 1, 0, 1, 1, 0, 2, 2, 0, 2, 2, 0)]],
    [
      '4 tie points that follow no affine map',
      [ties(0, 0, 0, 0, 0, 0, 9, 0, 0, 9, 0, 0, 0, 9, 0, 0, -9, 0, 9, 9, 0, 12, -9, 0)],
    ],
    ['2 tie points that contradict the pixel scale', [scale(1, 1), ties(0, 0, 0, 0, 0, 0, 9, 0, 0, 12, 0, 0)]],
    ['a tie point without a pixel scale', [ties(0, 0, 0, 0, 0, 0)]],
    ['ModelTransformation with 12 values', [{ tag: 34_264, type: 12, values: new Array<number>(12).fill(1) }]],
    ['cannot be inverted', [{ tag: 34_264, type: 12, values: new Array<number>(16).fill(1) }]],
  ])('has no transform but a problem: %s', async (problem, tags) => {
    const found = await transformOf(tags);
    expect(found.transform).toBeNull();
    expect(found.problems.join()).toContain(problem);
  });

  it('opens a file without CRS and transform', async () => {
    const raster = await openImage({});
    expect(raster.levels[0]).toMatchObject({ crs: null, transform: null });
    expect(raster.problems).toEqual([]);
  });
});
