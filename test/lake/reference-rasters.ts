import { MemorySource } from '../../src/io/memory-source.js';
import { storeRaster } from '../../src/lake/store-raster.js';
import type { StoredRaster } from '../../src/lake/reference-rows.js';
import { openGeoTiff } from '../../src/raster/cog/open-geotiff.js';
import type { RasterLevel } from '../../src/raster/level.js';
import type { Raster } from '../../src/raster/raster.js';
import { openZarr } from '../../src/raster/zarr/open.js';
import { writeTiff, type ImageSpec, type TagSpec, type TiffSpec } from '../raster/cog/tiff-writer.js';
import { arrayV3, coordinateV3, groupV3, memoryStore, steps, STORE } from '../raster/zarr/memory-store.js';

const ascii = (tag: number, text: string): TagSpec => ({ tag, type: 2, values: `${text}\0` });
const place: TagSpec[] = [
  { tag: 33_550, type: 12, values: [10, 10, 0] },
  { tag: 33_922, type: 12, values: [0, 0, 0, 500_000, 5_300_000, 0] },
  { tag: 34_735, type: 3, values: [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32_633] },
];
const metadata = `<GDALMetadata>
  <Item name="DESCRIPTION" sample="0" role="description">red "quoted" ü</Item>
  <Item name="SCALE" sample="0" role="scale">0.0001</Item>
  <Item name="OFFSET" sample="0" role="offset">-0.1</Item>
  <Item name="UNITTYPE" sample="1" role="unittype">W/m2</Item>
</GDALMetadata>`;
const tile = { width: 16, height: 16 };
const image = (change: Partial<ImageSpec> = {}): ImageSpec => ({
  width: 64,
  height: 48,
  value: ({ row, col }) => (row * 64 + col) % 251,
  ...change,
});

/** GeoTIFFs that differ in everything that a level says. */
export const TIFFS: Readonly<Record<string, TiffSpec>> = {
  'a COG with overviews and masks': {
    images: [
      image({ tile, tags: place }),
      image({ tile, subfileType: 4, bits: 1, value: () => 1 }),
      image({ width: 32, height: 24, tile, subfileType: 1 }),
      image({ width: 32, height: 24, tile, subfileType: 5, bits: 1, value: () => 1 }),
      image({ width: 16, height: 12, tile, subfileType: 1 }),
    ],
  },
  'bands with names, scales, units and nodata': {
    images: [
      image({ bands: 3, dtype: 'int16', tile, tags: [...place, ascii(42_112, metadata), ascii(42_113, '-9999')] }),
    ],
  },
  'planar strips with a predictor': {
    images: [image({ bands: 2, dtype: 'uint16', planar: true, rowsPerStrip: 7, compression: 'deflate', predictor: 2 })],
  },
  'floats with NaN as nodata': {
    images: [image({ dtype: 'float32', tile, compression: 'deflate', predictor: 3, tags: [ascii(42_113, 'nan')] })],
  },
  'sparse tiles of 64-bit integers': {
    images: [image({ dtype: 'int64', tile, sparse: (chunk) => chunk % 3 === 0, tags: [ascii(42_113, '-5')] })],
  },
  'a big, big-endian file with packed samples': {
    images: [image({ bits: 12, dtype: 'uint16', rowsPerStrip: 48 })],
    big: true,
    littleEndian: false,
  },
  'packed bits, filled from the other end, with contradictions': {
    images: [image({ compression: 'packbits', fillOrder: 2, tags: [ascii(42_113, 'nothing at all')] })],
  },
};

/** One of the files above, opened; each has a URL of its own. */
export function openTiff(name: string): Promise<Raster> {
  const url = `https://data.example/${encodeURIComponent(name)}.tif`;
  return openGeoTiff(new MemorySource(writeTiff(TIFFS[name]!), url));
}

/** A variable of a Zarr group with times, in plain chunks or in shards. */
export async function openArray(sharded: boolean): Promise<Raster> {
  const inner = { chunk_shape: [1, 2, 2], codecs: [{ name: 'bytes', configuration: { endian: 'little' } }] };
  const index = [{ name: 'bytes', configuration: { endian: 'little' } }, { name: 'crc32c' }];
  const shards = { name: 'sharding_indexed', configuration: { ...inner, index_codecs: index, index_location: 'end' } };
  const days = { units: 'days since 2024-01-01', calendar: 'standard', standard_name: 'time', axis: 'T' };
  const store = memoryStore({
    'zarr.json': groupV3(),
    'v/zarr.json': arrayV3({
      shape: [3, 4, 4],
      dimensions: ['time', 'y', 'x'],
      dtype: 'float32',
      chunk: [1, 4, 4],
      fill: 'NaN',
      ...(sharded ? { codecs: [shards] } : {}),
    }),
    ...coordinateV3('time', [0, 1, 2], days),
    ...coordinateV3('y', steps(47, -0.5, 4), { standard_name: 'latitude', units: 'degrees_north' }),
    ...coordinateV3('x', steps(15, 0.5, 4), { standard_name: 'longitude', units: 'degrees_east' }),
  });
  return openZarr(store, STORE, { variable: 'v' });
}

/** A raster of one level with so many tiles of `bytes` bytes each, as a COG has them. */
export function manyTiles(url: string, tiles: number, bytes = 100_000): Raster {
  const lengths = Float64Array.from({ length: tiles }, (_, i) => bytes + ((i * 7919) % 30_011));
  const offsets = new Float64Array(tiles);
  let at = 20_000;
  for (let i = 0; i < tiles; i++) {
    offsets[i] = at;
    at += lengths[i]! + 8;
  }
  const level: RasterLevel = {
    url,
    identity: { size: at, etag: '"1"' },
    dtype: 'uint16',
    shape: [512, 512 * tiles, 1],
    chunkShape: [512, 512, 1],
    edge: 'padded',
    codecs: [{ name: 'zlib' }, { name: 'bytes', endian: 'little' }],
    fill: 0,
    axes: { y: 0, x: 1, band: 2 },
    crs: { kind: 'epsg', code: 32_633 },
    transform: [10, 0, 500_000, 0, -10, 5_300_000],
    refs: { kind: 'ranges', url, offsets, lengths },
  };
  return {
    url,
    driver: 'geotiff',
    levels: [level],
    masks: [null],
    bands: [{ name: null, dtype: 'uint16', nodata: [0], scale: 1, offset: 0, unit: null }],
    dimensions: [
      { name: 'y', size: 512, timesMs: null },
      { name: 'x', size: 512 * tiles, timesMs: null },
      { name: 'band', size: 1, timesMs: null },
    ],
    problems: [],
  };
}

/** The raster as rows. */
export function stored(raster: Raster, variable: string | null = null, scannedAt = 0): StoredRaster {
  return storeRaster({ raster, href: raster.url, variable, itemId: null, band: null, scannedAt });
}
