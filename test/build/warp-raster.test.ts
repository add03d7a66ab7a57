import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRaster, type RasterHandle } from '../../src/build/raster-handle.js';
import { problemOf } from '../../src/errors.js';
import { createTransform } from '../../src/grid/transform.js';
import { temporaryFolder } from '../lake/temporary.js';
import { NORTH, SIDE, smallTiff, WEST } from './small-items.js';

const path = join(temporaryFolder(), 'small.tif');
const NODATA = 7;
const hole = ({ row, col }: { row: number; col: number }) => row === 4 && col === 5;
const value = (pixel: { row: number; col: number }) => (hole(pixel) ? NODATA : 100 + 40 * pixel.row + 2 * pixel.col);
writeFileSync(path, smallTiff({ value, nodata: NODATA, overviews: [({ row, col }) => 5000 + 100 * row + col] }));

describe('a raster on another grid', () => {
  let raster: RasterHandle;
  beforeAll(async () => {
    raster = await openRaster(path);
  });
  afterAll(() => raster.close());

  it('copies where the lattices agree; outside and no data are the nodata value and not valid', async () => {
    const transform = [10, 0, WEST - 20, 0, -10, NORTH + 10] as const;
    const { data, valid } = await raster.warp({ crs: 'EPSG:32633', transform, width: 40, height: 20 });
    expect(data.shape).toEqual([1, 20, 40]);
    expect(valid.shape).toEqual([1, 20, 40]);
    for (let y = 0; y < 20; y++) {
      for (let x = 0; x < 40; x++) {
        const pixel = { row: y - 1, col: x - 2 };
        const inside = pixel.row >= 0 && pixel.col >= 0 && pixel.col < SIDE && !hole(pixel);
        expect([data.get(0, y, x), valid.get(0, y, x)]).toEqual(inside ? [value(pixel), 1] : [NODATA, 0]);
      }
    }
  });

  it('interpolates between pixel centres', async () => {
    const transform = [10, 0, WEST + 105, 0, -10, NORTH - 105] as const;
    const grid = { crs: 32_633, transform, width: 8, height: 8, resampling: 'bilinear' } as const;
    const { data, valid } = await raster.warp(grid);
    for (let y = 0; y < 8; y++) {
      // Half a pixel to the right is 1 more, half a pixel down is 20 more.
      for (let x = 0; x < 8; x++) expect(data.get(0, y, x)).toBe(value({ row: 10 + y, col: 10 + x }) + 21);
    }
    expect(valid.data.every((one) => one === 1)).toBe(true);
  });

  it('reads the overview that fits', async () => {
    const transform = [20, 0, WEST, 0, -20, NORTH] as const;
    const { data } = await raster.warp({ crs: 32_633, transform, width: 4, height: 4, resampling: 'average' });
    expect(Array.from(data.data as Uint16Array).slice(0, 4)).toEqual([5000, 5001, 5002, 5003]);
  });

  it('finds the pixel that holds a position in another CRS', async () => {
    const centre = Float64Array.of(WEST + 165, NORTH - 165);
    createTransform({ kind: 'epsg', code: 32_633 }, { kind: 'epsg', code: 4326 }).transform(centre);
    const transform = [1e-5, 0, centre[0]! - 5e-6, 0, -1e-5, centre[1]! + 5e-6] as const;
    const { data, valid } = await raster.warp({ crs: 4326, transform, width: 1, height: 1 });
    expect([data.get(0, 0, 0), valid.get(0, 0, 0)]).toEqual([value({ row: 16, col: 16 }), 1]);
  });

  it('is nodata everywhere on a grid elsewhere', async () => {
    const transform = [10, 0, WEST + 1e5, 0, -10, NORTH] as const;
    const { data, valid } = await raster.warp({ crs: 32_633, transform, width: 3, height: 2 });
    expect(Array.from(data.data as Uint16Array)).toEqual(Array(6).fill(NODATA));
    expect(Array.from(valid.data)).toEqual(Array(6).fill(0));
  });

  it('refuses odd grids', async () => {
    const transform = [10, 0, WEST, 0, -10, NORTH] as const;
    const good = { crs: 32_633, transform, width: 3, height: 2 };
    const problem = async (input: object) =>
      problemOf(await raster.warp({ ...good, ...input }).catch((error: unknown) => error)).kind;
    expect(await problem({ width: 0 })).toBe('invalid-argument');
    expect(await problem({ height: 1.5 })).toBe('invalid-argument');
    expect(await problem({ bands: [1] })).toBe('invalid-argument');
    expect(await problem({ width: 100_000, height: 100_000 })).toBe('budget');
    expect(await problem({ signal: AbortSignal.abort() })).toBe('aborted');
  });
});
