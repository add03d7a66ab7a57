import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCubeError } from '../../src/errors.js';
import { intersectWindows, invertAffine } from '../../src/grid/affine.js';
import { chunkWindow } from '../../src/grid/grid-spec.js';
import type { GridSpec } from '../../src/grid/grid-spec.js';
import { createTransform } from '../../src/grid/transform.js';
import { bufferWindow, chunksTouched, placeLabel } from '../../src/vector/clip-window.js';
import type { PlacedLabel } from '../../src/vector/clip-window.js';
import type { Geometry, Label, Ring } from '../../src/vector/label.js';
import { doubleSignedArea } from '../../src/vector/ring-maths.js';
import { seeded } from './mutate.js';

const LON_LAT = { kind: 'epsg', code: 4326 } as const;

function gridOf(code: number, resolution: number, left: number, top: number, size: number, chunk = 256): GridSpec {
  return {
    crs: { kind: 'epsg', code },
    transform: [resolution, 0, left, 0, -resolution, top],
    size: { width: size, height: size },
    chunk: { width: chunk, height: chunk },
  };
}

const UTM33 = gridOf(32633, 10, 400_000, 5_400_000, 10_000);

function label(geometry: Geometry, labelId = 1): Label {
  const ids = { labelId, featureUid: 'x', dataset: 'd', wkb: new Uint8Array(0), properties: {} };
  return {
    ...ids,
    geometry,
    xmin: 0,
    ymin: 0,
    xmax: 0,
    ymax: 0,
    areaGeodM2: 0,
    h3Cells: [],
    h3R15: 0n,
    lon: 0,
    lat: 0,
  };
}

function polygonLabel(...rings: Ring[]): Label {
  return label({ kind: 'polygons', polygons: [rings] });
}

function box(lon: number, lat: number, width: number, height: number): Ring {
  return Float64Array.of(lon, lat, lon + width, lat, lon + width, lat + height, lon, lat + height, lon, lat);
}

function place(one: Label, grid: GridSpec): PlacedLabel {
  return placeLabel(one, grid, createTransform(LON_LAT, grid.crs));
}

describe('placing labels', () => {
  it('Z7: a small polygon keeps its vertices, pixel for pixel', () => {
    const ring = box(14.5, 48.2, 0.001, 0.001);
    const { polygons } = place(polygonLabel(ring), UTM33);
    const expected = Float64Array.from(ring);
    createTransform(LON_LAT, UTM33.crs).transform(expected);
    expect(polygons[0]![0]!).toHaveLength(10);
    expect(polygons[0]![0]![0]).toBeCloseTo((expected[0]! - 400_000) / 10, 9);
    expect(polygons[0]![0]![1]).toBeCloseTo((5_400_000 - expected[1]!) / 10, 9);
  });

  it('Z7: a long edge is split until no chord leaves it by more than 0.01 pixel', () => {
    for (const grid of [
      UTM33,
      gridOf(3035, 100, 4_300_000, 3_100_000, 4000),
      gridOf(3857, 30, 1_500_000, 6_300_000, 10_000),
    ]) {
      const ring = box(14.2, 47.9, 1, 0.6);
      const placed = place(polygonLabel(ring), grid).polygons[0]![0]!;
      expect(placed.length).toBeGreaterThan(grid.crs.kind === 'epsg' && grid.crs.code === 3857 ? 8 : 40);
      expect(largestDistance(ring, placed, grid)).toBeLessThan(0.0101);
    }
  });

  it('Z7: an edge that is straight in both systems is not split', () => {
    const grid = gridOf(4326, 0.0001, 14, 49, 20_000);
    expect(place(polygonLabel(box(14.2, 47.9, 1, 0.6)), grid).polygons[0]![0]!).toHaveLength(10);
  });

  it('gives the window of touched pixels, inside the grid, and the box that is not cut', () => {
    const grid = gridOf(4326, 0.01, 10, 50, 100);
    expect(place(polygonLabel(box(10.021, 49.951, 0.01, 0.01)), grid).window).toEqual({
      col: 2,
      row: 3,
      width: 2,
      height: 2,
    });
    const across = place(polygonLabel(box(9.985, 49.985, 0.02, 0.02)), grid);
    expect(across.window).toEqual({ col: 0, row: 0, width: 1, height: 2 });
    expect(across.bounds).toEqual({ col: -2, row: -1, width: 3, height: 3 });
    expect(place(polygonLabel(box(30, 10, 1, 1)), grid)).toMatchObject({ window: null, polygons: [] });
  });

  it('places points', () => {
    const grid = gridOf(4326, 0.01, 10, 50, 100);
    const placed = place(label({ kind: 'points', points: Float64Array.of(10.025, 49.965) }), grid);
    expect(placed).toMatchObject({ polygons: [], window: { col: 2, row: 3, width: 1, height: 1 } });
  });

  it('is not fooled by places where a projection repeats itself', () => {
    // 15° E + 180°: transverse Mercator formulas give coordinates of the same size there.
    for (const [lon, lat] of [
      [-165, 48],
      [-165.2, 47.9],
      [105, 0],
      [15, -48],
    ] as const) {
      expect(place(polygonLabel(box(lon, lat, 0.1, 0.1)), UTM33).window).toBeNull();
    }
  });

  it('cuts a polygon that reaches around the globe down to the grid', () => {
    const placed = place(polygonLabel(box(-180, -89, 360, 178)), UTM33);
    expect(placed.window).toEqual({ col: 0, row: 0, width: 10_000, height: 10_000 });
    const area = Math.abs(doubleSignedArea(placed.polygons[0]![0]!)) / 2;
    expect(area).toBeGreaterThan(10_000 * 10_000);
  });

  it('meets geographic grids that run from 0 to 360 or across 180', () => {
    const pacific = gridOf(4326, 0.1, 170, 10, 200); // 170 to 190
    const cut = label({ kind: 'polygons', polygons: [[box(179.85, 0.05, 0.15, 0.1)], [box(-180, 0.05, 0.25, 0.1)]] });
    expect(place(cut, pacific).window).toEqual({ col: 98, row: 98, width: 5, height: 2 });
    const world = gridOf(4326, 1, 0, 90, 360);
    expect(place(polygonLabel(box(-75, 40, 1, 1)), world).window).toMatchObject({ col: 285, row: 49 });
  });

  it('refuses a label that leaves the domain of a grid around the globe', () => {
    const world = gridOf(3857, 10_000, -20_037_508, 20_037_508, 4008);
    let problem: unknown = null;
    try {
      place(polygonLabel(box(-10, 70, 20, 20)), world);
    } catch (error) {
      if (isCubeError(error)) problem = error.problem;
    }
    expect(problem).toMatchObject({ kind: 'unsupported', feature: expect.stringContaining('EPSG:3857') });
  });
});

