import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildCube, type BuildSummary } from '../../src/build/build-cube.js';
import { openRaster } from '../../src/build/raster-handle.js';
import { writeTiff, type ImageSpec, type TagSpec } from '../raster/cog/tiff-writer.js';

/** Upper left corner of every small image, in metres of UTM zone 33. */
export const WEST = 500_000;
export const NORTH = 5_300_000;
/** Pixels a side of a small image, of 10 m each. */
export const SIDE = 32;

/** An image of `SIDE` by `SIDE` pixels; its overviews are each half of the one before. */
export type SmallImage = {
  readonly dtype?: ImageSpec['dtype'];
  readonly value: (pixel: { readonly row: number; readonly col: number }) => number;
  readonly overviews?: readonly ((pixel: { readonly row: number; readonly col: number }) => number)[];
  readonly nodata?: number;
  /** Pixels to the right of `WEST`. */
  readonly col?: number;
  /** Tiles by their number that the file does not hold. */
  readonly sparse?: ImageSpec['sparse'];
  readonly compression?: ImageSpec['compression'];
  readonly predictor?: ImageSpec['predictor'];
  readonly littleEndian?: boolean;
};

/** A GeoTIFF of one band. */
export function smallTiff(image: SmallImage): Uint8Array {
  const { dtype = 'uint16', value, overviews = [], nodata, col = 0 } = image;
  const { sparse, compression, predictor, littleEndian = true } = image;
  const coding = {
    ...(sparse === undefined ? {} : { sparse }),
    ...(compression === undefined ? {} : { compression }),
    ...(predictor === undefined ? {} : { predictor }),
  };
  const own = nodata === undefined ? [] : [{ tag: 42_113, type: 2, values: `${nodata}\0` }];
  const place: TagSpec[] = [
    { tag: 33_550, type: 12, values: [10, 10, 0] },
    { tag: 33_922, type: 12, values: [0, 0, 0, WEST + col * 10, NORTH, 0] },
    { tag: 34_735, type: 3, values: [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32_633] },
    ...own,
  ];
  const tile = { width: 16, height: 16 };
  const images = [value, ...overviews].map((samples, i) => ({
    width: SIDE >> i,
    height: SIDE >> i,
    dtype,
    value: samples,
    tile,
    subfileType: i === 0 ? 0 : 1,
    tags: i === 0 ? place : own,
    ...coding,
  }));
  return writeTiff({ images, littleEndian });
}

/** An item with its images by asset key. */
export type SmallItem = {
  readonly id: string;
  readonly datetime?: string;
  readonly images: { readonly [key: string]: SmallImage };
  /** More fields of an asset, such as `raster:bands`. */
  readonly assets?: { readonly [key: string]: object };
};

/** Write items and their images; the path of the item collection. */
export function writeItems(folder: string, name: string, items: readonly SmallItem[]): string {
  const features = items.map(({ id, datetime = '2024-06-01T10:00:00Z', images, assets = {} }) => {
    const entries = Object.entries(images).map(([key, image]) => {
      const file = `${name}-${id}-${key}.tif`;
      writeFileSync(join(folder, file), smallTiff(image));
      return [key, { href: `./${file}`, ...assets[key] }] as const;
    });
    const fields = { type: 'Feature', stac_version: '1.0.0', geometry: null, links: [] };
    return { ...fields, id, properties: { datetime }, assets: Object.fromEntries(entries) };
  });
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify({ type: 'FeatureCollection', features }));
  return path;
}

/** A box on the small images' lattice, as `grid.extent`. */
export function extentOf(col: number, row: number, width: number, height: number): number[] {
  return [WEST + col * 10, NORTH - (row + height) * 10, WEST + (col + width) * 10, NORTH - row * 10];
}

/** Build a cube of small items at `folder/name` without a lake, on the main thread. */
export function buildSmall(folder: string, name: string, items: string, spec: object): Promise<BuildSummary> {
  const fixed = { name, source: { stac: items }, output: { lake: 'none' } };
  const document = { ...fixed, bands: ['v'], grid: { extent: 'items' }, ...spec };
  return buildCube({ spec: document as never, out: join(folder, name), workers: 0 });
}

/** All samples of one array of a cube made by `buildSmall`. */
export async function samplesOf(folder: string, name: string, array = 'v'): Promise<number[]> {
  const raster = await openRaster(join(folder, name, 'cube.zarr', array));
  try {
    return Array.from((await raster.read({})).data, Number);
  } finally {
    await raster.close();
  }
}
