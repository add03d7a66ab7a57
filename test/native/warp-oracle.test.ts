import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fromFile } from 'geotiff';
import { describe, expect, it } from 'vitest';
import type { Affine } from '../../src/grid/affine.js';
import { buildPixelMap } from '../../src/grid/pixel-map.js';
import { createTransform } from '../../src/grid/transform.js';
import { VALID, type Resampling } from '../../src/native/kernels.js';
import { warpPlane } from '../../src/native/warp.js';
import { hasShared, sharedPath } from '../shared.js';

type Grid = { readonly crs: string; readonly transform: Affine; readonly shape: readonly [number, number] };
type Layer = { readonly sha256: string; readonly nonzero: number; readonly sum: number };
type Oracle = { readonly grids: Readonly<Record<string, Grid>>; readonly layers: Readonly<Record<string, Layer>> };
type Warped = { readonly data: Uint16Array | Uint8Array; readonly state: Uint8Array };

const DAY = '2023-08-15';
const FOLDER = 'data/imagery/s2-earthsearch-static/sentinel-2-l2a/S2A_33TWM_20230815_0_L2A';
const FILES = { blue: 'B02', green: 'B03', red: 'B04', nir: 'B08', scl: 'SCL' } as const;

async function readBand(
  file: string,
): Promise<{ data: Uint16Array | Uint8Array; width: number; height: number; transform: Affine }> {
  const image = await (await fromFile(sharedPath(FOLDER, `${file}.tif`))).getImage();
  const data = (await image.readRasters())[0];
  if (!(data instanceof Uint16Array || data instanceof Uint8Array)) throw new Error(`${file} has other samples`);
  const [x = NaN, y = NaN] = image.getOrigin();
  const [dx = NaN, dy = NaN] = image.getResolution();
  return { data, width: image.getWidth(), height: image.getHeight(), transform: [dx, 0, x, 0, dy, y] };
}

async function warpBand(file: string, grid: Grid, kernel: Resampling): Promise<Warped> {
  const source = await readBand(file);
  const [height, width] = grid.shape;
  const map = buildPixelMap({
    target: { transform: grid.transform, width, height },
    source,
    toSource: createTransform({ kind: 'epsg', code: Number(grid.crs.slice(5)) }, { kind: 'epsg', code: 32633 }),
  });
  const target = { data: source.data.slice(0, 0), state: new Uint8Array(width * height) };
  const data = target.data instanceof Uint8Array ? new Uint8Array(width * height) : new Uint16Array(width * height);
  const valid = Uint8Array.from(source.data, (value) => (value === 0 ? 0 : 1));
  const raster = { col: 0, row: 0, width: source.width, height: source.height };
  warpPlane({ source: { ...source, valid }, raster, map, kernel, scale: { x: 1, y: 1 }, target: { ...target, data } });
  return { data, state: target.state };
}

/** The oracle's rule for a day of one item: a pixel counts where all five bands are valid. */
async function day(grid: Grid, kernel: Resampling): Promise<Record<string, Warped['data']>> {
  const names = Object.keys(FILES) as (keyof typeof FILES)[];
  const bands: Warped[] = [];
  for (const name of names) bands.push(await warpBand(FILES[name], grid, name === 'scl' ? 'nearest' : kernel));
  for (let i = 0; i < bands[0]!.state.length; i++) {
    const valid = bands.every(({ state }) => state[i] === VALID);
    // A cubic kernel may undershoot to 0, the no-data value: GDAL moves a valid result away from it.
    for (const { data } of bands) data[i] = valid ? Math.max(data[i]!, 1) : 0;
  }
  return Object.fromEntries(names.map((name, i) => [name, bands[i]!.data]));
}

describe.skipIf(!hasShared)('warp of real imagery', () => {
  const oracle = (): Oracle => JSON.parse(readFileSync(sharedPath('oracle/s2-austria.json'), 'utf8'));

  it.each([
    ['geo', 'nearest', 0],
    ['geo', 'bilinear', 1e-6],
    ['laea', 'nearest', 1e-4],
    ['laea', 'bilinear', 1e-4],
    ['laea', 'cubic', 1e-4],
  ] as const)(
    '%s, %s: the planes that GDAL makes with every pixel transformed exactly',
    async (name, kernel, tolerance) => {
      const { grids, layers } = oracle();
      const found = await day(grids[name]!, kernel);
      let compared = 0;
      for (const [band, data] of Object.entries(found)) {
        const wanted = layers[`${name}|${kernel}|unmasked|${DAY}|${band}`];
        if (wanted === undefined) continue;
        compared++;
        if (tolerance === 0) expect(createHash('sha256').update(data).digest('hex')).toBe(wanted.sha256);
        let [sum, nonzero] = [0, 0];
        for (const value of data) {
          sum += value;
          if (value !== 0) nonzero++;
        }
        expect(Math.abs(sum / wanted.sum - 1)).toBeLessThanOrEqual(tolerance);
        expect(Math.abs(nonzero / wanted.nonzero - 1)).toBeLessThanOrEqual(tolerance);
      }
      expect(compared).toBeGreaterThan(0);
    },
  );
});
