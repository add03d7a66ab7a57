import { latLngToCell, polygonToCellsExperimental } from 'h3-js';
import { describe, expect, it } from 'vitest';
import { isCubeError } from '../../src/errors.js';
import { h3Cell, h3Cover } from '../../src/vector/h3-cover.js';
import type { Geometry, Ring } from '../../src/vector/label.js';
import { boundsOf, locateInPolygon } from '../../src/vector/ring-maths.js';
import { seeded } from './mutate.js';

function polygon(...rings: Ring[]): Geometry {
  return { kind: 'polygons', polygons: [rings] };
}

function box(lon: number, lat: number, width: number, height: number): Ring {
  return Float64Array.of(lon, lat, lon + width, lat, lon + width, lat + height, lon, lat + height, lon, lat);
}

/** A ring around a point whose radius varies from vertex to vertex. */
function star(lon: number, lat: number, radius: number, random: () => number): Ring {
  const count = 5 + Math.floor(random() * 8);
  const xy: number[] = [];
  for (let i = 0; i < count; i++) {
    const angle = (2 * Math.PI * i) / count;
    const r = radius * (0.3 + 0.7 * random());
    xy.push(lon + (r * Math.cos(angle)) / Math.cos((lat * Math.PI) / 180), lat + r * Math.sin(angle));
  }
  return Float64Array.of(...xy, xy[0]!, xy[1]!);
}

/** Points of a polygon, inside and on its edges, whose cell is not in the cover. */
function uncovered(ring: Ring, resolution: number, cells: readonly bigint[], random: () => number): number {
  const known = new Set(cells);
  const { xmin, ymin, xmax, ymax } = boundsOf(ring);
  let missing = 0;
  for (let i = 0; i < 300; i++) {
    const edge = 2 * Math.floor(random() * (ring.length / 2 - 1));
    const t = random();
    const onEdge = i % 2 === 0;
    const lon = onEdge ? ring[edge]! + t * (ring[edge + 2]! - ring[edge]!) : xmin + t * (xmax - xmin);
    const lat = onEdge ? ring[edge + 1]! + t * (ring[edge + 3]! - ring[edge + 1]!) : ymin + random() * (ymax - ymin);
    if (!onEdge && locateInPolygon([ring], lon, lat) !== 1) continue;
    if (!known.has(h3Cell(lon, lat, resolution))) missing++;
  }
  return missing;
}

describe('H3 cover', () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])(
    'L7, P18: a 110 m square has a cell at resolution %i',
    (resolution) => {
      const side = 110 / 111_320;
      for (const [lon, lat] of [
        [10.5, 48.2],
        [-58.4, -34.6],
        [139.7, 35.7],
        [179.99, 0.3],
      ] as const) {
        const ring = box(lon, lat, side, side);
        const cells = h3Cover(polygon(ring), resolution);
        expect(cells.length).toBeGreaterThan(0);
        expect(uncovered(ring, resolution, cells, seeded(resolution))).toBe(0);
      }
    },
  );

  it('L7: every point of a polygon lies in a cell of its cover (seed 3)', () => {
    const random = seeded(3);
    for (let i = 0; i < 400; i++) {
      const resolution = Math.floor(random() * 12);
      const lat = -85 + 170 * random();
      const lon = -179 + 358 * random();
      const cell = 12 / 2.6457 ** resolution; // about the diameter in degrees
      const radius = Math.min(
        cell * 4 ** (3 * random() - 2),
        (90 - Math.abs(lat)) / 2,
        ((180 - Math.abs(lon)) / 2) * Math.cos((lat * Math.PI) / 180),
      );
      const ring = star(lon, lat, radius, random);
      expect(
        uncovered(ring, resolution, h3Cover(polygon(ring), resolution), random),
        `resolution ${resolution} at ${lon}, ${lat}, radius ${radius}`,
      ).toBe(0);
    }
  });

  it.each([
    ['around a pentagon', box(10.2, 58.2, 0.8, 0.6)],
    ['a polar cap', box(-180, 80, 360, 10)],
    ['half of the globe', box(-100, -60, 200, 100)],
    ['along the antimeridian', box(170, -20, 10, 30)],
    ['the south pole', box(-180, -90, 360, 12)],
  ])('L7: sound %s', (_, ring) => {
    for (const resolution of [0, 1, 2])
      expect(uncovered(ring, resolution, h3Cover(polygon(ring), resolution), seeded(5))).toBe(0);
  });

  it('agrees with the overlapping mode of H3 where its cells are small enough to have straight edges', () => {
    const random = seeded(9);
    for (let i = 0; i < 100; i++) {
      const ring = star(-170 + 340 * random(), -60 + 120 * random(), 0.001 + 0.01 * random(), random);
      const pairs = Array.from({ length: ring.length / 2 }, (_, k): [number, number] => [
        ring[2 * k]!,
        ring[2 * k + 1]!,
      ]);
      const expected = polygonToCellsExperimental([pairs], 9, 'containmentOverlapping', true)
        .map((cell) => BigInt(`0x${cell}`))
        .sort();
      expect(h3Cover(polygon(ring), 9).map(String)).toEqual(expect.arrayContaining(expected.map(String)));
    }
  });

  it('leaves out the cells inside a hole', () => {
    const hole = Float64Array.from(box(10.1, 48.1, 0.3, 0.3));
    const withHole = new Set(h3Cover(polygon(box(10, 48, 0.5, 0.5), hole), 7));
    expect(withHole.has(BigInt(`0x${latLngToCell(48.25, 10.25, 7)}`))).toBe(false);
    expect(withHole.has(BigInt(`0x${latLngToCell(48.05, 10.05, 7)}`))).toBe(true);
  });

  it('covers points, each by its own cell', () => {
    expect(h3Cover({ kind: 'points', points: Float64Array.of(10, 48, 10, 48, 11, 48) }, 10)).toHaveLength(2);
  });

  it('refuses a cover of millions of cells and names a resolution that fits', () => {
    let problem: unknown = null;
    try {
      h3Cover(polygon(box(0, 40, 10, 10)), 12);
    } catch (error) {
      if (isCubeError(error)) problem = error.problem;
    }
    expect(problem).toMatchObject({ kind: 'invalid-spec', path: 'labels.h3', fix: 'set it to 7 or lower' });
  });
});
