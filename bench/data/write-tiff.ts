import { mkdir, open } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { directorySize, HEADER_BYTES, writeDirectory, writeHeader, type Tag } from '../../src/sample/tiff-directory.js';
import { encodeTile, type Compression } from './encode-tile.js';
import { EPSG, ORIGIN, PIXEL } from './sizes.js';

/** A square raster of one band on the data's own lattice, north up, no data 0. */
export type TiffImage = {
  readonly data: Uint16Array | Float32Array;
  readonly side: number;
  readonly tile: number;
  readonly compression: Compression;
};

const COMPRESSION = { none: 1, lzw: 5, deflate: 8, zstd: 50_000 } as const;

/** Write a cloud optimised GeoTIFF without overviews: little endian classic TIFF, the directory first, then the tiles by row. */
export async function writeTiff(path: string, image: TiffImage): Promise<void> {
  const tiles = await encodeTiles(image);
  const lengths = tiles.map(({ byteLength }) => byteLength);
  const start = HEADER_BYTES + directorySize(tagsOf(image, lengths, lengths));
  let at = start;
  const offsets = lengths.map((length) => (at += length) - length);
  const head = encodeDirectory(tagsOf(image, offsets, lengths), start);
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'w');
  try {
    for (const bytes of [head, ...tiles]) await file.writeFile(bytes);
  } finally {
    await file.close();
  }
}

/** Tiles row by row; pixels behind the edge are 0. As many at a time as there are cores. */
async function encodeTiles({ data, side, tile, compression }: TiffImage): Promise<Uint8Array[]> {
  const across = Math.ceil(side / tile);
  const tiles = new Array<Uint8Array>(across * across);
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let i = next++; i < tiles.length; i = next++) {
      const [left, top] = [(i % across) * tile, Math.floor(i / across) * tile];
      const samples = data instanceof Float32Array ? new Float32Array(tile * tile) : new Uint16Array(tile * tile);
      for (let row = 0; row < Math.min(tile, side - top); row++) {
        const from = (top + row) * side + left;
        samples.set(data.subarray(from, from + Math.min(tile, side - left)), row * tile);
      }
      tiles[i] = await encodeTile(samples, tile, compression);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  return tiles;
}

/** TIFF 6.0 tags in their order; GeoTIFF 1.1: pixel scale, one tiepoint, and a projected CRS with pixels as areas. */
function tagsOf(image: TiffImage, offsets: readonly number[], lengths: readonly number[]): Tag[] {
  const { data, side, tile, compression } = image;
  const float = data instanceof Float32Array;
  const predictor: Tag[] = compression === 'none' ? [] : [{ id: 317, type: 3, values: [float ? 3 : 2] }];
  return [
    { id: 256, type: 4, values: [side] },
    { id: 257, type: 4, values: [side] },
    { id: 258, type: 3, values: [8 * data.BYTES_PER_ELEMENT] },
    { id: 259, type: 3, values: [COMPRESSION[compression]] },
    { id: 262, type: 3, values: [1] },
    { id: 277, type: 3, values: [1] },
    { id: 284, type: 3, values: [1] },
    ...predictor,
    { id: 322, type: 4, values: [tile] },
    { id: 323, type: 4, values: [tile] },
    { id: 324, type: 4, values: offsets },
    { id: 325, type: 4, values: lengths },
    { id: 339, type: 3, values: [float ? 3 : 1] },
    { id: 33550, type: 12, values: [PIXEL, PIXEL, 0] },
    { id: 33922, type: 12, values: [0, 0, 0, ORIGIN.x, ORIGIN.y, 0] },
    { id: 34735, type: 3, values: [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, EPSG] },
    { id: 42113, type: 2, values: '0\0' },
  ];
}

/** File header and the only directory, with the values that do not fit into an entry behind it. */
function encodeDirectory(tags: readonly Tag[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  writeHeader(view);
  writeDirectory(view, HEADER_BYTES, tags, 0);
  return bytes;
}
