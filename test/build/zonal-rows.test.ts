import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { STATISTICS } from '../../src/build/statistic.js';
import { WeightedValues } from '../../src/build/weighted-values.js';
import { zonalRows } from '../../src/build/zonal-rows.js';
import { zonalStats } from '../../src/build/zonal-stats.js';
import { problemOf } from '../../src/errors.js';
import { weightedStatistics } from '../../src/native/statistics.js';
import { encodeGeoTiff } from '../../src/sample/write-geotiff.js';
import { temporaryFolder } from '../lake/temporary.js';
import { seededRandom } from '../raster/cog/seeded.js';

const folder = temporaryFolder();
const WIDTH = 2048;
const HEIGHT = 2048;
const WEST = 500_000;
const NORTH = 5_300_000;
/** 10 m pixels of UTM zone 33; every value is its column plus 1, column 7 has no data. */
const value = (col: number) => (col === 7 ? 0 : col + 1);
const raster = join(folder, 'columns.tif');
const data = Uint16Array.from({ length: WIDTH * HEIGHT }, (_, i) => value(i % WIDTH));
const transform = [10, 0, WEST, 0, -10, NORTH] as const;
writeFileSync(
  raster,
  encodeGeoTiff(
    { data, width: WIDTH, height: HEIGHT, transform, epsg: 32_633, nodata: 0 },
    { tile: 256, overviews: 0, classes: false },
  ),
);

type Box = { readonly col: number; readonly row: number; readonly width: number; readonly height: number };

/** Boxes in pixels as a GeoJSON in the raster's CRS. */
function boxes(name: string, list: readonly Box[]): string {
  const features = list.map(({ col, row, width, height }, i) => {
    const [x0, x1] = [WEST + col * 10, WEST + (col + width) * 10];
    const [y0, y1] = [NORTH - (row + height) * 10, NORTH - row * 10];
    const ring = [
      [x0, y0],
      [x1, y0],
      [x1, y1],
      [x0, y1],
      [x0, y0],
    ];
    return { type: 'Feature', properties: { i }, geometry: { type: 'Polygon', coordinates: [ring] } };
  });
  const crs = { type: 'name', properties: { name: 'urn:ogc:def:crs:EPSG::32633' } };
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify({ type: 'FeatureCollection', crs, features }));
  return path;
}

