import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyAffine } from '../../src/grid/affine.js';
import type { Crs } from '../../src/grid/crs.js';
import { autoGrid, makeGrid } from '../../src/grid/make-grid.js';
import type { Geobox } from '../../src/grid/lattice.js';

const UTM33: Crs = { kind: 'epsg', code: 32633 };
const UTM32: Crs = { kind: 'epsg', code: 32632 };
const box = (crs: Crs, x: number, y: number, resolution = 10, width = 100, height = 50): Geobox => ({
  crs,
  transform: [resolution, 0, x, 0, -resolution, y],
  size: { width, height },
});

describe('makeGrid', () => {
  it('G3 y descends and centres lie half a pixel inside the edges', () => {
    const bounds = { xmin: 399963, ymin: 5190001, xmax: 400061, ymax: 5200018 };
    const grid = makeGrid({ crs: UTM33, resolution: 10, bounds, anchor: 'edge', chunk: 512 });
    expect(grid).toEqual({
      crs: UTM33,
      transform: [10, 0, 399960, 0, -10, 5200020],
      size: { width: 11, height: 1002 },
      chunk: { width: 512, height: 512 },
    });
    expect(applyAffine(grid.transform, { col: 0.5, row: 0.5 })).toEqual({ x: 399965, y: 5200015 });
  });

  it('snaps an explicit extent unless the anchor is floating', () => {
    const bounds = { xmin: 499980, ymin: 5090220, xmax: 609780, ymax: 5200020 };
    const floating = makeGrid({ crs: UTM33, resolution: 120, bounds, anchor: 'floating', chunk: 256 });
    expect(floating.transform).toEqual([120, 0, 499980, 0, -120, 5200020]);
    expect(floating.size).toEqual({ width: 915, height: 915 });
    const snapped = makeGrid({ crs: UTM33, resolution: 120, bounds, anchor: 'edge', chunk: 256 });
    expect(snapped.transform).toEqual([120, 0, 499920, 0, -120, 5200080]);
    expect(snapped.size).toEqual({ width: 916, height: 916 });
  });

  it('different resolutions along x and y; decimal ones stay exact', () => {
    const bounds = { xmin: 15, ymin: 45.948, xmax: 16.44, ymax: 46.956 };
    const grid = makeGrid({
      crs: { kind: 'epsg', code: 4326 },
      resolution: { x: 0.0012, y: 0.0024 },
      bounds,
      anchor: 'edge',
      chunk: 256,
    });
    expect(grid.size).toEqual({ width: 1200, height: 420 });
    expect(grid.transform[2]).toBeCloseTo(15, 12);
    expect(grid.transform[5]).toBeCloseTo(46.956, 12);
  });

  it('refuses what cannot be a grid, by its key', () => {
    const good = {
      crs: UTM33,
      resolution: 10,
      bounds: { xmin: 0, ymin: 0, xmax: 10, ymax: 10 },
      anchor: 'edge',
      chunk: 1,
    } as const;
    expect(() => makeGrid({ ...good, resolution: 0 })).toThrow(/invalid-spec: grid\.resolution/);
    expect(() => makeGrid({ ...good, resolution: NaN })).toThrow(/grid\.resolution/);
    expect(() => makeGrid({ ...good, bounds: { xmin: 0, ymin: 0, xmax: Infinity, ymax: 1 } })).toThrow(/grid\.extent/);
    expect(() => makeGrid({ ...good, bounds: { xmin: 2, ymin: 0, xmax: 1, ymax: 1 } })).toThrow(/grid\.extent/);
    expect(() => makeGrid({ ...good, chunk: 0.5 })).toThrow(/grid\.chunk/);
    expect(() => makeGrid({ ...good, resolution: 1e-9, bounds: { xmin: 0, ymin: 0, xmax: 1000, ymax: 1 } })).toThrow(
      /too many.*units of grid\.crs/,
    );
  });
});

describe('G4 autoGrid', () => {
  it('one geobox comes back exactly, even off every round lattice', () => {
    const odd = box(UTM33, 399960.123456789, 5200020.987654321, 9.9);
    const grid = autoGrid([odd, odd, odd], 64);
    expect(grid).toEqual({ ...odd, chunk: { width: 64, height: 64 } });
  });

  it('one lattice gives the union of the extents on it', () => {
    const grid = autoGrid([box(UTM33, 1003, 2007), box(UTM33, 1503, 2207), box(UTM33, 903, 1807, 10, 5, 5)]);
    expect(grid.transform).toEqual([10, 0, 903, 0, -10, 2207]);
    expect(grid.size).toEqual({ width: 160, height: 70 });
  });

  it('the lattice of most sources serves all, whatever their order', () => {
    const boxes = [box(UTM33, 500000, 5200000), box(UTM33, 501000, 5200000), box(UTM32, 900000, 5200000)];
    const grid = autoGrid(boxes);
    expect(grid.crs).toEqual(UTM33);
    expect(grid.transform[2] % 10).toBe(0);
    expect(grid.transform[2]).toBeLessThan(500000);
    fc.assert(
      fc.property(fc.shuffledSubarray(boxes, { minLength: 3 }), (shuffled) => {
        expect(autoGrid(shuffled)).toEqual(grid);
      }),
      { seed: 4 },
    );
  });

  it('a tie is decided by the lattice, not by the order', () => {
    const [a, b] = [box(UTM33, 500000, 5200000), box(UTM32, 600000, 5200000)];
    expect(autoGrid([a, b])).toEqual(autoGrid([b, a]));
  });

  it('no lattice above a tenth is an error that lists the candidates with counts', () => {
    const boxes = Array.from({ length: 12 }, (_, i) => box(UTM33, 500000 + i * 10.7, 5200000, 10 + i));
    expect(() => autoGrid(boxes)).toThrow(
      /invalid-spec: grid: the sources share no grid: EPSG:32633 at 10 x 10 .*: 1 of 12.*and 4 more.*set grid\.crs/,
    );
    expect(() => autoGrid([])).toThrow(/no-data/);
    const rotated: Geobox = { ...box(UTM33, 0, 0), transform: [10, 1, 0, 1, -10, 0] };
    expect(() => autoGrid([rotated])).toThrow(/no-data/);
  });

  it('G11 the shape depends on the set of sources only', () => {
    const south = { ...box(UTM33, 0, 0), transform: [10, 0, 500000, 0, 10, 5199500] as const };
    expect(autoGrid([south])).toEqual(autoGrid([box(UTM33, 500000, 5200000)]));
  });
});
