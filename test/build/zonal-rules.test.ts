import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { zonalRows } from '../../src/build/zonal-rows.js';
import { temporaryFolder } from '../lake/temporary.js';
import { NORTH, smallTiff, WEST } from './small-items.js';

const folder = temporaryFolder();
const raster = join(folder, 'columns.tif');
// Every value is its column plus 1.
writeFileSync(raster, smallTiff({ value: ({ col }) => col + 1, nodata: 0 }));

/** A box in pixels, as a label file in the CRS of the raster. */
function box(name: string, col: number, row: number, width: number, height: number): string {
  const [x0, x1] = [WEST + col * 10, WEST + (col + width) * 10];
  const [y0, y1] = [NORTH - (row + height) * 10, NORTH - row * 10];
  const ring = [[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]]; // prettier-ignore
  const feature = { type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [ring] } };
  const crs = { type: 'name', properties: { name: 'urn:ogc:def:crs:EPSG::32633' } };
  const path = join(folder, `${name}.geojson`);
  writeFileSync(path, JSON.stringify({ type: 'FeatureCollection', crs, features: [feature] }));
  return path;
}

describe('Z6 the rules of Earth Engine', () => {
  it('Z6 its unweighted reducers are the rule center: pixels whose centre is inside, whole', async () => {
    const labels = box('centre', 10.4, 3.4, 3, 2);
    const [row] = await zonalRows({ labels, rasters: [raster], rule: 'center' });
    expect(row).toMatchObject({ count: 6, sum: 72, mean: 12, min: 11, max: 13, variety: 3, coverage: 6 });
    const [none] = await zonalRows({ labels: box('between', 10.6, 3.6, 0.8, 0.8), rasters: [raster], rule: 'center' });
    expect(none).toMatchObject({ count: 0, mean: null });
  });

  it('Z6 its weighted reducers are the rule exact: the weight is the covered fraction', async () => {
    const [row] = await zonalRows({ labels: box('weighted', 10.4, 3.4, 3, 2), rasters: [raster] });
    expect(row!.count).toBeCloseTo(6, 5);
    expect(row!.mean).toBeCloseTo((0.6 * 11 + 12 + 13 + 0.4 * 14) / 3, 5);
    expect(row).toMatchObject({ min: 11, max: 14, variety: 4 });
  });

  it('Z6 a pixel of less than 0.5 %, which Earth Engine leaves out, counts here by its fraction', async () => {
    const [row] = await zonalRows({ labels: box('sliver', 20, 3, 3.003, 1), rasters: [raster] });
    const [left] = await zonalRows({ labels: box('no-sliver', 20, 3, 3, 1), rasters: [raster] });
    expect(row!.max).toBe(24);
    expect(row!.count! - left!.count!).toBeCloseTo(0.003, 4);
    expect(Math.abs(row!.mean! - left!.mean!)).toBeLessThan(0.005);
  });
});