describe('zonal rows', () => {
  it('Z9 a label inside one pixel has its value, and its area for a count', async () => {
    const labels = boxes('tiny.geojson', [{ col: 20.25, row: 3.5, width: 0.5, height: 0.25 }]);
    const [row] = await zonalRows({ labels, rasters: [raster] });
    expect(row).toMatchObject({ labelId: 1, band: 1, raster, min: 21, max: 21, median: 21, variety: 1 });
    expect(row!.count).toBeCloseTo(0.125, 6);
    expect(row!.mean).toBeCloseTo(21, 6);
    expect(row!.coverage).toBeCloseTo(0.125, 6);
  });

  it('Z10 a label beside the raster has a row with a count of 0 and nulls', async () => {
    const labels = boxes('beside.geojson', [
      { col: 5000, row: 3, width: 4, height: 4 },
      { col: 10, row: 10, width: 2, height: 2 },
    ]);
    const [beside, inside] = await zonalRows({ labels, rasters: [raster] });
    const nothing = { count: 0, sum: 0, variety: 0, coverage: 0, mean: null, stdev: null, min: null, median: null };
    expect(beside).toMatchObject({ labelId: 1, ...nothing });
    expect(inside!.count).toBeCloseTo(4, 5);
  });

  it('Z5 pixels without data count in coverage alone', async () => {
    const labels = boxes('nodata.geojson', [{ col: 6, row: 0, width: 3, height: 10 }]);
    const [row] = await zonalRows({ labels, rasters: [raster] });
    expect(row!.count).toBeCloseTo(20, 5);
    expect(row!.coverage).toBeCloseTo(30, 5);
    expect(row!.sum).toBeCloseTo(160, 3);
  });

  it('Z7 an edge of kilometres keeps to its line in the raster, in strips and without', async () => {
    const whole = boxes('large.geojson', [{ col: 20, row: 10, width: 2000, height: 2000 }]);
    const [row] = await zonalRows({ labels: whole, rasters: [raster] });
    // A hundredth of a pixel along 8,000 pixels of edge is the mark.
    expect(Math.abs(row!.count! - 4_000_000)).toBeLessThan(80);
    expect(row!.mean).toBeCloseTo(1020.5, 1);
    expect(row!.variety).toBeGreaterThanOrEqual(2000);
  });

  it('one row a label, raster and band, in that order; `where` chooses labels', async () => {
    const labels = boxes('order.geojson', [
      { col: 1500, row: 1500, width: 3, height: 3 },
      { col: 0, row: 0, width: 3, height: 3 },
      { col: 700, row: 20, width: 3, height: 3 },
    ]);
    const rasters = [raster, `${folder}/../${folder.split('/').at(-1)}/columns.tif`];
    const rows = await zonalRows({ labels, rasters });
    expect(rows.map((row) => [row.labelId, rasters.indexOf(row.raster), row.band])).toEqual([
      [1, 0, 1],
      [1, 1, 1],
      [2, 0, 1],
      [2, 1, 1],
      [3, 0, 1],
      [3, 1, 1],
    ]);
    const chosen = await zonalStats({ labels, rasters: [raster], where: 'i = 2' });
    expect(chosen.schema.fields.map(({ name }) => name)).toEqual([
      'label_id',
      'feature_uid',
      'raster',
      'band',
      ...STATISTICS,
    ]);
    expect(chosen.toArray().map((row) => [row['label_id'], Math.round(row['mean'])])).toEqual([[3, 702]]);
  });

  it('only the statistics asked for are made, the same for a label in strips and without', async () => {
    const labels = boxes('asked.geojson', [
      { col: 20, row: 10, width: 2000, height: 2000 },
      { col: 300, row: 300, width: 9, height: 400 },
    ]);
    const all = await zonalRows({ labels, rasters: [raster] });
    const some = await zonalRows({ labels, rasters: [raster], statistics: ['max', 'stdev'] });
    expect(some.map((row) => Object.keys(row))).toEqual(
      some.map(() => ['labelId', 'featureUid', 'raster', 'band', 'max', 'stdev']),
    );
    for (const [i, row] of some.entries()) {
      expect(row.max).toBe(all[i]!.max);
      expect(row.stdev).toBe(all[i]!.stdev);
    }
    // Of whole numbers from 21 to 2020, each as often.
    expect(some[0]!.stdev).toBeCloseTo(Math.sqrt((2000 ** 2 - 1) / 12), 1);
  });

  it('no label is an error with a name, and so is an abort', async () => {
    const labels = boxes('none.geojson', []);
    await expect(zonalRows({ labels, rasters: [raster] })).rejects.toMatchObject({ problem: { kind: 'no-data' } });
    await expect(zonalRows({ labels: [], rasters: [raster] })).rejects.toMatchObject({ problem: { kind: 'no-data' } });
    const set = boxes('one.geojson', [{ col: 1, row: 1, width: 2, height: 2 }]);
    const aborted = zonalRows({ labels: set, rasters: [raster], signal: AbortSignal.abort() });
    expect(problemOf(await aborted.catch((error: unknown) => error))).toMatchObject({ kind: 'aborted' });
  });

  it('2,000 labels across tiles ask for each byte once', async () => {
    const bytes = readFileSync(raster);
    let served = 0;
    const server = createServer((request, response) => {
      const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
      const from = Number(first ?? 0);
      const to = Math.min(bytes.length - 1, last === undefined || last === '' ? bytes.length - 1 : Number(last));
      served += to - from + 1;
      response.writeHead(206, { 'content-range': `bytes ${from}-${to}/${bytes.length}`, etag: '"1"' });
      response.end(bytes.subarray(from, to + 1));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const random = seededRandom(20_261_127);
    const list = Array.from({ length: 2000 }, () => ({
      col: random() * 2000,
      row: random() * 2000,
      width: 1 + random() * 40,
      height: 1 + random() * 40,
    }));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/columns.tif?key=secret`;
    const rows = await zonalRows({ labels: boxes('many.geojson', list), rasters: [url] });
    server.close();
    expect(served).toBeLessThan(bytes.length * 1.1 + 65_536);
    expect(new Set(rows.map((row) => row.raster))).toEqual(new Set([url.replace('?key=secret', '')]));
    const wrong = rows.filter(({ coverage }, i) => {
      const { col, row, width, height } = list[i]!;
      const area = (Math.min(col + width, WIDTH) - col) * (Math.min(row + height, HEIGHT) - row);
      return Math.abs(coverage! - area) > 1e-3;
    });
    expect(wrong).toEqual([]);
  });
});

describe('weighted values', () => {
  it('beyond their limit are a budget error that names the way out', () => {
    const values = new WeightedValues(false, 1000 * 16);
    const add = () => {
      for (let i = 0; i < 2000; i++) values.add(i, 1);
    };
    expect(add).toThrow(
      expect.objectContaining({ problem: expect.objectContaining({ kind: 'budget', limit: 16_000 }) }),
    );
    expect(values.values.length).toBe(512);
  });

  it('say the same folded by value as one by one', () => {
    const random = seededRandom(20_261_128);
    const [folded, plain] = [new WeightedValues(true), new WeightedValues(false)];
    for (let i = 0; i < 2 ** 20 + 70_000; i++) {
      const [sample, weight] = [Math.floor(random() * 500), random() < 0.9 ? 1 : random()];
      folded.add(sample, weight);
      plain.add(sample, weight);
    }
    expect(folded.values.length).toBeLessThan(80_000);
    expect(plain.values.length).toBe(2 ** 20 + 70_000);
    const one = weightedStatistics(folded.values, folded.weights);
    const other = weightedStatistics(plain.values, plain.weights);
    for (const [name, expected] of Object.entries(other)) {
      const found = one[name as keyof typeof one]!;
      expect(Math.abs(found - expected!), name).toBeLessThanOrEqual(1e-9 * Math.max(1, expected!));
    }
  });
});
