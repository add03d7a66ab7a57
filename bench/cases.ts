import { join } from 'node:path';
import { createTransform } from '../src/grid/transform.js';
import { BANDS, EPSG, ORIGIN, OVERLAP, PIXEL, type DataSize } from './data.js';
import type { Job, JobGrid } from './protocol.js';

/** One thing to measure, and who else does it. */
export type Case = {
  readonly name: string;
  /** What is done and what is counted, for the report. */
  readonly what: string;
  readonly job: Job;
  readonly peers: readonly string[];
  readonly compare: Comparison;
};

/** When a value of a peer's result agrees with ours; `equal` results have the same bytes whatever this says. */
export type Comparison =
  /** uint16 samples, at most `within` apart. */
  | { readonly kind: 'samples'; readonly within: number }
  /** float64 values, at most the fraction `within` of the larger one apart. */
  | { readonly kind: 'numbers'; readonly within: number };

export const SIZES: Readonly<Record<'full' | 'smoke', DataSize>> = {
  full: { name: 'full', scene: 8192, tile: 1024, polygons: 3000, buildTile: 2048 },
  smoke: { name: 'smoke', scene: 1024, tile: 256, polygons: 100, buildTile: 512 },
};

const UTM = { kind: 'epsg', code: EPSG } as const;
/** Degrees of about one pixel at 48° north. */
const DEGREES = { lon: 1.345e-4, lat: 8.99e-5 } as const;

/** The cases on the data in a folder (`makeData`). */
export function listCases(folder: string, size: DataSize, threads: number): Case[] {
  const file = join(folder, 'scene.tif');
  const side = (size.scene * 3) / 4;
  const margin = size.scene / 8;
  const window = { col: margin, row: margin, width: side, height: side };
  const grid = lonLatGrid(size, size.scene / 4);
  const warp = (kernel: 'nearest' | 'bilinear'): Case => ({
    name: `warp-window-${kernel}`,
    what: `a window of ${grid.width} × ${grid.height} pixels of EPSG:4326 from a COG in UTM: open, read, decode, warp (${kernel})`,
    job: { kind: 'warp', file, grid, kernel },
    peers: ['rasterio', 'rasterio-exact'],
    compare: { kind: 'samples', within: kernel === 'nearest' ? 0 : 1 },
  });
  return [
    {
      name: 'decode-window',
      what: `a window of ${side} × ${side} uint16 samples of a COG (DEFLATE, predictor 2, tiles of ${size.tile}): open, read, decode`,
      job: { kind: 'decode', file, window },
      peers: ['rasterio', 'rasterio-threads', 'geotiff.js', 'geotiff.js-pool', 'gdal-async'],
      compare: { kind: 'samples', within: 0 },
    },
    warp('nearest'),
    warp('bilinear'),
    {
      name: 'zonal',
      what: `five statistics with exact coverage under ${size.polygons} polygons: read, decode, cover, measure; polygons are in memory`,
      job: {
        kind: 'zonal',
        file,
        labels: join(folder, 'polygons.geojson'),
        projected: join(folder, 'polygons-utm.json'),
      },
      peers: ['exactextract', 'exactextract-raster'],
      compare: { kind: 'numbers', within: 1e-4 },
    },
    ...buildCases(folder, size, threads),
  ];
}

function buildCases(folder: string, size: DataSize, threads: number): Case[] {
  const native = nativeGrid(size);
  const laea = laeaGrid(size);
  const common = {
    kind: 'build' as const,
    items: join(folder, 'items.json'),
    bands: [...BANDS],
    times: 2,
    chunk: size.tile,
    threads,
  };
  const what = (grid: JobGrid, how: string) =>
    `12 COGs (2 tiles, 2 dates, 3 bands) to one Zarr store of 2 × 3 × ${grid.height} × ${grid.width}, ${how}, ${threads} threads: search, plan, read, fuse, compress, write`;
  return [
    {
      name: 'build',
      what: what(native, 'on their own grid'),
      job: { ...common, grid: native, kernel: 'nearest' },
      peers: ['rasterio-zarr', 'odc-stac'],
      compare: { kind: 'samples', within: 0 },
    },
    {
      name: 'build-warp',
      what: what(laea, 'bilinear in EPSG:3035'),
      job: { ...common, grid: laea, kernel: 'bilinear' },
      peers: ['rasterio-zarr', 'odc-stac'],
      compare: { kind: 'samples', within: 1 },
    },
  ];
}

/** A square of degrees around the scene's centre. */
function lonLatGrid({ scene }: DataSize, side: number): JobGrid {
  const centre = Float64Array.of(ORIGIN.x + (PIXEL * scene) / 2, ORIGIN.y - (PIXEL * scene) / 2);
  createTransform(UTM, { kind: 'epsg', code: 4326 }).transform(centre);
  const corner = { lon: centre[0]! - (side / 2) * DEGREES.lon, lat: centre[1]! + (side / 2) * DEGREES.lat };
  return {
    epsg: 4326,
    transform: [DEGREES.lon, 0, corner.lon, 0, -DEGREES.lat, corner.lat],
    width: side,
    height: side,
  };
}

/** Both tiles of a build. */
function nativeGrid({ buildTile }: DataSize): JobGrid {
  const transform: JobGrid['transform'] = [PIXEL, 0, ORIGIN.x, 0, -PIXEL, ORIGIN.y];
  return { epsg: EPSG, transform, width: 2 * buildTile - OVERLAP, height: buildTile };
}

/** As large as both tiles, in EPSG:3035. */
function laeaGrid(size: DataSize): JobGrid {
  const { width, height } = nativeGrid(size);
  const corner = Float64Array.of(ORIGIN.x, ORIGIN.y);
  createTransform(UTM, { kind: 'epsg', code: 3035 }).transform(corner);
  const whole = (value: number) => Math.round(value / PIXEL) * PIXEL;
  return { epsg: 3035, transform: [PIXEL, 0, whole(corner[0]!), 0, -PIXEL, whole(corner[1]!)], width, height };
}