describe('buffers and chunks', () => {
  it('grows a window by metres on the ground, on lon/lat grids too', () => {
    expect(bufferWindow({ col: 100, row: 100, width: 2, height: 2 }, 150, UTM33)).toEqual({
      col: 85,
      row: 85,
      width: 32,
      height: 32,
    });
    const geo = gridOf(4326, 0.001, 10, 61, 1000); // about 54 m × 111 m
    const grown = bufferWindow({ col: 500, row: 500, width: 1, height: 1 }, 540, geo)!;
    expect(grown.row).toBe(495);
    expect(grown.width).toBeGreaterThanOrEqual(
      1 + 2 * Math.ceil(540 / (111_320 * 0.001 * Math.cos((60.5 * Math.PI) / 180))),
    );
    expect(grown.width).toBeLessThanOrEqual(25);
    expect(bufferWindow({ col: -50, row: 0, width: 10, height: 10 }, 150, UTM33)).toBeNull();
  });

  it('a label beside the grid touches it by its buffer', () => {
    const grid = gridOf(4326, 0.01, 10, 50, 100, 16);
    const beside = place(polygonLabel(box(9.97, 49.5, 0.01, 0.01)), grid);
    expect(beside.window).toBeNull();
    expect(chunksTouched([beside], grid, 0)).toEqual([]);
    expect(chunksTouched([beside], grid, 3000).map(({ xIndex }) => xIndex)).toContain(0);
  });

  it('chunks are exactly those that the buffered window meets (seeded boxes)', () => {
    const random = seeded(31);
    const grid = gridOf(32633, 10, 400_000, 5_400_000, 1000, 64);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2000 }), (buffer) => {
        const placed = Array.from({ length: 5 }, (_, i): PlacedLabel => {
          const bounds = {
            col: Math.floor(random() * 1400) - 200,
            row: Math.floor(random() * 1400) - 200,
            width: 1 + Math.floor(random() * 90),
            height: 3,
          };
          return {
            labelId: i + 1,
            polygons: [],
            pixels: [],
            window: intersectWindows(bounds, { col: 0, row: 0, ...grid.size }),
            bounds,
          };
        });
        const expected: { yIndex: number; xIndex: number; labelIds: number[] }[] = [];
        for (let yIndex = 0; yIndex < 16; yIndex++) {
          for (let xIndex = 0; xIndex < 16; xIndex++) {
            const labelIds = placed.filter(({ bounds }) => {
              const near = bufferWindow(bounds, buffer, grid);
              return near !== null && intersectWindows(near, chunkWindow(grid, yIndex, xIndex)) !== null;
            });
            if (labelIds.length > 0)
              expected.push({ yIndex, xIndex, labelIds: labelIds.map(({ labelId }) => labelId) });
          }
        }
        expect(chunksTouched(placed, grid, buffer)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });
});

/** Largest distance, in pixels, of points along the true edges from the polyline that stands for them. */
function largestDistance(ring: Ring, placed: Ring, grid: GridSpec): number {
  const toPixel = invertAffine(grid.transform)!;
  const transform = createTransform(LON_LAT, grid.crs);
  let largest = 0;
  for (let edge = 0; edge + 3 < ring.length; edge += 2) {
    for (let step = 0; step <= 500; step++) {
      const t = step / 500;
      const xy = Float64Array.of(
        ring[edge]! + t * (ring[edge + 2]! - ring[edge]!),
        ring[edge + 1]! + t * (ring[edge + 3]! - ring[edge + 1]!),
      );
      transform.transform(xy);
      const x = toPixel[0] * xy[0]! + toPixel[2];
      const y = toPixel[4] * xy[1]! + toPixel[5];
      largest = Math.max(largest, distanceToLine(placed, x, y));
    }
  }
  return largest;
}

function distanceToLine(ring: Ring, x: number, y: number): number {
  let nearest = Infinity;
  for (let i = 0; i + 3 < ring.length; i += 2) {
    const [ax, ay, dx, dy] = [ring[i]!, ring[i + 1]!, ring[i + 2]! - ring[i]!, ring[i + 3]! - ring[i + 1]!];
    const t = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)));
    nearest = Math.min(nearest, Math.hypot(x - ax - t * dx, y - ay - t * dy));
  }
  return nearest;
}
