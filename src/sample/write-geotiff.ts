import { deflateSync } from 'node:zlib';
import type { Affine } from '../grid/affine.js';
import { directorySize, HEADER_BYTES, writeDirectory, writeHeader, type Tag } from './tiff-directory.js';

/** One band of unsigned integers with square pixels, north up. */
export type GeoTiffImage = {
  readonly data: Uint8Array | Uint16Array;
  readonly width: number;
  readonly height: number;
  readonly transform: Affine;
  readonly epsg: number;
  readonly nodata: number;
};

/** How the image is tiled and reduced. */
export type GeoTiffOptions = {
  /** Tile side, a multiple of 16. */
  readonly tile: number;
  /** Number of overviews, each half of the one before. */
  readonly overviews: number;
  /** Classes take the upper left of four pixels, values their mean. */
  readonly classes: boolean;
};

type Plane = { readonly data: Uint8Array | Uint16Array; readonly width: number; readonly height: number };

/**
 * A cloud optimised GeoTIFF: little endian classic TIFF, all directories first, then overviews from coarse to fine and
 * the image, in tiles with DEFLATE and predictor 2.
 */
export function encodeGeoTiff(image: GeoTiffImage, options: GeoTiffOptions): Uint8Array {
  const planes: Plane[] = [image];
  for (let i = 0; i < options.overviews; i++) planes.push(halve(planes.at(-1)!, image.nodata, options.classes));
  const tiles = planes.map((plane) => encodeTiles(plane, options.tile));
  const layouts = planes.map((plane, index) => tagsOf(plane, index, tiles[index]!, image, options.tile));
  const sizes = layouts.map((tags) => directorySize(tags));
  const dataStart = HEADER_BYTES + sizes.reduce((sum, size) => sum + size, 0);
  placeTiles(tiles, layouts, dataStart);
  const total = dataStart + tiles.flat().reduce((sum, tile) => sum + tile.byteLength, 0);
  const out = new Uint8Array(total);
  const view = new DataView(out.buffer);
  writeHeader(view);
  let at = HEADER_BYTES;
  for (const [index, tags] of layouts.entries()) {
    const next = index === layouts.length - 1 ? 0 : at + sizes[index]!;
    writeDirectory(view, at, tags, next);
    at += sizes[index]!;
  }
  for (const level of tiles.toReversed()) {
    for (const tile of level) {
      out.set(tile, at);
      at += tile.byteLength;
    }
  }
  return out;
}

function halve({ data, width, height }: Plane, nodata: number, classes: boolean): Plane {
  const half = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) };
  const out = new (data.constructor as Uint8ArrayConstructor | Uint16ArrayConstructor)(half.width * half.height);
  for (let row = 0; row < half.height; row++) {
    for (let col = 0; col < half.width; col++) {
      const from = 2 * row * width + 2 * col;
      const four = [
        data[from]!,
        data[from + 1] ?? nodata,
        data[from + width] ?? nodata,
        data[from + width + 1] ?? nodata,
      ];
      const valid = four.filter((value) => value !== nodata);
      const mean =
        valid.length === 0 ? nodata : Math.round(valid.reduce((sum, value) => sum + value, 0) / valid.length);
      out[row * half.width + col] = classes ? four[0]! : mean;
    }
  }
  return { data: out, ...half };
}

/** Tiles row by row; pixels behind the edge repeat zero. */
function encodeTiles({ data, width, height }: Plane, side: number): Uint8Array[] {
  const tiles: Uint8Array[] = [];
  for (let top = 0; top < height; top += side) {
    for (let left = 0; left < width; left += side) {
      const tile = new (data.constructor as Uint8ArrayConstructor | Uint16ArrayConstructor)(side * side);
      for (let row = 0; row < Math.min(side, height - top); row++) {
        const from = (top + row) * width + left;
        tile.set(data.subarray(from, from + Math.min(side, width - left)), row * side);
      }
      differenceRows(tile, side);
      tiles.push(deflateSync(new Uint8Array(tile.buffer), { level: 6 }));
    }
  }
  return tiles;
}

/** TIFF 6.0 §14: each sample minus the one to its left. */
function differenceRows(tile: Uint8Array | Uint16Array, side: number): void {
  for (let row = 0; row < side; row++) {
    for (let col = side - 1; col > 0; col--) {
      const i = row * side + col;
      tile[i] = tile[i]! - tile[i - 1]!;
    }
  }
}

function tagsOf(plane: Plane, index: number, tiles: readonly Uint8Array[], image: GeoTiffImage, side: number): Tag[] {
  const tags: Tag[] = [
    { id: 254, type: 4, values: [index === 0 ? 0 : 1] },
    { id: 256, type: 4, values: [plane.width] },
    { id: 257, type: 4, values: [plane.height] },
    { id: 258, type: 3, values: [plane.data.BYTES_PER_ELEMENT * 8] },
    { id: 259, type: 3, values: [8] },
    { id: 262, type: 3, values: [1] },
    { id: 277, type: 3, values: [1] },
    { id: 284, type: 3, values: [1] },
    { id: 317, type: 3, values: [2] },
    { id: 322, type: 4, values: [side] },
    { id: 323, type: 4, values: [side] },
    { id: 324, type: 4, values: tiles.map(() => 0) },
    { id: 325, type: 4, values: tiles.map((tile) => tile.byteLength) },
    { id: 339, type: 3, values: [1] },
  ];
  if (index === 0) tags.push(...geoTags(image));
  tags.push({ id: 42113, type: 2, values: `${image.nodata}\0` });
  return tags;
}

/** GeoTIFF 1.1: pixel scale, one tiepoint, and keys for a projected EPSG code with pixels as areas. */
function geoTags({ transform, epsg }: GeoTiffImage): Tag[] {
  return [
    { id: 33550, type: 12, values: [transform[0], -transform[4], 0] },
    { id: 33922, type: 12, values: [0, 0, 0, transform[2], transform[5], 0] },
    { id: 34735, type: 3, values: [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, epsg] },
  ];
}

function placeTiles(tiles: readonly (readonly Uint8Array[])[], layouts: Tag[][], start: number): void {
  let at = start;
  for (let index = tiles.length - 1; index >= 0; index--) {
    const offsets = tiles[index]!.map((tile) => {
      const offset = at;
      at += tile.byteLength;
      return offset;
    });
    const slot = layouts[index]!.findIndex(({ id }) => id === 324);
    layouts[index]![slot] = { id: 324, type: 4, values: offsets };
  }
}
